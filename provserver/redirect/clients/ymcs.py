"""
Yealink's Management Cloud Service, version 2: the newest of its three generations.

Source: the YMCS API manual and two clients (sheet yealink 9c, H). By MAC alone only where Yealink has enabled it for
the account (H); by MAC and serial number always.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel, Reply
from provserver.redirect.protocol import (
    Access,
    Entry,
    Outcome,
    Result,
    Stamp,
    Standing,
    Wish,
    mac_of,
    refused,
    spoken,
)
from provserver.redirect.shapes import number, rows, table
from provserver.secret import Secret

_PAGE = 100
_NONCE_BYTES = 16
_EARLY_MS = 60_000  # a token is renewed so long before it expires
_EXISTS = ("800003", "800004", "resource already exists", "device already managed", "device.mac.existed")
_NOT_LET_IN = frozenset({"900401", "900403", "900440"})  # not logged in, forbidden, session expired
_LATER = frozenset({"900408", "900429", "900500", "900502", "900503", "900504"})
_REFUSALS = (
    *((word, Outcome.OWNED_BY_ANOTHER) for word in _EXISTS),
    ("800001", Outcome.BAD_MAC),
    ("device.mac.invalid", Outcome.BAD_MAC),
    ("800002", Outcome.BAD_SERIAL),
    ("800005", Outcome.BAD_MAC),  # a MAC of a kind of device that the service does not take
    ("800200", Outcome.BAD_MAC),
    ("uniqueserverurl", Outcome.BAD_URL),
    ("800008", Outcome.NOT_ALLOWED),  # more devices than the account may have
    ("900501", Outcome.NOT_ALLOWED),  # adding by MAC alone is not enabled
    ("900403", Outcome.NOT_ALLOWED),
)


class YMCS:
    """Yealink YMCS v2."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._channel = channel
        self._access = access
        self._stamp = stamp
        self._token = Secret("")
        self._token_until_ms = 0
        self._asking = asyncio.Lock()  # one asks, the others wait for its answer, no longer than one call may take

    async def register(self, wishes: Sequence[Wish]) -> list[Result]:
        """
        Add devices; one that exists already is ours or another's.

        Only what is ours can be deleted, so it is, and added anew; what then still exists is another's.
        """
        results = await self._add(wishes)
        there = [w for w in wishes if results[w.mac].outcome is Outcome.OWNED_BY_ANOTHER]
        if there:
            await self._delete([wish.mac for wish in there])
            results.update(await self._add(there))
        pins = await self._pins([mac for mac, result in results.items() if result.outcome is Outcome.REGISTERED])
        return [replace(results[w.mac], pin=pins.get(w.mac)).without(w.url) for w in wishes]

    async def withdraw(self, wishes: Sequence[Wish]) -> list[Result]:
        """Delete devices; what cannot be deleted is not ours."""
        failed = await self._delete([wish.mac for wish in wishes])
        return [
            Result(outcome=Outcome.ABSENT, said=failed[wish.mac])
            if wish.mac in failed
            else Result(outcome=Outcome.WITHDRAWN)
            for wish in wishes
        ]

    async def look_up(self, wish: Wish) -> Entry:
        """Whether the account has the device, and its URL; of other accounts' the service says nothing."""
        listed = await self._rows(skip=0, limit=10, mac=wish.mac)
        found = [entry for row in listed if (entry := _entry(row)) is not None and entry.mac == wish.mac]
        return found[0] if found else Entry(mac=wish.mac, standing=Standing.ABSENT)

    async def entries(self) -> AsyncIterator[Entry]:
        """Every device of the account, page by page."""
        skip, before = 0, None
        while page := await self._rows(skip=skip, limit=_PAGE):
            if page == before:
                raise ServiceUnreachable("its list has no end")
            before = page
            for row in page:
                entry = _entry(row)
                if entry is not None:
                    yield entry
            skip += len(page)

    async def check_credentials(self) -> None:
        """Get a token."""
        self._token_until_ms = 0
        await self._bearer()

    async def _add(self, wishes: Sequence[Wish]) -> dict[MacAddress, Result]:
        results = {wish.mac: await self._add_with_serial(wish) for wish in wishes if wish.serial}
        without = [wish for wish in wishes if not wish.serial]
        if not without:
            return results
        body = [{"mac": wish.mac.value, "uniqueServerUrl": wish.url.reveal()} for wish in without]
        reply = await self._post("/v2/rps/addDevicesByMac", body)
        if not reply.ok:
            refusal = refused(_words(reply), _REFUSALS)
            return {**results, **{wish.mac: refusal for wish in without}}
        failed = _failures(reply, "mac", "errorInfo")
        for wish in without:
            said = failed.get(wish.mac)
            results[wish.mac] = Result(outcome=Outcome.REGISTERED) if said is None else refused(said, _REFUSALS)
        return results

    async def _add_with_serial(self, wish: Wish) -> Result:
        body = {"mac": wish.mac.value, "sn": wish.serial, "uniqueServerUrl": wish.url.reveal()}
        reply = await self._post("/v2/rps/devices", body)
        return Result(outcome=Outcome.REGISTERED) if reply.ok else refused(_words(reply), _REFUSALS)

    async def _delete(self, macs: Sequence[MacAddress]) -> dict[MacAddress, str]:
        """Delete what is ours of *macs*; gives what was said of those that were not."""
        body = {"deviceIdType": "mac", "deviceIds": [mac.value for mac in macs]}
        reply = await self._post("/v2/rps/delDevices", body)
        if not reply.ok:
            said = spoken(_words(reply))
            return dict.fromkeys(macs, said)
        return {mac: spoken(said) for mac, said in _failures(reply, "field", "msg").items()}

    async def _pins(self, macs: Sequence[MacAddress]) -> dict[MacAddress, Secret]:
        """The PINs that have to be typed in at the phones; no PIN is no failure, the devices are registered."""
        if not macs:
            return {}
        reply = await self._post("/v2/rps/listDevicePins", {"macs": [mac.value for mac in macs]})
        listed = rows(reply.json()) if reply.ok else []
        found = [(mac_of(row.get("mac")), row.get("pin")) for row in listed]
        return {mac: Secret(str(pin)) for mac, pin in found if mac is not None and pin}

    async def _rows(self, *, skip: int, limit: int, mac: MacAddress | None = None) -> list[Mapping[str, Any]]:
        body = {"skip": skip, "limit": limit, "autoCount": False, "filter": {"mac": mac.value} if mac else {}}
        reply = await self._post("/v2/rps/listDevices", body)
        reply.demand_ok()
        data = table(reply.json()).get("data")
        if not isinstance(data, list):
            raise ServiceUnreachable("its list holds no devices")
        return rows(data)

    async def _post(self, path: str, value: object) -> Reply:
        """
        Post; raises for what concerns the account or the service, gives what concerns devices.

        A token that has ended before its time is replaced, once.
        """
        is_reused = self._stamp.now_ms() < self._token_until_ms
        try:
            return await self._post_once(path, orjson.dumps(value))
        except AccountRefused:
            if not is_reused:
                raise
        return await self._post_once(path, orjson.dumps(value))

    async def _post_once(self, path: str, body: bytes) -> Reply:

        async def made() -> Request:
            token = await self._bearer()
            headers = {**self._fresh_headers(), "Authorization": f"Bearer {token.reveal()}"}
            return Request(method="POST", url=self._access.endpoint.rstrip("/") + path, headers=headers, body=body)

        reply = await self._channel.send(made)
        code = _code(reply)
        if code in _LATER:
            raise ServiceUnreachable(f"it answers {spoken(_words(reply))}")
        if code in _NOT_LET_IN or reply.status == 401:  # noqa: PLR2004 - unauthorized
            self._token_until_ms = 0
            raise AccountRefused(spoken(_words(reply)) or f"it answers {reply.status}")
        return reply

    async def _bearer(self) -> Secret:
        async with self._asking:
            if self._stamp.now_ms() >= self._token_until_ms:
                await self._ask_for_token()
            return self._token

    async def _ask_for_token(self) -> None:
        login = f"{self._access.fields['client_id']}:{self._access.secrets['client_secret'].reveal()}"
        basic = "Basic " + base64.b64encode(login.encode()).decode()
        body = orjson.dumps({"grant_type": "client_credentials"})

        def made() -> Request:
            headers = {**self._fresh_headers(), "Authorization": basic}
            return Request(
                method="POST", url=self._access.endpoint.rstrip("/") + "/v2/token", headers=headers, body=body
            )

        reply = await self._channel.send(made)
        if not reply.ok:
            raise AccountRefused(spoken(_words(reply)) or f"it answers {reply.status}")
        answer = reply.json()
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise ServiceUnreachable("its answer holds no token")
        self._token = Secret(str(answer["access_token"]))
        self._token_until_ms = self._stamp.now_ms() + number(answer.get("expires_in")) * 1000 - _EARLY_MS

    def _fresh_headers(self) -> dict[str, str]:
        return {
            "timestamp": str(self._stamp.now_ms()),
            "nonce": self._stamp.random(_NONCE_BYTES).hex(),
            "Content-Type": "application/json",
            "Accept": "application/json",
        }


