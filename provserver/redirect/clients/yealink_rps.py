"""
Yealink's RPS over XML-RPC, the oldest of its three generations.

Source: "XML API for RPS v1.3", and four clients (sheet yealink 9a, H). Each device has its own URL with
registerDeviceWithUniqueUrl (v1.6, H). What listDevices answers is written nowhere, so it is not used.
"""

from __future__ import annotations

import re

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
    dashes,
    refused,
    spoken,
)
from provserver.redirect.xmlrpc import XMLRPC

_SERVER = "provserver"  # at most 20 of A-Z a-z 0-9 - _ . and blank; the device's own URL is what counts (H)
_OVERRIDE = "1"  # of an entry of our own; one of another account is refused all the same (H)
_ANOTHERS = re.compile(r"error:[a-z0-9]{10}", re.IGNORECASE)  # an id of the other account, and nothing readable (M)
_REFUSALS = (
    ("invalid mac", Outcome.BAD_MAC),
    ("the url can only begin", Outcome.BAD_URL),
    ("override mac addresses", Outcome.OWNED_BY_ANOTHER),
    ("registered elsewhere", Outcome.OWNED_BY_ANOTHER),
    ("existing mac", Outcome.ALREADY_OURS),  # it says so of one's own MACs only (H)
)
_NOBODY = "00-15-65-00-00-00"  # of Yealink's first block and no phone's: asking for it changes nothing


class YealinkRPS(OneByOne):
    """Yealink RPS (XML-RPC)."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._server = access.fields.get("server_name") or _SERVER
        self._calls = XMLRPC(
            channel, access.endpoint, user=access.fields["user"], password=access.secrets["password"].reveal()
        )

    async def enter(self, wish: Wish) -> Result:
        """Register one device with its own URL."""
        ok, text = await self._calls.pair(
            "redirect.registerDeviceWithUniqueUrl", dashes(wish.mac), self._server, wish.url.reveal(), _OVERRIDE
        )
        return Result(outcome=Outcome.REGISTERED, said=spoken(text)) if ok else _refusal(text)

    async def remove(self, wish: Wish) -> Result:
        """Deregister one device."""
        ok, text = await self._calls.pair("redirect.deRegisterDevice", dashes(wish.mac))
        if ok:
            return Result(outcome=Outcome.WITHDRAWN, said=spoken(text))
        if "unregistered" in text.lower() or "unknown" in text.lower():
            return Result(outcome=Outcome.ABSENT, said=spoken(text))
        return _refusal(text)

    async def look_up(self, wish: Wish) -> Entry:
        """Whose the MAC is; the service does not tell its URL."""
        _, text = await self._calls.pair("redirect.checkDevice", dashes(wish.mac))
        word = text.lower()
        if word.startswith("registered elsewhere"):
            return Entry(mac=wish.mac, standing=Standing.FOREIGN)
        if word.startswith("registered"):
            return Entry(mac=wish.mac, standing=Standing.OURS)
        if word.startswith(("unregistered", "unknown", "error:invalid mac")):
            return Entry(mac=wish.mac, standing=Standing.ABSENT)
        raise ServiceUnreachable(f"it answers {spoken(text)!r}")

    async def check_credentials(self) -> None:
        """Ask for a MAC that is nobody's."""
        await self._calls.pair("redirect.checkDevice", _NOBODY)


def _refusal(text: str) -> Result:
    result = refused(text, _REFUSALS)
    if result.outcome is Outcome.REFUSED and _ANOTHERS.match(text):
        return Result(outcome=Outcome.OWNED_BY_ANOTHER, said=spoken(text))
    return result
