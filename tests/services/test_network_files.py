"""With a file of networks alerts say whose they are, and a device may change its address at its provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from provserver.app import Services, build
from provserver.monitor.cef import cef
from provserver.outlet_settings import WhereaboutsSettings
from provserver.release import Proof
from provserver.settings import MonitorSettings, Settings
from provserver.storage.monitor_tables import ALERT
from tests.clocks import HOUR_MS, FakeClock
from tests.networks import ASN, COUNTRY, write
from tests.services.fleet import ask, boot, put, running, yealink
from tests.services.test_locks import seen as told
from tests.services.test_monitor import walk
from tests.services.test_sightings import DELIVERED, seen

MAC = "805ec0aabbcc"


@pytest.fixture
def files(tmp_path: Path) -> WhereaboutsSettings:
    return WhereaboutsSettings(asn=write(tmp_path / "asn.mmdb", ASN), country=write(tmp_path / "country.mmdb", COUNTRY))


@pytest.fixture
async def knowing(settings: Settings, clock: FakeClock, files: WhereaboutsSettings) -> AsyncIterator[Services]:
    """A server that has read its files of networks."""
    changed = settings.model_copy(update={"whereabouts": files, "monitor": MonitorSettings(allow=())})
    async with build(changed, actor="server", clock=clock) as services:
        await services.network_files.follow()
        yield services


async def test_an_alert_says_whose_its_sources_are(knowing: Services, clock: FakeClock) -> None:
    with capture_logs() as said:
        await walk(knowing, clock, address="192.0.2.7")

    (alert,) = await knowing.bans.alerts()
    assert alert["evidence"]["holders"] == ["AS64500 Example Net DE"]
    assert "cs4=AS64500 Example Net DE" in cef(alert, version="1")
    assert [line["holders"] for line in said if line["event"] == "alert.raised"] == [["AS64500 Example Net DE"]]


async def test_an_alert_from_before_there_was_a_file_is_still_read(knowing: Services, clock: FakeClock) -> None:
    await walk(knowing, clock, address="192.0.2.7")
    async with knowing.storage.transaction() as tx:
        await tx.execute(ALERT.update().values(evidence='{"count":1,"known":0,"since":0,"samples":[],"sources":[]}'))

    (alert,) = await knowing.bans.alerts()

    assert "cs4" not in cef(alert, version="1")


async def fetched(services: Services, clock: FakeClock, address: str) -> list[str]:
    """A phone that was first delivered to 192.0.2.0/24 is sent its credentials at *address*; the alerts."""
    fields: dict[str, Any] = {"proof": Proof.LASTING_TOKEN, "home": "192.0.2.0/24", "address": address, **DELIVERED}
    services.monitor.saw(seen(at=clock.wall_ms(), mac=MAC, **fields))
    await services.monitor.work()
    return [alert["detector"] for alert in await services.bans.alerts()]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.9", []),  # another network of the same system
        ("203.0.113.9", ["network-change"]),  # another system
        ("192.0.3.9", ["network-change"]),  # nobody knows whose
    ],
)
async def test_a_new_address_at_the_same_provider_is_no_move(
    knowing: Services, clock: FakeClock, address: str, expected: list[str]
) -> None:
    assert await fetched(knowing, clock, address) == expected


@pytest.mark.parametrize(
    ("address", "fixed", "status"),
    [
        ("198.51.100.9", False, 200),  # another network of the same system
        ("203.0.113.9", False, 404),  # another system
        ("192.0.3.9", False, 404),  # nobody knows whose
        ("198.51.100.9", True, 404),  # its tenant says that its phones stay where they are
    ],
)
async def test_a_first_url_is_good_at_the_provider_of_the_first_delivery(
    settings: Settings, clock: FakeClock, files: WhereaboutsSettings, address: str, *, fixed: bool, status: int
) -> None:
    async with running(settings.model_copy(update={"whereabouts": files}), clock) as services:
        await services.network_files.follow()
        tenant = await services.tenants.add("acme")
        await services.tenants.decide("acme", fixed_networks=fixed)
        device = await put(services, yealink(tenant))
        await boot(services)
        clock.advance_ms(HOUR_MS)

        file = f"{services.devices.bootstrap_token(device).reveal()}/{device.mac}.cfg"
        answer = await ask(services, file, address=address)
        await told(services, answer, address=address)

        assert (answer.status, answer.reason) == ((200, None) if status == 200 else (404, "moved"))
        assert ((await services.devices.get(device.mac)).locked_at is not None) == (status == 404)


async def test_without_a_file_another_network_is_elsewhere(services: Services, clock: FakeClock) -> None:
    assert await fetched(services, clock, "198.51.100.9") == ["network-change"]


async def test_a_broken_file_is_said_once_and_the_server_works_on(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    broken = tmp_path / "asn.mmdb"
    broken.write_bytes(b"no database")
    changed = settings.model_copy(update={"whereabouts": WhereaboutsSettings(asn=broken)})
    async with build(changed, actor="server", clock=clock) as services:
        with capture_logs() as said:
            for _ in range(3):
                await services.network_files.follow()
        await walk(services, clock)
        assert services.monitor.is_banned("192.0.2.7")

        write(broken, ASN)
        with capture_logs() as mended:
            await services.network_files.follow()
        metrics = services.metrics.render().decode()

    assert [(line["event"], line["problem"]) for line in said] == [
        ("whereabouts.unusable", f"whereabouts.asn {broken}: is no database of networks that can be read")
    ]
    assert [(line["event"], line["file"]) for line in mended] == [("whereabouts.loaded", "asn")]
    assert 'provserver_whereabouts_reloads_total{result="failed"} 1.0' in metrics
    assert 'provserver_whereabouts_reloads_total{result="succeeded"} 1.0' in metrics
    assert 'provserver_whereabouts_build_timestamp_seconds{file="asn"} 0.0' not in metrics


async def test_a_missing_file_is_said_once(settings: Settings, clock: FakeClock, tmp_path: Path) -> None:
    changed = settings.model_copy(update={"whereabouts": WhereaboutsSettings(country=tmp_path / "missing")})
    async with build(changed, actor="server", clock=clock) as services:
        with capture_logs() as said:
            for _ in range(3):
                await services.network_files.follow()

    assert [line["event"] for line in said] == ["whereabouts.unusable"]
