"""Alerts reach log collectors as CEF in syslog messages, and rsyslog understands them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pydantic import ValidationError

from provserver.app import Services, build
from provserver.outlet_settings import OutboundSettings, SyslogSettings
from provserver.settings import Settings
from tests.certificates import self_signed
from tests.clocks import FakeClock
from tests.outbound.rsyslog import PROGRAM, rsyslog
from tests.outbound.test_syslog import listening
from tests.services.outlets import raise_alerts, sending

HOSTILE = "x\n<1>1 - evil|\\|a=b €"


@pytest.mark.peer
@pytest.mark.skipif(PROGRAM is None, reason="rsyslogd is not installed")
@pytest.mark.parametrize("kind", ["udp", "tcp", "tls", "unix"])
async def test_rsyslog_understands_every_field(settings: Settings, clock: FakeClock, tmp_path: Path, kind: str) -> None:
    _, trust = self_signed(tmp_path)
    async with (
        rsyslog(tmp_path, tls=kind == "tls") as collector,
        build(settings, actor="server", clock=clock) as services,
        sending(
            services,
            clock,
            syslog=SyslogSettings(target=collector.targets[kind], facility="audit"),
            outbound=OutboundSettings(authorities=trust),
        ) as job,
    ):
        await job.run()
        await raise_alerts(services, 2)
        await raise_alerts(services, 1, value=HOSTILE)
        await job.run()

        first, second, third = await collector.received(3)

    pri, at, host, program, process, kind_of, data, text = first
    assert (pri, at, host) == (str(13 * 8 + 4), "2025-10-09T08:53:20Z", socket.gethostname())
    assert (program, process.isdecimal(), kind_of, data) == ("provserver", True, "alert", "-")
    assert text.strip().startswith("CEF:0|provserver|provserver|")
    assert "externalId=1 " in text
    assert "externalId=2 " in second[7]
    assert "cs2=x<1>1 - evil|\\\\|a\\=b €" in third[7]  # in one line, and escaped


async def test_a_collector_that_was_away_gets_all_in_their_order(settings: Settings, clock: FakeClock) -> None:
    async with listening() as collector:
        port = collector.port
    wanted = SyslogSettings(target=f"tcp://127.0.0.1:{port}")
    async with build(settings, actor="server", clock=clock) as services:
        await away(services, clock, wanted)

    async with (
        listening() as collector,
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, syslog=SyslogSettings(target=f"tcp://127.0.0.1:{collector.port}")) as job,
    ):
        await job.run()
        await collector.ended(3)
        said = services.metrics.render().decode()

    ids = [int(message.partition(b"externalId=")[2].split(b" ")[0]) for message in collector.messages]
    assert ids == list(range(1, 121))
    assert 'provserver_outlet_alerts_total{outlet="syslog"} 120.0' in said


async def away(services: Services, clock: FakeClock, wanted: SyslogSettings) -> None:
    """Alerts are raised while nobody collects."""
    async with sending(services, clock, syslog=wanted) as job:
        await job.run()
        await raise_alerts(services, 120)
        await job.run()
        assert 'provserver_outlet_waiting_alerts{outlet="syslog"} 120.0' in services.metrics.render().decode()


@pytest.mark.parametrize(
    "target", ["syslog.example.com", "tcp://x", "udp://x:a", "tcp://a@b:1", "unix://log", "http://x:1", "tcp://x:1\n"]
)
def test_a_target_is_one_of_four_kinds(target: str) -> None:
    with pytest.raises(ValidationError, match="must be udp://"):
        SyslogSettings(target=target)


def test_a_facility_has_a_known_name() -> None:
    with pytest.raises(ValidationError, match="must be one of auth, authpriv"):
        SyslogSettings(facility="mail")
