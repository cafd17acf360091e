"""
Htek's RPS: Yealink's old protocol, with servers that are entered in the portal.

Source: htekdesk "RPS API" for registerDevice and its errors (sheet htek 9, H); deRegisterDevice and checkDevice by
analogy with Yealink's (L).
"""

from __future__ import annotations

from provserver.errors import ServiceUnreachable
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

_OVERRIDE = "1"
_REFUSALS = (
    ("invalid mac", Outcome.BAD_MAC),
    ("invalid server", Outcome.BAD_URL),
    ("server name can only", Outcome.BAD_URL),
    ("override mac addresses", Outcome.OWNED_BY_ANOTHER),
    ("registered elsewhere", Outcome.OWNED_BY_ANOTHER),
    ("existing mac", Outcome.ALREADY_OURS),
)
_NOBODY = "001fc1000000"  # of Htek's own block, and no phone's


class HtekRPS(OneByOne):
    """Htek RPS. All devices get the URL of one server, which is named in the account."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._server = access.fields["server_name"]
        self._calls = XMLRPC(
            channel, access.endpoint, user=access.fields["user"], password=access.secrets["password"].reveal()
        )

    async def enter(self, wish: Wish) -> Result:
        """Register one device at the account's server."""
        ok, text = await self._calls.pair("redirect.registerDevice", wish.mac.value, self._server, _OVERRIDE)
        return Result(outcome=Outcome.REGISTERED, said=spoken(text)) if ok else refused(text, _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Deregister one device."""
        ok, text = await self._calls.pair("redirect.deRegisterDevice", wish.mac.value)
        if ok:
            return Result(outcome=Outcome.WITHDRAWN, said=spoken(text))
        if "unregistered" in text.lower():
            return Result(outcome=Outcome.ABSENT, said=spoken(text))
        return refused(text, _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Whose the MAC is."""
        _, text = await self._calls.pair("redirect.checkDevice", wish.mac.value)
        word = text.lower()
        if word.startswith("registered elsewhere"):
            return Entry(mac=wish.mac, standing=Standing.FOREIGN)
        if word.startswith("registered"):
            return Entry(mac=wish.mac, standing=Standing.OURS)
        if word.startswith(("unregistered", "unknown")):
            return Entry(mac=wish.mac, standing=Standing.ABSENT)
        raise ServiceUnreachable(f"it answers {spoken(text)!r}")

    async def check_credentials(self) -> None:
        """Ask for a MAC that is nobody's."""
        await self._calls.pair("redirect.checkDevice", _NOBODY)
