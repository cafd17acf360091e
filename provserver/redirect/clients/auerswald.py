"""
Auerswald's redirection over XML-RPC.

Source: one public client (M): methods, a MAC of lower-case digits, and that a call that is not done answers with
nothing that is true, which it takes for somebody else's device. What faults say is not known; a word in them decides
(L). No maker of this name is built in; devices come by an operator's own maker ``auerswald``.
"""

from __future__ import annotations

from typing import Any
from xmlrpc.client import Fault

from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Access, Entry, OneByOne, Outcome, Result, Stamp, Standing, Wish, refused
from provserver.redirect.xmlrpc import XMLRPC

_NOBODY = "000952000000"  # of Auerswald's own block, and no phone's
_REFUSALS = (
    ("url", Outcome.BAD_URL),
    ("mac", Outcome.BAD_MAC),
    ("device", Outcome.BAD_MAC),
)


class Auerswald(OneByOne):
    """Auerswald redirection."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._calls = XMLRPC(
            channel, access.endpoint, user=access.fields["user"], password=access.secrets["password"].reveal()
        )

    async def enter(self, wish: Wish) -> Result:
        """Register one phone; one of ours gets the new URL."""
        return await self._do(Outcome.REGISTERED, "DeviceRegister", wish.mac.value, wish.url.reveal())

    async def remove(self, wish: Wish) -> Result:
        """Take one phone out, if it is there."""
        if (await self.look_up(wish)).standing is Standing.ABSENT:
            return Result(outcome=Outcome.ABSENT)
        return await self._do(Outcome.WITHDRAWN, "DeviceDeregister", wish.mac.value)

    async def look_up(self, wish: Wish) -> Entry:
        """Whether the service has the phone; whose it is and where it points, nobody has written down."""
        try:
            answer = await self._calls.call("DeviceInfo", wish.mac.value)
        except Fault:
            answer = None
        known = isinstance(answer, dict) and bool(answer.get("mac"))
        return Entry(mac=wish.mac, standing=Standing.OURS if known else Standing.ABSENT)

    async def check_credentials(self) -> None:
        """Ask for a MAC that is nobody's: whatever is said of it, the account was let in."""
        try:
            await self._calls.call("DeviceInfo", _NOBODY)
        except Fault:
            return

    async def _do(self, done: Outcome, method: str, *arguments: str) -> Result:
        try:
            answer: Any = await self._calls.call(method, *arguments)
        except Fault as fault:
            return refused(f"fault {fault.faultCode}: {fault.faultString}", _REFUSALS)
        if answer:
            return Result(outcome=done)
        return Result(outcome=Outcome.OWNED_BY_ANOTHER, said=f"{method} is not done")
