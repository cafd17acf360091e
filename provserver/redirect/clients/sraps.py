"""
Snom's SRAPS and Gigaset's GRAPE: one REST interface with Hawk, which differs in the name of one setting.

Source: service.snom.com "REST API", three clients (sheets snom 9 and gigaset 9, H).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel, Reply
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
from provserver.redirect.signatures import hawk
from provserver.secret import Secret

_JSON = "application/json"
_NONCE_BYTES = 12
_NEXT = re.compile(r'<([^<>\s]{1,500})>\s*;\s*rel="?next"?')
_PAGES = 1000  # of a thousand rows each; more is a list that goes round in circles
_NOT_FOUND = 404
_FORBIDDEN = 403
_REFUSALS = (
    ("taken_mac_or_forbidden", Outcome.OWNED_BY_ANOTHER),
    ("lacks permission to endpoint", Outcome.OWNED_BY_ANOTHER),
    ("permission", Outcome.NOT_ALLOWED),
    ("mac", Outcome.BAD_MAC),
    ("url", Outcome.BAD_URL),
    ("settings_manager", Outcome.BAD_URL),
)


class SRAPS(OneByOne):
    """Snom SRAPS."""

    setting = "setting_server"

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._channel = channel
        self._access = access
        self._stamp = stamp
        self._base = access.endpoint.rstrip("/") + "/"
        self._endpoints: str | None = None  # found once; only what was found is kept, never a failure
        self._uuid: str | None = None
        self._asking = asyncio.Lock()  # one asks, the others wait for its answer, no longer than one call may take

    async def enter(self, wish: Wish) -> Result:
        """
        Put one device. That replaces the whole entry.

        What is left out keeps the service's default; what is sent as null would not (H).
        """
        endpoints, uuid = await self._discover()
        value = {
            "mac": wish.mac.value,
            "autoprovisioning_enabled": True,
            "settings_manager": {uuid: {"attrs": {"perm": "RW"}, "value": wish.url.reveal()}},
        }
        reply = await self._send("PUT", endpoints + wish.mac.value, orjson.dumps(value))
        return Result(outcome=Outcome.REGISTERED) if reply.ok else refused(_words(reply), _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Delete one device."""
        endpoints, _ = await self._discover()
        reply = await self._send("DELETE", endpoints + wish.mac.value)
        if reply.ok:
            return Result(outcome=Outcome.WITHDRAWN)
        if reply.status == _NOT_FOUND:
            return Result(outcome=Outcome.ABSENT, said=spoken(_words(reply)))
        return refused(_words(reply), _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Where one device stands, and its URL."""
        endpoints, _ = await self._discover()
        reply = await self._send("GET", endpoints + wish.mac.value)
        if reply.ok:
            return self._entry(wish.mac, reply.json())
        if reply.status == _NOT_FOUND:
            return Entry(mac=wish.mac, standing=Standing.ABSENT)
        if refused(_words(reply), _REFUSALS).outcome is Outcome.OWNED_BY_ANOTHER:
            return Entry(mac=wish.mac, standing=Standing.FOREIGN)
        raise ServiceUnreachable(f"it answers {reply.status} {spoken(_words(reply))}")

    async def entries(self) -> AsyncIterator[Entry]:
        """Every device of the company, page by page."""
        endpoints, _ = await self._discover()
        async for row in self._rows(f"{endpoints}?page_size=1000"):
            mac = mac_of(row.get("mac"))
            if mac is not None:
                yield self._entry(mac, row)

    async def check_credentials(self) -> None:
        """Find out whose the token is, and what has to be known to enter devices."""
        self._endpoints = None
        await self._discover()

    async def _discover(self) -> tuple[str, str]:
        """Where the company's devices are, and which number the setting of the URL has."""
        async with self._asking:
            return await self._found()

    async def _found(self) -> tuple[str, str]:
        if self._endpoints is None or self._uuid is None:
            token = await self._get(urljoin(self._base, f"tokens/{self._access.fields['key_id']}"))
            company = await self._get(self._link(token, "company"))
            endpoints = self._link(company, "endpoints").rstrip("/") + "/"
            async for row in self._rows(urljoin(self._base, "settings/?page_size=1000")):
                if row.get("param_name") == self.setting and row.get("uuid"):
                    self._uuid = str(row["uuid"])
                    break
            else:
                raise AccountRefused(f"it knows no setting {self.setting}")
            self._endpoints = endpoints
        return self._endpoints, self._uuid

    async def _rows(self, url: str) -> AsyncIterator[Mapping[str, Any]]:
        """The rows of a list, and of what its Link headers say comes next."""
        for _ in range(_PAGES):
            reply = await self._send("GET", url)
            reply.demand_ok()
            rows = reply.json()
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, dict):
                    yield row
            following = _NEXT.search(reply.headers.get("link", ""))
            if following is None:
                return
            url = self._own(urljoin(url, following[1]))
        raise ServiceUnreachable("its list has no end")

    def _link(self, value: Any, name: str) -> str:  # noqa: ANN401 - whatever the service sends
        links = value.get("links") if isinstance(value, dict) else None
        url = links.get(name) if isinstance(links, dict) else None
        if not isinstance(url, str):
            raise ServiceUnreachable(f"its answer has no link {name}")
        return self._own(urljoin(self._base, url))

    def _own(self, url: str) -> str:
        """*url*, if it is the service's own. Fail closed: signed requests go nowhere else."""
        there, here = urlsplit(url), urlsplit(self._base)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise ServiceUnreachable("it links to another host, which is not followed")
        return url

    async def _get(self, url: str) -> Any:  # noqa: ANN401 - whatever the service sends
        reply = await self._send("GET", url)
        reply.demand_ok()
        return reply.json()

    async def _send(self, method: str, url: str, body: bytes = b"") -> Reply:
        def signed() -> Request:
            content_type = _JSON if body else ""
            header = hawk.authorization(
                key_id=self._access.fields["key_id"],
                key=self._access.secrets["key"],
                method=method,
                url=url,
                at_s=self._stamp.now_ms() // 1000,
                nonce=self._stamp.random(_NONCE_BYTES).hex(),
                content_type=content_type,
                body=body,
            )
            headers = {"Authorization": header, "Accept": _JSON, **({"Content-Type": _JSON} if body else {})}
            return Request(method=method, url=url, headers=headers, body=body)

        reply = await self._channel.send(signed)
        if reply.status != _FORBIDDEN or refused(_words(reply), _REFUSALS).outcome is not Outcome.OWNED_BY_ANOTHER:
            reply.demand_let_in()
        return reply

    def _entry(self, mac: MacAddress, row: Any) -> Entry:  # noqa: ANN401 - whatever the service sends
        settings = row.get("settings_manager") if isinstance(row, dict) else None
        setting = settings.get(self._uuid) if isinstance(settings, dict) else None
        url = setting.get("value") if isinstance(setting, dict) else None
        return Entry(mac=mac, standing=Standing.OURS, url=Secret(str(url)) if url else None)


class GRAPE(SRAPS):
    """Gigaset GRAPE."""

    setting = "ProvisioningServer"


def _words(reply: Reply) -> str:
    """What an error says: its message, in whichever field the service puts it."""
    try:
        answer = reply.json()
    except ServiceUnreachable:
        return str(reply.status)
    if not isinstance(answer, dict):
        return spoken(answer)
    said = next((answer[name] for name in ("message", "error", "detail") if answer.get(name)), None)
    return str(said if said is not None else answer)
