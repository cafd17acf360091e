"""
Yealink's RPS over JSON ("open API", access keys), the second of its three generations.

Source: Yealink's API text and five clients (sheet yealink 9b, H; the shape of lists M, from one client).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

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
)
from provserver.redirect.shapes import rows
from provserver.redirect.signatures import x_ca
from provserver.secret import Secret

_API = "/api/open/v1/"
_JSON = "application/json;charset=UTF-8"
_PAGE = 500
_NONCE_BYTES = 16
_REFUSALS = (
    ("device.mac.invalid", Outcome.BAD_MAC),
    ("uniqueserverurl", Outcome.BAD_URL),
    ("url", Outcome.BAD_URL),
    ("device.mac.existed", Outcome.OWNED_BY_ANOTHER),
)


class YealinkOpen(OneByOne):
    """Yealink RPS (JSON, ``X-Ca-…`` signature)."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._channel = channel
        self._access = access
        self._stamp = stamp

    async def enter(self, wish: Wish) -> Result:
        """
        Add one device with its own URL.

        "Existed" is said of one's own devices and of others': one's own can be found, and is edited.
        """
        answer = await self._post("device/add", {"macs": [wish.mac.value], "uniqueServerUrl": wish.url.reveal()})
        if _ok(answer):
            return Result(outcome=Outcome.REGISTERED)
        if "device.mac.existed" not in _words(answer):
            return refused(_words(answer), _REFUSALS)
        known = await self._find(wish)
        if known is None:
            return refused(_words(answer), _REFUSALS)
        if known.get("uniqueServerUrl") == wish.url.reveal():
            return Result(outcome=Outcome.ALREADY_OURS)
        edited = await self._post("device/edit", {"id": known["id"], "uniqueServerUrl": wish.url.reveal()})
        return Result(outcome=Outcome.REGISTERED) if _ok(edited) else refused(_words(edited), _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Delete one device, which has to be found first: ids are all that can be deleted."""
        known = await self._find(wish)
        if known is None:
            return Result(outcome=Outcome.ABSENT)
        answer = await self._post("device/delete", {"ids": [known["id"]]})
        if _ok(answer):
            return Result(outcome=Outcome.WITHDRAWN)
        absent = "device.not.found" in _words(answer)
        return Result(outcome=Outcome.ABSENT) if absent else refused(_words(answer), _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Where one device stands: ours if our list has it, another's if the service knows it all the same."""
        known = await self._find(wish)
        if known is not None:
            return _entry(known) or Entry(mac=wish.mac, standing=Standing.OURS)
        answer = await self._get("device/checkMac", {"mac": wish.mac.value})
        data = answer.get("data")
        foreign = isinstance(data, dict) and bool(data.get("existed"))
        return Entry(mac=wish.mac, standing=Standing.FOREIGN if foreign else Standing.ABSENT)

    async def entries(self) -> AsyncIterator[Entry]:
        """Every device of the account, page by page."""
        skip = 0
        while True:
            page = await self._rows("", skip=skip, limit=_PAGE)
            for row in page:
                entry = _entry(row)
                if entry is not None:
                    yield entry
            if len(page) < _PAGE:
                return
            skip += len(page)

    async def check_credentials(self) -> None:
        """Ask for the first device."""
        await self._rows("", skip=0, limit=1)

    async def _find(self, wish: Wish) -> Mapping[str, Any] | None:
        listed = await self._rows(wish.mac.value, skip=0, limit=10)
        return next((row for row in listed if mac_of(row.get("mac")) == wish.mac and row.get("id")), None)

    async def _rows(self, key: str, *, skip: int, limit: int) -> list[Mapping[str, Any]]:
        body = {"key": key, "status": "bound", "skip": skip, "limit": limit, "autoCount": False}
        answer = await self._post("device/list", body)
        if not _ok(answer):
            raise AccountRefused(_words(answer) or "it refuses to list devices")
        data = answer.get("data")
        found = data.get("data") if isinstance(data, dict) else data
        if not isinstance(found, list):
            raise ServiceUnreachable("its list holds no devices")
        return rows(found)

    async def _post(self, path: str, value: Mapping[str, Any]) -> dict[str, Any]:
        return await self._call("POST", self._access.endpoint.rstrip("/") + _API + path, orjson.dumps(value))

    async def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return await self._call("GET", f"{self._access.endpoint.rstrip('/')}{_API}{path}?{urlencode(query)}", b"")

    async def _call(self, method: str, url: str, body: bytes) -> dict[str, Any]:
        def signed() -> Request:
            headers = x_ca.headers(
                key=self._access.fields["access_key"],
                secret=self._access.secrets["access_secret"],
                method=method,
                url=url,
                body=body,
                nonce=self._stamp.random(_NONCE_BYTES).hex(),
                at_ms=self._stamp.now_ms(),
            )
            return Request(method=method, url=url, headers={**headers, "Content-Type": _JSON}, body=body)

        reply = await self._channel.send(signed)
        reply.demand_ok()
        answer = reply.json()
        if not isinstance(answer, dict) or not isinstance(answer.get("ret"), int):
            raise ServiceUnreachable("its answer says nothing of success")
        return answer


def _ok(answer: Mapping[str, Any]) -> bool:
    return bool(answer["ret"] >= 0)


def _words(answer: Mapping[str, Any]) -> str:
    """What the service complains of: its message, then every field with its own."""
    error = answer.get("error")
    if not isinstance(error, dict):
        return ""
    fields = rows(error.get("fieldErrors"))
    return " ".join([str(error.get("msg") or ""), *(f"{f.get('field')}: {f.get('msg')}" for f in fields)]).strip()


def _entry(row: Mapping[str, Any]) -> Entry | None:
    mac = mac_of(row.get("mac"))
    if mac is None:
        return None
    url = row.get("uniqueServerUrl") or row.get("serverUrl")
    return Entry(mac=mac, standing=Standing.OURS, url=Secret(str(url)) if url else None)
