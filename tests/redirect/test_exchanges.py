"""What each client sends is what its maker's service takes, byte for byte, and every answer means what it says."""

from __future__ import annotations

import pytest

from provserver import errors, metric_labels
from provserver.domain.registration import RegistrationState
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Ability, Outcome
from provserver.vendors import load_vendors
from tests.clocks import FakeClock
from tests.redirect.loopback import loopback
from tests.redirect.recordings import Recording, client, perform, recordings

ALL = recordings()
OPERATORS_OWN = ("auerswald", "unify")  # makers that are not built in: their devices come by a folder of the operator's


@pytest.mark.parametrize("recording", ALL, ids=lambda r: f"{r.service}-{r.name}")
async def test_an_exchange_is_as_recorded(recording: Recording, channel: Channel, clock: FakeClock) -> None:
    async with loopback(*recording.replies) as service:
        asked = client(recording.service, channel, service.url, clock)
        raised = recording.facts.get("raises")
        if raised is None:
            found = [
                {name: _local(value, service.url) for name, value in one.items()}
                for one in await perform(asked, recording)
            ]
            assert found == recording.facts.get("results", [])
        else:
            with pytest.raises(getattr(errors, raised)) as told:
                await perform(asked, recording)
            assert str(told.value) == recording.facts["said"]

    assert recording.differences(service.requests) == []


def _local(value: str, url: str) -> str:
    return value.replace(url, "http://service")


@pytest.mark.parametrize("slug", SERVICES)
def test_every_ability_of_a_service_has_a_recording(slug: str) -> None:
    service = SERVICES[slug]
    recorded = {recording.facts["operation"] for recording in ALL if recording.service == slug}

    wanted = {
        Ability.WITHDRAW: "withdraw",
        Ability.LOOK_UP: "look_up",
        Ability.LIST: "entries",
        Ability.CHECK: "check_credentials",
    }
    assert {"register"} | {name for ability, name in wanted.items() if service.can(ability)} == recorded


@pytest.mark.parametrize("slug", SERVICES)
def test_every_service_says_when_a_device_is_somebody_elses_or_wrong(slug: str) -> None:
    outcomes = {
        result["outcome"]
        for recording in ALL
        if recording.service == slug and recording.facts["operation"] == "register"
        for result in recording.facts.get("results", [])
    }

    assert outcomes >= {"registered", "owned_by_another", "bad_mac"}


@pytest.mark.parametrize("slug", SERVICES)
def test_every_service_knows_devices_of_a_maker_that_there_is(slug: str) -> None:
    service = SERVICES[slug]

    assert service.slug == slug
    assert service.maker in {*(vendor.slug for vendor in load_vendors()), *OPERATORS_OWN}
    assert service.endpoint is None or service.endpoint.startswith("https://")
    assert not service.suffix or service.can(Ability.OWN_URL)


def test_metrics_know_every_service_state_and_outcome() -> None:
    assert set(metric_labels.REDIRECT_SERVICES) == set(SERVICES)
    assert set(metric_labels.REDIRECT_OUTCOMES) == {outcome.value for outcome in Outcome}
    assert set(metric_labels.REGISTRATION_STATES) == {state.value for state in RegistrationState}
