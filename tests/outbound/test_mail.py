"""Mail is handed to whom it was meant for, encrypted, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import pytest

from provserver.errors import PeerError
from provserver.outbound.mail import Login, MailServer
from provserver.outbound.trust import trusting
from provserver.secret import Secret
from tests.certificates import self_signed
from tests.outbound.mailbox import mailbox

PASSWORD = "correct-horse-mail"
LOGIN = Login(user="alerts", password=Secret(PASSWORD))
TO = ("noc@example.com", "boss@example.com")


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "provserver@example.com", ", ".join(TO), "hello"
    made.set_content("one line\n.\nMAIL FROM:<>\n")
    return made


def server(port: int, security: Literal["starttls", "tls", "none"], trust: Path | None = None) -> MailServer:
    return MailServer(
        host="127.0.0.1",
        port=port,
        security=security,
        trust=trusting(trust, setting="x"),
        login=None if security == "none" else LOGIN,
        hello="prov.example.com",
        call_s=10,
    )


async def send(to: MailServer) -> int:
    return await to.send(message(), sender="provserver@example.com", recipients=TO)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_arrives_encrypted_with_a_login(tmp_path: Path, security: Literal["starttls", "tls"]) -> None:
    context, trust = self_signed(tmp_path)
    where = {security: context}
    async with mailbox(users={"alerts": PASSWORD}, **where) as box:
        refused = await send(server(box.port, security, trust))

    (taken,) = box.taken
    assert (refused, taken.sender, taken.recipients) == (0, "provserver@example.com", list(TO))
    assert (taken.encrypted, taken.user) == (True, "alerts")
    assert taken.message.get_content().replace("\r\n", "\n") == "one line\n.\nMAIL FROM:<>\n"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_is_not_believed_gets_neither_login_nor_mail(
    tmp_path: Path, security: Literal["starttls", "tls"]
) -> None:
    context, _ = self_signed(tmp_path)
    where = {security: context}
    async with mailbox(users={"alerts": PASSWORD}, **where) as box:
        with pytest.raises(PeerError, match="its certificate is not believed"):
            await send(server(box.port, security))

    assert (box.taken, box.logins) == ([], [])


async def test_a_certificate_for_another_name_is_not_believed(tmp_path: Path) -> None:
    context, trust = self_signed(tmp_path, host="127.0.0.2")
    async with mailbox(users={"alerts": PASSWORD}, starttls=context) as box:
        with pytest.raises(PeerError, match="its certificate is not believed"):
            await send(server(box.port, "starttls", trust))


async def test_who_offers_no_encryption_gets_neither_login_nor_mail() -> None:
    """Whoever sits in the middle can take the offer out."""
    said: list[bytes] = []
    async with saying(b"220 hi", b"250-mail\r\n250 AUTH PLAIN LOGIN", b"454 no", heard=said) as port:
        with pytest.raises(PeerError):
            await send(server(port, "starttls"))

    assert all(word not in b"".join(said).upper() for word in (b"AUTH", b"MAIL", b"DATA"))


async def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    context, trust = self_signed(tmp_path)
    async with mailbox(users={"alerts": "another"}, tls=context) as box:
        with pytest.raises(PeerError) as told:
            await send(server(box.port, "tls", trust))

    assert str(told.value) == "it does not let us in: 535"
    assert told.value.__cause__ is None
    assert box.taken == []


async def test_some_refused_recipients_are_counted_and_all_are_an_error() -> None:
    async with mailbox() as box:
        box.refused = frozenset(TO[:1])
        assert await send(server(box.port, "none")) == 1
        assert box.taken[0].recipients == [TO[1]]

        box.refused = frozenset(TO)
        with pytest.raises(PeerError, match="it refuses every recipient: 550"):
            await send(server(box.port, "none"))


async def test_a_mail_that_is_not_taken_is_an_error_with_its_code() -> None:
    async with mailbox() as box:
        box.answer = "451 try later, secret of theirs"
        with pytest.raises(PeerError) as told:
            await send(server(box.port, "none"))

    assert str(told.value) == "it does not take the mail: 451"


async def test_who_has_the_mail_has_it_however_he_parts() -> None:
    async with saying(b"220 hi", b"250 mail", b"250 ok", b"250 ok", b"250 ok", b"354 go", b"250 taken") as port:
        assert await send(server(port, "none")) == 0


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ((), "it cannot be connected to"),
        ((b"HTTP/1.1 400 Bad Request\r\n",), "it "),
        ((b"554 go away",), "it does not take the mail: 554"),
        ((b"220 hi", b"250 mail", b"250 ok", b"250 ok", b"250 ok", b"354 go"), "it closed the connection"),
        ((b"220 hi", b"250 " + b"x" * 100_000), "it "),
    ],
)
async def test_who_breaks_off_has_nothing(answers: Sequence[bytes], problem: str) -> None:
    async with saying(*answers) as port:
        with pytest.raises(PeerError, match=f"^{problem}"):
            await send(server(port, "none"))


async def test_who_says_nothing_is_given_up() -> None:
    async with saying(stalls=True) as port:
        with pytest.raises(PeerError, match="it does not answer in time"):
            await send(replace(server(port, "none"), call_s=0.2))


async def test_who_is_away_is_one_error() -> None:
    with pytest.raises(PeerError, match="it cannot be connected to"):
        await send(server(1, "none"))


@asynccontextmanager
async def saying(*answers: bytes, heard: list[bytes] | None = None, stalls: bool = False) -> AsyncIterator[int]:
    """A server that gives *answers*, one to each line (a mail is one), and hangs up; or *stalls*. Its port."""
    served: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        try:
            if stalls:
                await reader.read()
            for number, answer in enumerate(answers):
                writer.write(answer + b"\r\n")
                await writer.drain()
                if number == len(answers) - 1:
                    break
                line = await reader.readuntil(b"\r\n.\r\n" if answer.startswith(b"354") else b"\r\n")
                if heard is not None:
                    heard.append(line)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side has had enough
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        listening.close()
        await asyncio.gather(*(task for task in served if task is not None))
