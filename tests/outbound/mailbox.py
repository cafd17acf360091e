"""A real mail server on loopback, and the mails it has taken."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One mail as it was handed over."""

    sender: str
    recipients: list[str]
    content: bytes
    encrypted: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        """The mail, read by somebody else's parser."""
        return BytesParser(policy=default).parsebytes(self.content)


@dataclass(slots=True, kw_only=True)
class Mailbox:
    """*users* are passwords by name; recipients in *refused* get a 550, *answer* is the word on every mail."""

    port: int = 0
    always_encrypted: bool = False
    users: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    answer: str = "250 taken"
    taken: list[Taken] = field(default_factory=list)
    asked: int = 0
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        del server
        self.asked += 1
        if self.answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            login: object = session.auth_data
            self.taken.append(
                Taken(
                    sender=envelope.mail_from or "",
                    recipients=[str(address) for address in envelope.rcpt_tos],
                    content=envelope.content,
                    encrypted=self.always_encrypted or session.ssl is not None,
                    user=login.login.decode() if isinstance(login, LoginPassword) else "",
                )
            )
        return self.answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        """Let in who knows the password."""
        del server, session, envelope, mechanism
        assert isinstance(login, LoginPassword)
        self.logins.append(login.login.decode())
        right = self.users.get(login.login.decode()) == login.password.decode()
        return AuthResult(success=right, handled=False, auth_data=login)


class _Connection(SMTP):
    """Notes when it is over: a test that leaves a socket behind fails."""

    ends: list[asyncio.Future[None]]
    _end: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._end is None:  # it is made a second time when TLS starts
            self._end = asyncio.get_running_loop().create_future()
            self.ends.append(self._end)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self._end is not None and not self._end.done():
            self._end.set_result(None)


@asynccontextmanager
async def mailbox(
    *,
    users: Mapping[str, str] | None = None,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Mailbox]:
    """Take mail on a free port of 127.0.0.1; with *users*, of those who log in only."""
    box = Mailbox(users=users or {}, always_encrypted=tls is not None)
    connections: list[asyncio.Future[None]] = []

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about logins without TLS: the library does not see a TLS listener's
            made = _Connection(
                box,
                hostname="mail.example.com",
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=users is not None,
                auth_require_tls=tls is None,
                authenticator=box.authenticate if users is not None else None,
            )
        made.ends = connections
        return made

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    async with server:
        box.port = server.sockets[0].getsockname()[1]
        yield box
        async with asyncio.timeout(10):
            await asyncio.gather(*connections)
