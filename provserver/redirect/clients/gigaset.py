"""
Gigaset's older redirection over XML-RPC.

Source: teamwork.gigaset.com wiki and two clients (sheet gigaset 9, H). A device is named by its MAC-ID: the MAC
and four characters that are printed beside it, which here are its serial.
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
    refused,
    spoken,
)
from provserver.redirect.xmlrpc import XMLRPC

_CHECK = re.compile(r"[A-Z0-9]{4}")
_PROFILE = "provserver"
_NOBODY = "7C2F80000000"  # of Gigaset's own block, and no phone's
_ABSENT = "mac_not_found"
_REFUSALS = (
    ("mac_already_in_use", Outcome.OWNED_BY_ANOTHER),
    ("mac_not_exist", Outcome.BAD_MAC),
    ("mac_invalid", Outcome.BAD_MAC),
    ("url_invalid", Outcome.BAD_URL),
    ("name_invalid", Outcome.NOT_ALLOWED),  # the name of the account's profile
)


class GigasetXMLRPC(OneByOne):
    """Gigaset redirection (XML-RPC)."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._profile = access.fields.get("profile") or _PROFILE
        self._calls = XMLRPC(
            channel, access.endpoint, user=access.fields["user"], password=access.secrets["password"].reveal()
        )

    async def enter(self, wish: Wish) -> Result:
        """Take away what there is, then register: a device that is registered is not registered again (H)."""
        mac_id = _mac_id(wish)
        if mac_id is None:
            return Result(outcome=Outcome.BAD_SERIAL, said="the MAC-ID ends in four letters or digits")
        ok, text = await self._calls.pair("autoprov.deregisterDevice", mac_id)
        if not ok and refused(text, _REFUSALS).outcome is Outcome.OWNED_BY_ANOTHER:
            return refused(text, _REFUSALS)
        ok, text = await self._calls.pair("autoprov.registerDevice", mac_id, wish.url.reveal(), self._profile)
        return Result(outcome=Outcome.REGISTERED, said=spoken(text)) if ok else refused(text, _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Deregister one device."""
        mac_id = _mac_id(wish)
        if mac_id is None:
            return Result(outcome=Outcome.BAD_SERIAL, said="the MAC-ID ends in four letters or digits")
        ok, text = await self._calls.pair("autoprov.deregisterDevice", mac_id)
        if ok:
            return Result(outcome=Outcome.WITHDRAWN, said=spoken(text))
        if text.lower().startswith(_ABSENT):
            return Result(outcome=Outcome.ABSENT, said=spoken(text))
        return refused(text, _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Whose the device is; the service does not tell its URL."""
        ok, text = await self._calls.pair("autoprov.checkDevice", wish.mac.upper)
        if ok:
            return Entry(mac=wish.mac, standing=Standing.OURS)
        if text.lower().startswith((_ABSENT, "mac_not_exist")):
            return Entry(mac=wish.mac, standing=Standing.ABSENT)
        if text.lower().startswith("mac_already_in_use"):
            return Entry(mac=wish.mac, standing=Standing.FOREIGN)
        raise ServiceUnreachable(f"it answers {spoken(text)!r}")

    async def check_credentials(self) -> None:
        """Ask for a MAC that is nobody's."""
        await self._calls.pair("autoprov.checkDevice", _NOBODY)


def _mac_id(wish: Wish) -> str | None:
    if not wish.serial:
        return wish.mac.upper  # accounts for which the check is switched off
    check = wish.serial.upper()
    return f"{wish.mac.upper}-{check}" if _CHECK.fullmatch(check) else None