def _code(reply: Reply) -> str:
    return "" if reply.ok else _words(reply).partition(" ")[0]


def _words(reply: Reply) -> str:
    """What an error says: its code, its message, its details."""
    try:
        answer = reply.json()
    except ServiceUnreachable:
        return str(reply.status)
    if not isinstance(answer, dict):
        return str(reply.status)
    details = rows(answer.get("details"))
    parts = (answer.get("code"), answer.get("message"), answer.get("error"))
    said = [str(part) for part in parts if part]
    return " ".join([*said, *(f"{d.get('field')}: {d.get('message')}" for d in details)])


def _failures(reply: Reply, name: str, words: str) -> dict[MacAddress, str]:
    """Of a reply about many devices: which failed, with what is said of each."""
    answer = table(reply.json())
    found = [(mac_of(row.get(name)), str(row.get(words))) for row in rows(answer.get("errors"))]
    if "failureCount" not in answer or len(found) != number(answer["failureCount"]):
        raise ServiceUnreachable("its answer does not say which devices failed")  # fail closed: none is taken as done
    return {mac: said for mac, said in found if mac is not None}


def _entry(row: Mapping[str, Any]) -> Entry | None:
    mac = mac_of(row.get("mac"))
    if mac is None:
        return None
    url = row.get("uniqueServerUrl") or row.get("serverUrl")
    return Entry(mac=mac, standing=Standing.OURS, url=Secret(str(url)) if url else None)
