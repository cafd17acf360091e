"""
The one way out by mail: `MailServer` hands one message over, or says why not.

TLS is verified, and without it nothing is sent to another machine: a server that does not offer STARTTLS, or a middle
that takes the offer out, gets nothing (fail closed). What the server says beside its code is not repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from provserver.errors import PeerError
from provserver.secret import Secret

_GOODBYE_S = 2.0  # the mail is theirs by then
_PROBLEMS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (aiosmtplib.SMTPRecipientsRefused, "it refuses every recipient"),
    (aiosmtplib.SMTPAuthenticationError, "it does not let us in"),
    (aiosmtplib.SMTPResponseException, "it does not take the mail"),
    (aiosmtplib.SMTPNotSupported, "it cannot do what is needed"),
    (TimeoutError, "it does not answer in time"),
    (aiosmtplib.SMTPServerDisconnected, "it closed the connection"),
    (ConnectionResetError, "it closed the connection"),
    (OSError, "it cannot be connected to"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who we are at the mail server."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """
    Where mail is handed over. *hello* is this machine's name; *security* is ``none`` on this machine only.

    *call_s* limits everything from the connection to the server's word that it has the mail.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    trust: ssl.SSLContext
    login: Login | None
    hello: str
    call_s: float

    async def send(self, message: EmailMessage, *, sender: str, recipients: Sequence[str]) -> int:
        """
        Hand *message* over; how many of *recipients* the server has refused, where it took some.

        Raises PeerError when it took the mail for nobody.
        """
        smtp = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.hello,  # else the library asks the name service in the event loop
            timeout=self.call_s,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            tls_context=None if self.security == "none" else self.trust,
        )
        try:
            async with asyncio.timeout(self.call_s):
                return await self._hand_over(smtp, message.as_bytes(), sender, recipients)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # TimeoutError is an OSError
            raise PeerError(_reason(error)) from None  # theirs carry what both sides have said
        finally:
            smtp.close()

    async def _hand_over(self, smtp: aiosmtplib.SMTP, message: bytes, sender: str, recipients: Sequence[str]) -> int:
        await smtp.connect()
        if self.login is not None:
            await smtp.login(self.login.user, self.login.password.reveal())
        refused, _ = await smtp.sendmail(sender, list(recipients), message)
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):  # it has the mail; how we part changes nothing
            await smtp.quit(timeout=_GOODBYE_S)
        return len(refused)


def _reason(error: Exception) -> str:
    """What happened, in our words, with the server's code where it gave one."""
    cause: BaseException | None = error
    while cause is not None:  # the library wraps what TLS says in an error of its own
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not believed"
        cause = cause.__cause__ or cause.__context__
    problem = next(
        (text for kind, text in _PROBLEMS if isinstance(error, kind)), "it is no mail server, or offers no TLS"
    )
    told = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
    return f"{problem}: {told.code}" if isinstance(told, aiosmtplib.SMTPResponseException) else problem
