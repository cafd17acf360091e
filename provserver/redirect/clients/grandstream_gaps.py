"""
Grandstream's GAPS: JSON, signed with the time that the service tells.

Source: one client and a shell sample (sheet grandstream 9, M). The URL is that of the account's default profile, one
for all devices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Access, OneByOne, Outcome, Result, Stamp, Wish, refused, spoken
from provserver.redirect.signatures import gaps

_REFUSALS = (
    ("belong", Outcome.OWNED_BY_ANOTHER),
    ("other", Outcome.OWNED_BY_ANOTHER),
    ("mac", Outcome.BAD_MAC),
    ("permission", Outcome.NOT_ALLOWED),
)
_NOT_LET_IN = ("sig", "cid", "auth")


class GrandstreamGAPS(OneByOne):
    """Grandstream GAPS."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # the time is the service's own
        self._channel = channel
        self._access = access

    async def enter(self, wish: Wish) -> Result:
        """Have one device redirected to the account's default profile."""
        return await self._do(Outcome.REGISTERED, "redirectDefault", {"macs": [wish.mac.upper]})

    async def remove(self, wish: Wish) -> Result:
        """Take one device away."""
        result = await self._do(Outcome.WITHDRAWN, "unDeviceProvision", {"macs": [wish.mac.upper]})
        absent = "not found" in result.said.lower() or "not exist" in result.said.lower()
        return Result(outcome=Outcome.ABSENT, said=result.said) if absent else result

    async def check_credentials(self) -> None:
        """List the profiles."""
        answer = await self._call("listProfile", {})
        if str(answer.get("code")) != "0":
            raise AccountRefused(spoken(f"{answer.get('code')} {answer.get('desc')}"))

    async def _do(self, done: Outcome, method: str, parameters: Mapping[str, object]) -> Result:
        answer = await self._call(method, parameters)
        code, said = str(answer.get("code")), str(answer.get("desc") or "")
        if code == "0":
            return Result(outcome=done, said=spoken(said))
        if any(word in said.lower() for word in _NOT_LET_IN):
            raise AccountRefused(spoken(f"{code} {said}"))
        return refused(f"{code} {said}", _REFUSALS)

    async def _call(self, method: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        body = orjson.dumps({"cid": self._access.fields["cid"], "method": method, "params": parameters})

        async def made() -> Request:
            time = await self._time()
            query = urlencode({"time": time, "sig": gaps.signature(self._access.secrets["key"], body, time)})
            url = f"{self._access.endpoint}?{query}"
            return Request(method="POST", url=url, headers={"Content-Type": "application/json"}, body=body)

        reply = await self._channel.send(made)
        reply.demand_ok()
        answer = reply.json()
        if not isinstance(answer, dict) or answer.get("code") is None:
            raise ServiceUnreachable("its answer says nothing of success")
        return answer

    async def _time(self) -> str:
        reply = await self._channel.send(lambda: Request(method="GET", url=self._access.endpoint))
        reply.demand_ok()
        answer = reply.json()
        time = answer.get("time") if isinstance(answer, dict) else None
        if time is None:
            raise ServiceUnreachable("it does not tell its time")
        return str(time)
