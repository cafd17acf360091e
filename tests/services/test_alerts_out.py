"""Alerts reach a webhook: signed, in order, each at least once, whatever happens in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from provserver.app import Services, build
from provserver.app.outlets import build_outlets
from provserver.errors import ConfigurationError
from provserver.outlet_settings import AlertSettings
from provserver.settings import Settings
from tests.clocks import FakeClock
from tests.services.outlets import raise_alerts, sending
from tests.services.webhook import SECRET, Receiver, receiving


@pytest.fixture
async def receiver(clock: FakeClock) -> AsyncIterator[Receiver]:
    async with receiving(clock) as receiver:
        yield receiver


def alert_settings(url: str, tmp_path: Path) -> AlertSettings:
    file = tmp_path / "webhook.secret"
    file.touch(mode=0o600)
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    return AlertSettings(webhook=url, webhook_secret=file)


def rendered(services: Services) -> str:
    return services.metrics.render().decode()


async def test_alerts_arrive_once_in_their_order(
    settings: Settings, clock: FakeClock, receiver: Receiver, tmp_path: Path
) -> None:
    async with build(settings, actor="server", clock=clock) as services:
        await raise_alerts(services, 3)  # before there was a webhook
        async with sending(services, clock, alerts=alert_settings(receiver.url, tmp_path)) as job:
            await job.run()
            await raise_alerts(services, 120)

            await job.run()
            await job.run()

    assert receiver.got == list(range(4, 124))
    assert receiver.asked == 3  # fifty together


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_what_was_not_taken_is_sent_again_after_a_growing_while(
    settings: Settings, clock: FakeClock, receiver: Receiver, tmp_path: Path, status: int
) -> None:
    async with (
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, alerts=alert_settings(receiver.url, tmp_path)) as job,
    ):
        await job.run()
        await raise_alerts(services, 1)
        receiver.status = status
        tries = []
        for _ in range(60):
            before = receiver.asked
            await job.run()
            tries += [clock.monotonic()] if receiver.asked > before else []
            clock.advance_ms(1_000)
        receiver.status = 204
        clock.advance_ms(120_000)
        await job.run()

    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert 3 <= len(tries) <= 6
    assert waits == sorted(waits)
    assert receiver.got == [1]


async def test_a_restart_loses_nothing(
    settings: Settings, clock: FakeClock, receiver: Receiver, tmp_path: Path
) -> None:
    wanted = alert_settings(receiver.url, tmp_path)
    async with (
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, alerts=wanted) as job,
    ):
        await job.run()
        receiver.status = 503
        await raise_alerts(services, 2)
        await job.run()
    receiver.status = 204

    async with (
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, alerts=wanted) as job,
    ):
        await job.run()

    assert receiver.got == [1, 2]


async def test_what_went_out_and_what_waits_is_counted(
    settings: Settings, clock: FakeClock, receiver: Receiver, tmp_path: Path
) -> None:
    async with build(settings, actor="server", clock=clock) as services:
        async with sending(services, clock, alerts=alert_settings(receiver.url, tmp_path)) as job:
            await job.run()
            await raise_alerts(services, 3)
            receiver.status = 503
            await job.run()
            await job.run()  # not yet time: nothing is sent, what waits is known
            assert 'provserver_outlet_waiting_alerts{outlet="webhook"} 3.0' in rendered(services)
            receiver.status = 204
            clock.advance_ms(10_000)
            await job.run()
        said = rendered(services)

    for line in (
        'provserver_outlet_waiting_alerts{outlet="webhook"} 0.0',
        'provserver_outlet_alerts_total{outlet="webhook"} 3.0',
        'provserver_outlet_sends_total{outlet="webhook",result="failed"} 1.0',
        'provserver_outlet_sends_total{outlet="webhook",result="taken"} 1.0',
        'provserver_outbound_call_seconds_count{result="failed",service="webhook"} 1.0',
        'provserver_outbound_call_seconds_count{result="answered",service="webhook"} 1.0',
    ):
        assert line in said


@pytest.mark.parametrize(
    ("mode", "text", "complaint"),
    [
        (0o644, SECRET, "can be read by others"),
        (0o600, "short", "holds less than 16 characters"),
        (None, "", "cannot read"),
    ],
)
async def test_nothing_goes_out_unsigned(
    settings: Settings, tmp_path: Path, mode: int | None, text: str, complaint: str
) -> None:
    file = tmp_path / "secret"
    if mode is not None:
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
    wanted, clock = AlertSettings(webhook="https://alerts.example.com/", webhook_secret=file), FakeClock()

    async with build(settings, actor="server", clock=clock) as services:
        with pytest.raises(ConfigurationError, match=complaint):
            build_outlets(
                replace(services, settings=services.settings.model_copy(update={"alerts": wanted})), clock=clock
            )


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://x",
        "https://user@example.com",
        "http://localhost.evil/",
        "http://localhost:1@evil/",
    ],
)
def test_a_webhook_is_https_or_on_this_machine(url: str) -> None:
    with pytest.raises(ValidationError, match="must be an https URL"):
        AlertSettings(webhook=url)
