"""
Grandstream's GDMS: JSON with a token and a signature.

Source: GDMS API guide and one client (sheet grandstream 9; H for the token, M for the rest). A device is added to a
site of GDMS, by MAC and serial number; the URL is the site's, one for all. How a device is deleted is not confirmed, so
it is not offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Access, Entry, OneByOne, Outcome, Result, Stamp, Wish, refused, spoken
from provserver.redirect.shapes import rows
from provserver.redirect.signatures import gdms

_TOKEN_MS = 3_000_000  # 50 minutes: they are good for an hour (M)
_REFUSALS = (
    ("belong", Outcome.OWNED_BY_ANOTHER),
    ("other", Outcome.OWNED_BY_ANOTHER),
    ("exist", Outcome.ALREADY_OURS),
    ("sn", Outcome.BAD_SERIAL),
    ("serial", Outcome.BAD_SERIAL),
    ("mac", Outcome.BAD_MAC),
    ("permission", Outcome.NOT_ALLOWED),
)


class GrandstreamGDMS(OneByOne):
    """Grandstream GDMS."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._channel = channel
        self._access = access
        self._stamp = stamp
        self._base = access.endpoint.rstrip("/")
        self._token: str | None = None
        self._token_until_ms = 0
        self._asking = asyncio.Lock()  # one asks, the others wait for its answer, no longer than one call may take

    async def enter(self, wish: Wish) -> Result:
        """Add one device to the account's site."""
        if not wish.serial:
            return Result(outcome=Outcome.BAD_SERIAL, said="GDMS wants the serial number")
        device: dict[str, object] = {
            "deviceName": wish.mac.upper,
            "mac": wish.mac.colons.upper(),
            "sn": wish.serial,
            "siteId": self._access.fields["site_id"],
        }
        answer = await self._signed("POST", "/oapi/v1.0.0/device/add", [device])
        if answer.get("retCode") == 0:
            return Result(outcome=Outcome.REGISTERED, said=spoken(answer.get("msg") or ""))
        return refused(f"{answer.get('retCode')} {answer.get('msg')}", _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Not offered; see the module."""
        raise NotImplementedError

    async def look_up(self, wish: Wish) -> Entry:
        """Not offered: no call is known."""
        raise NotImplementedError

    async def check_credentials(self) -> None:
        """Get a token, and see that the site is one of the account's."""
        self._token = None
        answer = await self._signed("GET", "/oapi/v1.0.0/site/list")
        data = answer.get("data")
        sites = rows(data.get("result") if isinstance(data, dict) else data)
        known = {str(site.get("id")) for site in sites}
        if known and self._access.fields["site_id"] not in known:
            raise AccountRefused(f"the account has no site {self._access.fields['site_id']}")

    async def _signed(self, method: str, path: str, value: object = None) -> Mapping[str, Any]:
        body = orjson.dumps(value) if value is not None else b""
        is_reused = self._token is not None and self._stamp.now_ms() < self._token_until_ms
        try:
            return await self._signed_once(method, path, body)
        except AccountRefused:
            if not is_reused:
                raise
            self._token = None  # it has ended before its time
        return await self._signed_once(method, path, body)

    async def _signed_once(self, method: str, path: str, body: bytes) -> Mapping[str, Any]:
        async def made() -> Request:
            token, timestamp = await self._fresh_token(), str(self._stamp.now_ms())
            signature = gdms.signature(
                {
                    "access_token": token,
                    "client_id": self._access.fields["client_id"],
                    "client_secret": self._access.secrets["client_secret"].reveal(),
                    "timestamp": timestamp,
                },
                body,
            )
            query = urlencode({"access_token": token, "timestamp": timestamp, "signature": signature})
            headers = {"Content-Type": "application/json"} if body else {}
            return Request(method=method, url=f"{self._base}{path}?{query}", headers=headers, body=body)

        reply = await self._channel.send(made)
        reply.demand_ok()
        answer = reply.json()
        if not isinstance(answer, dict) or not isinstance(answer.get("retCode"), int):
            raise ServiceUnreachable("its answer says nothing of success")
        return answer

    async def _fresh_token(self) -> str:
        async with self._asking:
            if self._token is None or self._stamp.now_ms() >= self._token_until_ms:
                self._token = await self._ask_for_token()
                self._token_until_ms = self._stamp.now_ms() + _TOKEN_MS
            return self._token

    async def _ask_for_token(self) -> str:
        form = {
            "grant_type": "password",
            "username": self._access.fields["user"],
            "password": gdms.password_digest(self._access.secrets["password"]).reveal(),
            "client_id": self._access.fields["client_id"],
            "client_secret": self._access.secrets["client_secret"].reveal(),
        }
        request = Request(
            method="POST",
            url=f"{self._base}/oapi/oauth/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
        )
        reply = await self._channel.send(lambda: request)
        reply.demand_let_in()
        answer = reply.json()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not token:
            said = answer.get("error_description") or answer.get("msg") if isinstance(answer, dict) else None
            raise AccountRefused(spoken(said) if said else "it gives no token")
        return str(token)
