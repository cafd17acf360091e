"""What the monitor of a running server says reaches everybody who was to hear of it, also over the server's death."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from provserver.clock import SystemClock
from tests.certificates import self_signed
from tests.outbound import local_api
from tests.outbound.fake_local_api import Fake, faking
from tests.outbound.mailbox import Mailbox, mailbox
from tests.outbound.test_syslog import Collector, listening
from tests.services.webhook import SECRET, Receiver, receiving
from tests.system.fleet import rows, until_stored
from tests.system.server import Nursery, Server, log_of, opened, settings_for
from tests.system.wire import fetch

CANARY = "805ec0aabbcc"
STRANGER = "192.0.2.77"
MAIL_PASSWORD = "correct-horse-mail"
OUTLETS = ("mail", "syslog", "webhook")
WAIT_S = 60.0  # for what takes seconds; a busy machine is no mistake of the code


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """All of them, and the settings by which a server finds them."""

    webhook: Receiver
    mail: Mailbox
    syslog: Collector
    crowdsec: Fake
    settings: dict[str, str]


@asynccontextmanager
async def receivers(folder: Path) -> AsyncIterator[Receivers]:
    """Everybody listens, and shows a certificate where there is TLS."""
    context, trust = self_signed(folder)
    async with (
        receiving(SystemClock(), tls=context) as webhook,
        mailbox(users={"alerts": MAIL_PASSWORD}, starttls=context) as mail,
        listening(tls=context) as syslog,
        faking() as crowdsec,
    ):
        yield Receivers(
            webhook=webhook,
            mail=mail,
            syslog=syslog,
            crowdsec=crowdsec,
            settings=found_by(
                folder, trust, webhook=webhook.url, mail=mail.port, syslog=syslog.port, crowdsec=crowdsec.url
            ),
        )


def found_by(folder: Path, trust: Path, *, webhook: str, mail: int, syslog: int, crowdsec: str) -> dict[str, str]:
    """The settings of a server."""
    secrets = {"webhook": SECRET, "mail": MAIL_PASSWORD, "crowdsec": local_api.PASSWORD}
    for name, text in secrets.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text, encoding="utf-8")
    return {
        "MONITOR__CANARIES": CANARY,
        "PHONE__TRUSTED_PROXIES": "127.0.0.0/8",
        "OUTBOUND__AUTHORITIES": str(trust),
        "ALERTS__WEBHOOK": webhook,
        "ALERTS__WEBHOOK_SECRET": str(folder / "webhook"),
        "MAIL__HOST": "127.0.0.1",
        "MAIL__PORT": str(mail),
        "MAIL__USER": "alerts",
        "MAIL__PASSWORD": str(folder / "mail"),
        "MAIL__SENDER": "provserver@example.com",
        "MAIL__RECIPIENTS": "noc@example.com, boss@example.com",
        "SYSLOG__TARGET": f"tls://127.0.0.1:{syslog}",
        "CROWDSEC__URL": crowdsec,
        "CROWDSEC__PASSWORD": str(folder / "crowdsec"),
    }


async def attacked(data: Path, server: Server) -> None:
    """A stranger asks for what no phone has, once every outlet knows where it begins."""
    for name in OUTLETS:
        await until_stored(data, "SELECT 1 FROM meta WHERE name = ?", f"alerts.{name}")
    reply = await fetch(server.phone, f"/{CANARY}.cfg", headers={"X-Forwarded-For": STRANGER})
    assert reply.status == 404
    await until_stored(data, "SELECT 1 FROM decision WHERE value = ? AND measure = 'ban'", STRANGER)


async def heard(data: Path, all_of_them: Receivers) -> list[int]:
    """Wait until everybody has heard of every alert; their ids."""

    def ids() -> list[int]:
        return [row["id"] for row in rows(data, "SELECT id FROM alert ORDER BY id")]

    await until(lambda: all_of_them.webhook.got == ids())
    await until(lambda: len(all_of_them.mail.taken) == len(ids()))
    await until(lambda: len(all_of_them.syslog.messages) == len(ids()))
    return ids()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until *is_so*."""
    async with asyncio.timeout(WAIT_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens in another process, which tells nobody
            await asyncio.sleep(0.05)


@pytest.mark.timeout(240)  # a server that starts, and jobs that run every few seconds
async def test_an_alert_reaches_everybody_once_and_a_ban_goes_and_comes(nursery: Nursery, tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "log"
    async with (
        receivers(tmp_path) as all_of_them,
        opened(settings_for(data)) as services,
        nursery.serving(data, output, **all_of_them.settings) as server,
    ):
        await attacked(data, server)
        ids = await heard(data, all_of_them)
        await until(lambda: all_of_them.crowdsec.targets == [STRANGER])
        said = (await fetch(server.ops, "/metrics")).body.decode()

        await services.bans.remove(STRANGER)
        await until(lambda: all_of_them.crowdsec.targets == [])

    (taken,) = [one for one in all_of_them.mail.taken if "canary" in str(one.message["Subject"])]
    assert (taken.recipients, taken.encrypted) == (["noc@example.com", "boss@example.com"], True)
    assert STRANGER in str(taken.message["Subject"])
    assert any(b"|canary|" in message for message in all_of_them.syslog.messages)
    for name in OUTLETS:
        assert f'provserver_outlet_alerts_total{{outlet="{name}"}} {len(ids)}.0' in said
    assert 'provserver_outbound_call_seconds_count{result="answered",service="webhook"} 0.0' not in said
    assert "provserver_crowdsec_decisions_held 1.0" in said
    assert {str(line["event"]) for line in log_of(output)} & {
        "alert.unsent",
        "crowdsec.unreached",
        "job.failed",
    } == set()
    for secret in (SECRET, MAIL_PASSWORD, local_api.PASSWORD, "token-1"):
        assert secret not in output.read_text() + said


@pytest.mark.timeout(240)  # as above, and another start
async def test_who_was_away_hears_of_it_from_the_next_process(nursery: Nursery, tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "log"
    _, trust = self_signed(tmp_path)
    nobody = found_by(
        tmp_path, trust, webhook="http://127.0.0.1:1/hook", mail=1, syslog=1, crowdsec="http://127.0.0.1:1"
    )
    async with nursery.serving(data, output, **nobody) as server:
        await attacked(data, server)
        await until(lambda: {line.get("outlet") for line in log_of(output)} >= set(OUTLETS))
        server.kill()
        assert await nursery.ended() == -9

    async with receivers(tmp_path) as all_of_them, nursery.serving(data, output, **all_of_them.settings):
        await heard(data, all_of_them)
        await until(lambda: all_of_them.crowdsec.targets == [STRANGER])


@pytest.mark.peer
@pytest.mark.skipif(local_api.PROGRAM is None, reason="crowdsec is not installed")
@pytest.mark.timeout(240)  # two servers that start
async def test_the_real_crowdsec_carries_out_what_a_running_server_bans(nursery: Nursery, tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "crowdsec-here"
    folder.mkdir()
    async with local_api.local_api(folder) as api, receivers(tmp_path) as others:
        settings = {**others.settings, "CROWDSEC__URL": api.url}
        async with (
            opened(settings_for(data)) as services,
            nursery.serving(data, tmp_path / "log", **settings) as server,
        ):
            await attacked(data, server)
            await told(api, {STRANGER})
            await services.bans.remove(STRANGER)
            await told(api, set())


async def told(api: local_api.LocalAPIServer, targets: set[str]) -> None:
    """Wait until those who carry bans out would be told of *targets*."""
    async with asyncio.timeout(WAIT_S):
        while set(await api.decisions()) != targets:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.2)
