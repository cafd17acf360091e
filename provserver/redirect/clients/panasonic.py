"""
Panasonic's redirection over XML-RPC.

Source: two clients (sheet panasonic 9; H). Errors are XML-RPC faults with numbers.
"""

from __future__ import annotations

from typing import Any
from xmlrpc.client import Fault

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
    spoken,
)
from provserver.redirect.xmlrpc import XMLRPC

_UNKNOWN, _ANOTHERS = 201, 202
_OUTCOMES = {100: Outcome.BAD_URL, 200: Outcome.BAD_MAC, _UNKNOWN: Outcome.ABSENT, _ANOTHERS: Outcome.OWNED_BY_ANOTHER}
_NOBODY = "080023000000"  # of Panasonic's own block, and no phone's


class Panasonic(OneByOne):
    """Panasonic redirection."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._calls = XMLRPC(
            channel, access.endpoint, user=access.fields["user"], password=access.secrets["password"].reveal()
        )

    async def enter(self, wish: Wish) -> Result:
        """Register one phone. That the service does not know the MAC means that it is none of this maker's."""
        result = await self._do(Outcome.REGISTERED, "ipredirect.registerPhone", wish.mac.upper, wish.url.reveal())
        return Result(outcome=Outcome.BAD_MAC, said=result.said) if result.outcome is Outcome.ABSENT else result

    async def remove(self, wish: Wish) -> Result:
        """Unregister one phone."""
        return await self._do(Outcome.WITHDRAWN, "ipredirect.unregisterPhone", wish.mac.upper)

    async def look_up(self, wish: Wish) -> Entry:
        """Whose the MAC is; the service does not tell its URL."""
        try:
            answer = await self._calls.call("ipredirect.checkPhones", wish.mac.upper)
        except Fault as fault:
            code = fault.faultCode
        else:
            code = _code(answer)
        if code == _UNKNOWN:
            return Entry(mac=wish.mac, standing=Standing.ABSENT)
        if code == _ANOTHERS:
            return Entry(mac=wish.mac, standing=Standing.FOREIGN)
        if code == 0:
            return Entry(mac=wish.mac, standing=Standing.OURS)
        raise ServiceUnreachable(f"it answers with fault {code}")

    async def check_credentials(self) -> None:
        """Ask for a MAC that is nobody's: whatever is said of it, the account was let in."""
        try:
            await self._calls.call("ipredirect.checkPhones", _NOBODY)
        except Fault:
            return

    async def _do(self, done: Outcome, method: str, *arguments: str) -> Result:
        try:
            answer = await self._calls.call(method, *arguments)
        except Fault as fault:
            outcome = _OUTCOMES.get(fault.faultCode, Outcome.REFUSED)
            return Result(outcome=outcome, said=spoken(f"fault {fault.faultCode}: {fault.faultString}"))
        return Result(outcome=done) if answer is True else Result(outcome=Outcome.REFUSED, said=spoken(answer))


def _code(answer: Any) -> int:  # noqa: ANN401 - whatever the service sends
    """The fault code of the one phone that was asked for; 0 for none."""
    first = answer[0] if isinstance(answer, list) and answer else answer
    if first is True:
        return 0
    code = first.get("faultCode", 0) if isinstance(first, dict) else None
    if not isinstance(code, int):
        raise ServiceUnreachable("its answer holds no fault code")
    return code
