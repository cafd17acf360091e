"""
Unify's redirect server for CP phones: JSON, and a certificate of each provider's own in place of a password.

Source: the maker's wiki, "Zero Touch Deployment" (H): address, methods, MAC with colons, results, that a phone's
address for configurations is the item ``bw-dms-addr``. Not in it (L): in which words it refuses, so a word in them
decides; that an item's value is called ``value``; that preparing a device anew replaces what was there. No maker of
this name is built in; devices come by an operator's own maker ``unify``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import orjson

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused, InvalidValue, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.outbound.identity import Identity
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import (
    IDENTITY,
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
from provserver.secret import Secret

_ADDRESS = "bw-dms-addr"
_PREPARED = re.compile(rf'<Item name="{_ADDRESS}">([^<]*)</Item>')  # how the server tells what it has
_NOBODY = MacAddress("001ae8000000")  # of Unify's own block, and no phone's
_OTHERS = ("other", "permission", "belong")
_REFUSALS = (
    *((word, Outcome.OWNED_BY_ANOTHER) for word in _OTHERS),
    ("mac", Outcome.BAD_MAC),
    (_ADDRESS, Outcome.BAD_URL),
    ("url", Outcome.BAD_URL),
)


class UnifyCloudSetup(OneByOne):
    """Unify cloud-setup."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._channel = channel
        self._endpoint = access.endpoint
        self._secret = access.secrets[IDENTITY]
        self._known: Identity | None = None

    async def enter(self, wish: Wish) -> Result:
        """Prepare one device; one of ours gets the new URL."""
        items = [{"name": _ADDRESS, "value": wish.url.reveal()}]
        answer = await self._call("PUT", {"mac": wish.mac.colons, "data": items})
        if not isinstance(answer, dict):
            raise ServiceUnreachable("its answer is about no device")
        told = answer.get("data")
        ill = [answer, *(item for item in told if isinstance(item, dict))] if isinstance(told, list) else [answer]
        for one in ill:  # an item can be refused where the device is not
            if one.get("result") != "OK":
                return refused(f"{one.get('name', '')} {one.get('reason', 'it refuses')}".strip(), _REFUSALS)
        return Result(outcome=Outcome.REGISTERED)

    async def remove(self, wish: Wish) -> Result:
        """Delete what was prepared, if anything was."""
        if (await self.look_up(wish)).standing is Standing.ABSENT:
            return Result(outcome=Outcome.ABSENT)
        answer = await self._ask("DELETE", wish.mac)
        if answer.get("result") == "OK":
            return Result(outcome=Outcome.WITHDRAWN)
        return refused(answer.get("reason", "it refuses"), _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Whether a device is prepared, and where it is sent."""
        answer = await self._ask("POST", wish.mac)
        if answer.get("result") != "OK":
            is_others = any(word in str(answer.get("reason", "")).lower() for word in _OTHERS)
            return Entry(mac=wish.mac, standing=Standing.FOREIGN if is_others else Standing.ABSENT)
        found = _PREPARED.search(str(answer.get("data", "")))
        return Entry(mac=wish.mac, standing=Standing.OURS, url=Secret(html.unescape(found[1])) if found else None)

    async def check_credentials(self) -> None:
        """Ask for a MAC that is nobody's: whatever is said of it, the certificate was accepted."""
        await self._ask("POST", _NOBODY)

    async def _ask(self, method: str, mac: MacAddress) -> Mapping[str, Any]:
        answer = await self._call(method, [{"mac": mac.colons}])
        rows = [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []
        found = next((row for row in rows if mac_of(row.get("mac")) == mac), None)
        if found is None:
            raise ServiceUnreachable("its answer is about another device")
        return found

    async def _call(self, method: str, value: object) -> Any:  # noqa: ANN401 - whatever the service sends
        request = Request(
            method=method,
            url=self._endpoint,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=orjson.dumps(value),
            identity=self._identity(),
        )
        reply = await self._channel.send(lambda: request)
        reply.demand_ok()
        return reply.json()

    def _identity(self) -> Identity:
        if self._known is None:
            try:
                self._known = Identity(self._secret, field=IDENTITY)
            except InvalidValue as error:
                raise AccountRefused(str(error)) from None
        return self._known
