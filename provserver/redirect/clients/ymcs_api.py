"""
How Yealink's Management Cloud Service is spoken to, whatever for: a token, headers for each call, its errors.

Source: the YMCS API manual and two clients (sheet yealink 9c, H).
"""

from __future__ import annotations

import asyncio
import base64

import orjson

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel, Reply
from provserver.redirect.protocol import Access, Outcome, Stamp, mac_of, spoken
from provserver.redirect.shapes import number, rows, table
from provserver.secret import Secret

_NONCE_BYTES = 16
_EARLY_MS = 60_000  # a token is renewed so long before it expires
_NOT_LET_IN = frozenset({"900401", "900403", "900440"})  # not logged in, forbidden, session expired
_LATER = frozenset(  # timeout, edited by somebody else just now, too many, busy, and what is theirs to mend
    {"900408", "900412", "900429", "900500", "900502", "900503", "900504", "900511", "900599"}
)
EXISTS = ("800003", "800004", "resource already exists", "device already managed", "device.mac.existed")
REFUSALS = (
    *((word, Outcome.OWNED_BY_ANOTHER) for word in EXISTS),
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


class YMCSApi:
    """One account's way to the service; holds the token that it is let in with."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._channel = channel
        self._access = access
        self._stamp = stamp
        self._token = Secret("")
        self._token_until_ms = 0
        self._asking = asyncio.Lock()  # one asks, the others wait for its answer, no longer than one call may take

    async def check(self) -> None:
        """Get a new token."""
        self._token_until_ms = 0
        await self._bearer()

    async def get(self, path: str) -> Reply:
        """See `post`."""
        return await self._call("GET", path, b"")

    async def post(self, path: str, value: object) -> Reply:
        """
        Post JSON; raises for what concerns the account or the service, gives what concerns devices.

        A token that has ended before its time is replaced, once.
        """
        return await self._call("POST", path, orjson.dumps(value))

    async def _call(self, method: str, path: str, body: bytes) -> Reply:
        is_reused = self._stamp.now_ms() < self._token_until_ms
        try:
            return await self._call_once(method, path, body)
        except AccountRefused:
            if not is_reused:
                raise
        return await self._call_once(method, path, body)

    async def _call_once(self, method: str, path: str, body: bytes) -> Reply:

        async def made() -> Request:
            token = await self._bearer()
            headers = {**self._fresh_headers(), "Authorization": f"Bearer {token.reveal()}"}
            return Request(method=method, url=self._access.endpoint.rstrip("/") + path, headers=headers, body=body)

        reply = await self._channel.send(made)
        code = _code(reply)
        if code in _LATER:
            raise ServiceUnreachable(f"it answers {spoken(words(reply))}")
        if code in _NOT_LET_IN or reply.status == 401:  # noqa: PLR2004 - unauthorized
            self._token_until_ms = 0
            raise AccountRefused(spoken(words(reply)) or f"it answers {reply.status}")
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
            raise AccountRefused(spoken(words(reply)) or f"it answers {reply.status}")
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
    return "" if reply.ok else words(reply).partition(" ")[0]


def words(reply: Reply) -> str:
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


def failures(reply: Reply, name: str, words: str) -> dict[MacAddress, str]:
    """Of a reply about many devices: which failed, with what is said of each."""
    answer = table(reply.json())
    found = [(mac_of(row.get(name)), str(row.get(words))) for row in rows(answer.get("errors"))]
    if "failureCount" not in answer or len(found) != number(answer["failureCount"]):
        raise ServiceUnreachable("its answer does not say which devices failed")  # fail closed: none is taken as done
    return {mac: said for mac, said in found if mac is not None}
