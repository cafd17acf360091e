"""
Grandstream's GDMS: JSON with a token and a signature.

Source: GDMS API guide and one client (sheet grandstream 9; H for the token, M for the rest). A device is added to a
site of GDMS, by MAC and serial number; the URL is the site's, one for all. None of the 41 calls of the published list
deletes a device (M, by another client's reading of it), so that is not offered.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Access, Entry, OneByOne, Outcome, Result, Stamp, Wish, refused, spoken
from provserver.redirect.shapes import rows, table
from provserver.redirect.signatures import gdms
from provserver.secret import Secret

_BOUNDARY_BYTES = 16
_TOKEN_MS = 3_000_000  # 50 minutes: they are good for an hour (M)
REFUSALS = (
    ("belong", Outcome.OWNED_BY_ANOTHER),
    ("other", Outcome.OWNED_BY_ANOTHER),
    ("exist", Outcome.ALREADY_OURS),
    ("sn", Outcome.BAD_SERIAL),
    ("serial", Outcome.BAD_SERIAL),
    ("mac", Outcome.BAD_MAC),
    ("permission", Outcome.NOT_ALLOWED),
    ("30010", Outcome.BAD_SERIAL),  # the serial number is not this MAC's (M, seen by one client)
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
        if answer.get("retCode") != 0:
            return refused(f"{answer.get('retCode')} {answer.get('msg')}", REFUSALS)
        # The call can succeed while the device in it fails (M, seen by one client).
        failed = rows(table(answer.get("data")).get("errorDeviceList"))
        if failed:
            return refused(failed[0].get("errorMsg") or "not added", REFUSALS)
        return Result(outcome=Outcome.REGISTERED, said=spoken(answer.get("msg") or ""))

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
        return await self._sent(
            method, path, body, "application/json", signed=lambda known: gdms.signature(known, body)
        )

    async def _uploaded(self, path: str, mac: MacAddress, file: Secret) -> Mapping[str, Any]:
        """Post a form with a MAC and a file; it is signed over its fields, the file by its MD5."""
        content = file.reveal().encode()
        boundary = self._stamp.random(_BOUNDARY_BYTES).hex()
        fields = {"mac": mac.colons.upper(), "xml": hashlib.md5(content, usedforsecurity=False).hexdigest()}
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="mac"\r\n\r\n{fields["mac"]}\r\n'
                f'--{boundary}\r\nContent-Disposition: form-data; name="xml"; filename="config.xml"\r\n'
                "Content-Type: text/xml\r\n\r\n"
            ).encode()
            + content
            + f"\r\n--{boundary}--".encode()
        )
        content_type = f"multipart/form-data; boundary={boundary}"
        return await self._sent("POST", path, body, content_type, signed=lambda known: gdms.signature(known | fields))

    async def _sent(
        self, method: str, path: str, body: bytes, content_type: str, *, signed: Callable[[dict[str, str]], str]
    ) -> Mapping[str, Any]:
        """Send, signed by *signed*; a token that has ended before its time is replaced, once."""
        is_reused = self._token is not None and self._stamp.now_ms() < self._token_until_ms
        try:
            return await self._sent_once(method, path, body, content_type, signed=signed)
        except AccountRefused:
            if not is_reused:
                raise
            self._token = None
        return await self._sent_once(method, path, body, content_type, signed=signed)

    async def _sent_once(
        self, method: str, path: str, body: bytes, content_type: str, *, signed: Callable[[dict[str, str]], str]
    ) -> Mapping[str, Any]:
        async def made() -> Request:
            token, timestamp = await self._fresh_token(), str(self._stamp.now_ms())
            signature = signed(
                {
                    "access_token": token,
                    "client_id": self._access.fields["client_id"],
                    "client_secret": self._access.secrets["client_secret"].reveal(),
                    "timestamp": timestamp,
                }
            )
            query = urlencode({"access_token": token, "timestamp": timestamp, "signature": signature})
            headers = {"Content-Type": content_type} if body else {}
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
