"""
Alcatel-Lucent Enterprise's Easy Deployment Server (EDS): JSON with a token.

Source: one client (sheet alcatel-lucent A 9, M). A device is added to a profile, which names a server with its URL.
Each device gets a server and a profile of its own, called by its MAC.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
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
    mac_of,
    refused,
    spoken,
)
from provserver.secret import Secret

_TOKEN_MS = 1_800_000  # half an hour; how long they are good for is not known
_REFUSALS = (
    ("other", Outcome.OWNED_BY_ANOTHER),
    ("exist", Outcome.OWNED_BY_ANOTHER),
    ("mac", Outcome.BAD_MAC),
    ("url", Outcome.BAD_URL),
)


class AlcatelEDS(OneByOne):
    """ALE EDS."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._channel = channel
        self._access = access
        self._stamp = stamp
        self._base = access.endpoint.rstrip("/")
        self._token: Secret | None = None
        self._token_until_ms = 0
        self._asking = asyncio.Lock()  # one asks, the others wait for its answer, no longer than one call may take

    async def enter(self, wish: Wish) -> Result:
        """
        Make a server and a profile for the device, and add it there.

        Their names are new each time: what becomes of old ones, and how they are deleted, is not known (M).
        """
        known = await self._find(wish)
        if known is not None:
            await self._call("DELETE", f"/devices/{known['device_id']}")
        name = f"{wish.mac.value}-{self._stamp.random(4).hex()}"
        server = await self._call("POST", "/servers", {"server_name": name, "server_url": wish.url.reveal()})
        if not _ok(server):
            return refused(_words(server), _REFUSALS)
        profile = await self._call("POST", "/profiles", {"profile_name": name, "server_id": _id(server, "server_id")})
        if not _ok(profile):
            return refused(_words(profile), _REFUSALS)
        added = await self._call(
            "POST", "/devices", {"macs": [{"mac": wish.mac.value}], "profile_id": _id(profile, "profile_id")}
        )
        return Result(outcome=Outcome.REGISTERED) if _ok(added) else refused(_words(added), _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Delete one device."""
        known = await self._find(wish)
        if known is None:
            return Result(outcome=Outcome.ABSENT)
        answer = await self._call("DELETE", f"/devices/{known['device_id']}")
        return Result(outcome=Outcome.WITHDRAWN) if _ok(answer) else refused(_words(answer), _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Whether the account has the device."""
        known = await self._find(wish)
        return Entry(mac=wish.mac, standing=Standing.ABSENT if known is None else Standing.OURS)

    async def entries(self) -> AsyncIterator[Entry]:
        """Every device of the account."""
        for row in await self._devices():
            mac = mac_of(row.get("mac"))
            if mac is not None:
                yield Entry(mac=mac, standing=Standing.OURS)

    async def check_credentials(self) -> None:
        """Get a token."""
        self._token = None
        await self._fresh_token()

    async def _find(self, wish: Wish) -> Mapping[str, Any] | None:
        rows = await self._devices()
        return next((row for row in rows if mac_of(row.get("mac")) == wish.mac and row.get("device_id")), None)

    async def _devices(self) -> list[Mapping[str, Any]]:
        answer = await self._call("GET", "/devices")
        rows = answer.get("data")
        if not _ok(answer) or not isinstance(rows, list):
            raise ServiceUnreachable("its list holds no devices")
        return [row for row in rows if isinstance(row, dict)]

    async def _call(self, method: str, path: str, value: object = None) -> Mapping[str, Any]:
        body = orjson.dumps(value) if value is not None else b""
        is_reused = self._token is not None and self._stamp.now_ms() < self._token_until_ms
        try:
            return await self._call_once(method, path, body)
        except AccountRefused:
            if not is_reused:
                raise
            self._token = None  # it has ended before its time
        return await self._call_once(method, path, body)

    async def _call_once(self, method: str, path: str, body: bytes) -> Mapping[str, Any]:
        async def made() -> Request:
            headers = {"token": (await self._fresh_token()).reveal(), "Accept": "application/json"}
            if body:
                headers["Content-Type"] = "application/json"
            return Request(method=method, url=self._base + path, headers=headers, body=body)

        reply = await self._channel.send(made)
        reply.demand_let_in()
        answer = reply.json()
        if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
            raise ServiceUnreachable("its answer says nothing of success")
        return answer

    async def _fresh_token(self) -> Secret:
        async with self._asking:
            if self._token is None or self._stamp.now_ms() >= self._token_until_ms:
                self._token = await self._ask_for_token()
                self._token_until_ms = self._stamp.now_ms() + _TOKEN_MS
            return self._token

    async def _ask_for_token(self) -> Secret:
        headers = {
            "api_user_name": self._access.fields["user"],
            "api_password": self._access.secrets["password"].reveal(),
            "Accept": "application/json",
        }
        request = Request(method="GET", url=f"{self._base}/bp_user/generate/token", headers=headers)
        reply = await self._channel.send(lambda: request)
        reply.demand_let_in()
        answer = reply.json()
        data = answer.get("data") if isinstance(answer, dict) else None
        token = data.get("token") if isinstance(data, dict) else None
        if not token:
            raise AccountRefused(spoken(_words(answer)) if isinstance(answer, dict) else "it gives no token")
        return Secret(str(token))


def _ok(answer: Mapping[str, Any]) -> bool:
    return answer.get("success") is True


def _id(answer: Mapping[str, Any], name: str) -> object:
    data = answer.get("data")
    found = data.get(name) if isinstance(data, dict) else None
    if found is None:
        raise ServiceUnreachable(f"its answer holds no {name}")
    return found


def _words(answer: Mapping[str, Any]) -> str:
    return str(answer.get("message") or answer.get("error") or answer.get("data") or "it refuses")
