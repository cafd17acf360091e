"""Alerts reach people by mail: each once, alone while they are few, together when they are many."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from provserver.app import build
from provserver.errors import ConfigurationError
from provserver.outlet_settings import MailSettings, OutboundSettings
from provserver.settings import Settings
from tests.certificates import self_signed
from tests.clocks import FakeClock
from tests.outbound.mailbox import Mailbox, mailbox
from tests.services.outlets import raise_alerts, sending

PASSWORD = "correct-horse-mail"
TO = ("noc@example.com", "boss@example.com")


def mail_settings(box: Mailbox, **fields: object) -> MailSettings:
    return MailSettings(
        host="127.0.0.1",
        port=box.port,
        security="none",
        sender="provserver@example.com",
        recipients=TO,
        **fields,  # type: ignore[arg-type]
    )


def subjects(box: Mailbox) -> list[str]:
    return [str(taken.message["Subject"]).partition("] ")[2] for taken in box.taken]


async def test_few_alerts_are_a_mail_each_and_a_flood_is_a_few_digests(settings: Settings, clock: FakeClock) -> None:
    async with (
        mailbox() as box,
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, mail=mail_settings(box, burst=3, per_hour=12)) as job,
    ):
        await job.run()
        await raise_alerts(services, 2)
        await job.run()
        assert subjects(box) == ["mac-walk: 192.0.2.7"] * 2

        for _ in range(3_600):  # an hour, and an alert every second
            await raise_alerts(services, 1, detector="junk")
            await job.run()
            clock.advance_ms(1_000)

        flood = subjects(box)[2:]
        assert flood[0] == "junk: 192.0.2.7"  # what room was left
        assert 12 <= len(flood) <= 14
        clock.advance_ms(300_000)
        await job.run()

    assert all(taken.recipients == list(TO) for taken in box.taken)
    counted = [int(text.partition(" ")[0]) for text in subjects(box)[2:] if " alerts: " in text]
    assert sum(counted) + len(subjects(box)) - len(counted) == 3_602, "each alert is in one mail"


async def test_a_restart_loses_nothing_and_repeats_nothing(settings: Settings, clock: FakeClock) -> None:
    async with mailbox() as box:
        wanted = mail_settings(box)
        async with (
            build(settings, actor="server", clock=clock) as services,
            sending(services, clock, mail=wanted) as job,
        ):
            await job.run()
            await raise_alerts(services, 1, detector="first")
            await job.run()
            box.answer = "451 later"
            await raise_alerts(services, 1, detector="second")
            await job.run()
        box.answer = "250 taken"

        async with (
            build(settings, actor="server", clock=clock) as services,
            sending(services, clock, mail=wanted) as job,
        ):
            await job.run()
            await job.run()

    assert subjects(box) == ["first: 192.0.2.7", "second: 192.0.2.7"]


async def test_a_server_that_does_not_take_it_is_tried_again_later_and_later(
    settings: Settings, clock: FakeClock
) -> None:
    async with (
        mailbox() as box,
        build(settings, actor="server", clock=clock) as services,
        sending(services, clock, mail=mail_settings(box)) as job,
    ):
        await job.run()
        await raise_alerts(services, 1)
        box.answer = "554 no"
        for _ in range(60):
            await job.run()
            clock.advance_ms(1_000)
        assert 3 <= box.asked <= 6
        box.answer = "250 taken"
        clock.advance_ms(120_000)
        await job.run()
        said = services.metrics.render().decode()

    assert subjects(box) == ["mac-walk: 192.0.2.7"]
    assert 'provserver_outlet_alerts_total{outlet="mail"} 1.0' in said
    assert f'provserver_outlet_sends_total{{outlet="mail",result="failed"}} {box.asked - 1}.0' in said


async def test_the_login_is_read_from_its_file_and_goes_over_tls(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    context, trust = self_signed(tmp_path)
    async with mailbox(users={"alerts": PASSWORD}, starttls=context) as box:
        wanted = MailSettings(
            host="127.0.0.1",
            port=box.port,
            user="alerts",
            password=password_file(tmp_path, 0o600),
            sender="provserver@example.com",
            recipients=TO,
        )
        async with (
            build(settings, actor="server", clock=clock) as services,
            sending(services, clock, mail=wanted, outbound=OutboundSettings(authorities=trust)) as job,
        ):
            await job.run()
            await raise_alerts(services, 1)
            await job.run()

    (taken,) = box.taken
    assert (taken.user, taken.encrypted) == ("alerts", True)


async def test_a_password_that_others_can_read_is_not_used(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    wanted = MailSettings(
        host="mail.example.com",
        user="alerts",
        password=password_file(tmp_path, 0o644),
        sender="provserver@example.com",
        recipients=TO,
    )
    async with build(settings, actor="server", clock=clock) as services:
        with pytest.raises(ConfigurationError, match=r"mail\.password: .* can be read by others"):
            async with sending(services, clock, mail=wanted):
                pass


async def test_authorities_that_cannot_be_used_are_said_at_once(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    broken = OutboundSettings(authorities=tmp_path / "missing.pem")
    async with build(settings, actor="server", clock=clock) as services:
        with pytest.raises(ConfigurationError, match=r"outbound\.authorities"):
            async with sending(services, clock, outbound=broken):
                pass


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"host": "mail.example.com"}, "sender and recipients"),
        ({"sender": "a@b.example\r\nBcc: x@y"}, "is no mail address"),
        ({"sender": "provserver"}, "is no mail address"),
        ({"recipients": ("a@b.example", "<a@b.example>")}, "is no mail address"),
        ({"user": "alerts"}, "password must be"),
        ({"host": "mail.example.com", "security": "none", "sender": "a@b.c", "recipients": ("a@b.c",)}, "this machine"),
        ({"host": "localhost", "security": "none", "user": "a", "password": Path("x")}, "sender"),
        ({"security": "none", "user": "a", "password": Path("x")}, "without a login"),
        ({"host": "mail.example.com\r\n"}, "host"),
    ],
)
def test_settings_that_would_send_badly_are_refused(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        MailSettings(**fields)  # type: ignore[arg-type]


def password_file(folder: Path, mode: int) -> Path:
    file = folder / "mail.password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    file.chmod(mode)
    return file
