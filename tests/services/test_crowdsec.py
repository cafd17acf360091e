"""CrowdSec's local API holds what is in force here, whatever happens in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from provserver.app import Services, build
from provserver.clock import SystemClock
from provserver.monitor.decision import Decision, Measure, Origin, Scope
from provserver.outlet_settings import CrowdSecSettings
from provserver.settings import Settings
from provserver.storage import decisions
from tests.clocks import FakeClock
from tests.outbound.fake_local_api import faking
from tests.outbound.local_api import MACHINE, PASSWORD, PROGRAM, LocalAPIServer, local_api
from tests.services.outlets import sending

needs_crowdsec = pytest.mark.skipif(PROGRAM is None, reason="crowdsec is not installed")


def crowdsec_settings(url: str, folder: Path) -> CrowdSecSettings:
    file = folder / "crowdsec.password"
    file.touch(mode=0o600)
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return CrowdSecSettings(url=url, machine=MACHINE, password=file)


async def decide(services: Services, value: str, **fields: Any) -> None:  # noqa: ANN401 - parts of a decision
    """The monitor has banned an address for an hour."""
    now = services.context.clock.now_ms() / 1000
    made: dict[str, Any] = {
        "at": now,
        "until": now + 3_600,
        "scope": Scope.ADDRESS,
        "value": value,
        "measure": Measure.BAN,
        "reason": "mac-walk",
        **fields,
    }
    async with services.storage.transaction() as tx:
        await decisions.insert_decision(tx, Decision(**made), None)


@pytest.mark.peer
@needs_crowdsec
async def test_the_real_one_holds_what_is_in_force(settings: Settings, tmp_path: Path) -> None:
    """In its own time: it compares durations with its own clock."""
    folder = tmp_path / "crowdsec"
    folder.mkdir()
    async with local_api(folder) as api:
        await api.add("198.51.100.9")  # by somebody else
        async with build(settings, actor="server", clock=SystemClock()) as services:
            await decide(services, "192.0.2.7")
            await decide(services, "2001:db8::/64")
            await decide(services, "192.0.2.64/26", scope=Scope.PREFIX)
            await decide(services, "192.0.2.8", simulated=True)
            await decide(services, "192.0.2.9", measure=Measure.LIMIT)
            await decide(services, "192.0.2.10", origin=Origin.IMPORT)
            await services.bans.add("198.51.100.9")
            async with sending(services, SystemClock(), crowdsec=crowdsec_settings(api.url, tmp_path)) as job:
                await job.run()

                held = await ours(api)
                assert set(held) == {"192.0.2.7", "2001:db8::/64", "192.0.2.64/26", "198.51.100.9"}
                assert (held["192.0.2.7"]["scenario"], held["192.0.2.7"]["scope"]) == ("provserver/mac-walk", "Ip")
                assert held["2001:db8::/64"]["scope"] == held["192.0.2.64/26"]["scope"] == "Range"
                assert held["192.0.2.7"]["duration"].startswith("59m")
                assert held["198.51.100.9"]["duration"].startswith("9599h")

                await services.bans.remove("192.0.2.7")
                await services.bans.remove("198.51.100.9")
                await job.run()
                assert set(await ours(api)) == {"2001:db8::/64", "192.0.2.64/26"}
                assert (await api.decisions())["198.51.100.9"]["origin"] == "cscli", "what is theirs stays"


@pytest.mark.peer
@needs_crowdsec
async def test_after_a_restart_the_real_one_is_asked_what_it_holds(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "crowdsec"
    folder.mkdir()
    async with local_api(folder) as api:
        wanted = crowdsec_settings(api.url, tmp_path)
        async with build(settings, actor="server", clock=SystemClock()) as services:
            await decide(services, "192.0.2.7")
            await decide(services, "192.0.2.8")
            async with sending(services, SystemClock(), crowdsec=wanted) as job:
                await job.run()
        await api.delete("192.0.2.7")  # somebody takes out what is in force here
        async with build(settings, actor="server", clock=SystemClock()) as services:
            await services.bans.remove("192.0.2.8")
            async with sending(services, SystemClock(), crowdsec=wanted) as job:
                await job.run()
                await job.run()
            said = services.metrics.render().decode()

        assert set(await ours(api)) == {"192.0.2.7"}
    assert 'provserver_crowdsec_decisions_total{result="pushed"} 1.0' in said
    assert 'provserver_crowdsec_decisions_total{result="withdrawn"} 1.0' in said
    assert "provserver_crowdsec_decisions_held 1.0" in said


async def ours(api: LocalAPIServer) -> dict[str, dict[str, Any]]:
    return {target: one for target, one in (await api.decisions()).items() if one["origin"] == "provserver"}


async def test_a_token_that_has_run_out_is_asked_for_anew(settings: Settings, clock: FakeClock, tmp_path: Path) -> None:
    async with (
        faking() as fake,
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, crowdsec=crowdsec_settings(fake.url, tmp_path)) as job,
    ):
        await decide(services, "192.0.2.7")
        await job.run()
        fake.tokens.clear()
        await decide(services, "192.0.2.8")
        await job.run()

    assert (fake.targets, fake.logins) == (["192.0.2.7", "192.0.2.8"], 2)


@pytest.mark.parametrize(
    "what", ["POST /v1/watchers/login", "GET /v1/alerts", "POST /v1/alerts", "DELETE /v1/decisions/10"]
)
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "text": "oops"},
        {"status": 403, "text": "{}"},
        {"status": 302, "headers": {"Location": "/x"}},
        {"status": 200, "text": "<html>"},
        {"status": 200, "text": '[{"a": 1}]'},
        {"status": 201, "text": "[1, 2, 3]"},
    ],
    ids=["500", "403", "302", "html", "objects", "numbers"],
)
async def test_a_fault_is_said_and_made_up_for_later(
    settings: Settings, clock: FakeClock, tmp_path: Path, what: str, fault: dict[str, Any]
) -> None:
    async with (
        faking() as fake,
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, crowdsec=crowdsec_settings(fake.url, tmp_path)) as job,
    ):
        await decide(services, "192.0.2.7")
        if what.startswith("DELETE"):
            await job.run()
            await services.bans.remove("192.0.2.7")
        fake.broken = {what: web.Response(**fault)}
        await job.run()
        fake.broken = {}
        asked = fake.asked
        await job.run()
        clock.advance_ms(10_000)
        harmless = what.startswith("DELETE") and fault["status"] < 300  # a status of success is believed
        assert fake.asked == asked or harmless, "it is left alone for a while"
        await job.run()
        said = services.metrics.render().decode()

        assert f'provserver_crowdsec_decisions_total{{result="failed"}} {0 if harmless else 1}.0' in said
    assert fake.targets == ([] if what.startswith("DELETE") and not harmless else ["192.0.2.7"])


async def test_a_wrong_password_is_said_without_it(
    settings: Settings, clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = crowdsec_settings("", tmp_path)
    (tmp_path / "crowdsec.password").write_text("another-horse-machine\n", encoding="utf-8")
    async with (
        faking() as fake,
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, crowdsec=wanted.model_copy(update={"url": fake.url})) as job,
    ):
        await job.run()
        await job.run()

    assert (fake.asked, fake.logins) == (1, 0)
    assert "another-horse" not in caplog.text


async def test_thousands_of_bans_go_in_few_requests(settings: Settings, clock: FakeClock, tmp_path: Path) -> None:
    async with (
        faking() as fake,
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, crowdsec=crowdsec_settings(fake.url, tmp_path)) as job,
    ):
        async with services.storage.transaction() as tx:
            await decisions.insert_decisions(tx, [banned(number) for number in range(1_200)])
        await job.run()

        assert (len(fake.alerts), fake.asked) == (1_200, 1 + 1 + 3)
        asked = fake.asked
        await job.run()
        assert fake.asked == asked, "nothing has changed"


def banned(number: int) -> Decision:
    value = f"198.51.{number // 256}.{number % 256}"
    return Decision(at=0, until=None, scope=Scope.ADDRESS, value=value, measure=Measure.BAN, reason="mac-walk")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"url": "http://198.51.100.1:8080"}, "must be an https URL"),
        ({"url": "https://a:b@lapi.example.com"}, "must be an https URL"),
        ({"url": "https://lapi.example.com"}, "password must be"),
        ({"machine": "a b"}, "machine"),
    ],
)
def test_settings_that_would_show_the_password_are_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        CrowdSecSettings(**fields)
