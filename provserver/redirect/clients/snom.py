"""
Snom's older redirection over XML-RPC.

Source: service.snom.com "XML-RPC API", Snom's own client (sheet snom 9, H). listPhones wants a model for each call and
its answer is not described, so it is not used.
"""

from __future__ import annotations

from xmlrpc.client import Fault

from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import (
    Access,
    Entry,
    OneByOne,
    Outcome,
    Result,
    Stamp,
    Standing,
    Wish,
    refused,
    spoken,
)
from provserver.redirect.xmlrpc import XMLRPC
from provserver.secret import Secret

_REFUSALS = (
    ("owned_by_other_user", Outcome.OWNED_BY_ANOTHER),
    ("malformed_url", Outcome.BAD_URL),
    ("malformed_mac", Outcome.BAD_MAC),
)
_ABSENT = "no_such_mac"


class SnomXMLRPC(OneByOne):
    """Snom redirection (XML-RPC). Registering again overwrites."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._calls = XMLRPC(
            channel, access.endpoint, user=access.fields["user"], password=access.secrets["password"].reveal()
        )

    async def enter(self, wish: Wish) -> Result:
        """Register one phone."""
        ok, text = await self._calls.pair("redirect.registerPhone", wish.mac.upper, wish.url.reveal())
        return Result(outcome=Outcome.REGISTERED, said=spoken(text)) if ok else refused(text, _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Deregister one phone."""
        ok, text = await self._calls.pair("redirect.deregisterPhone", wish.mac.upper)
        if ok:
            return Result(outcome=Outcome.WITHDRAWN, said=spoken(text))
        if _ABSENT in text.lower():
            return Result(outcome=Outcome.ABSENT, said=spoken(text))
        return refused(text, _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Where one phone stands, and its URL: the last of two or three values (both are seen)."""
        try:
            values = await self._calls.call("redirect.getPhoneRedirection", wish.mac.upper)
        except Fault as fault:
            raise ServiceUnreachable(f"fault {fault.faultCode}: {spoken(fault.faultString)}") from None
        if not isinstance(values, list) or len(values) < 2:  # noqa: PLR2004 - a truth and what comes with it
            raise ServiceUnreachable("its answer is no pair of a truth and a text")
        text = str(values[-1])
        if values[0] is True:
            return Entry(mac=wish.mac, standing=Standing.OURS, url=Secret(text) if text else None)
        if _ABSENT in text.lower():
            return Entry(mac=wish.mac, standing=Standing.ABSENT)
        if refused(text, _REFUSALS).outcome is Outcome.OWNED_BY_ANOTHER:
            return Entry(mac=wish.mac, standing=Standing.FOREIGN)
        raise ServiceUnreachable(f"it answers {spoken(text)!r}")

    async def check_credentials(self) -> None:
        """Have a word sent back."""
        try:
            await self._calls.call("network.echo", "ping")
        except Fault as fault:
            raise AccountRefused(spoken(fault.faultString)) from None
