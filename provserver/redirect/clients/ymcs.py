"""
Yealink's Management Cloud Service, version 2: the newest of its three generations.

Source: the YMCS API manual and two clients (sheet yealink 9c, H). By MAC alone only where Yealink has enabled it for
the account (H); by MAC and serial number always.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provserver.domain.mac import MacAddress
from provserver.errors import ServiceUnreachable
from provserver.redirect.channel import Channel
from provserver.redirect.clients.ymcs_api import REFUSALS, YMCSApi, failures, words
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
from provserver.redirect.shapes import rows, table
from provserver.secret import Secret

_PAGE = 100


class YMCS:
    """Yealink YMCS v2."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._api = YMCSApi(channel, access, stamp)

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
        await self._api.check()

    async def _add(self, wishes: Sequence[Wish]) -> dict[MacAddress, Result]:
        results = {wish.mac: await self._add_with_serial(wish) for wish in wishes if wish.serial}
        without = [wish for wish in wishes if not wish.serial]
        if not without:
            return results
        body = [{"mac": wish.mac.value, "uniqueServerUrl": wish.url.reveal()} for wish in without]
        reply = await self._api.post("/v2/rps/addDevicesByMac", body)
        if not reply.ok:
            refusal = refused(words(reply), REFUSALS)
            return {**results, **{wish.mac: refusal for wish in without}}
        failed = failures(reply, "mac", "errorInfo")
        for wish in without:
            said = failed.get(wish.mac)
            results[wish.mac] = Result(outcome=Outcome.REGISTERED) if said is None else refused(said, REFUSALS)
        return results

    async def _add_with_serial(self, wish: Wish) -> Result:
        body = {"mac": wish.mac.value, "sn": wish.serial, "uniqueServerUrl": wish.url.reveal()}
        reply = await self._api.post("/v2/rps/devices", body)
        return Result(outcome=Outcome.REGISTERED) if reply.ok else refused(words(reply), REFUSALS)

    async def _delete(self, macs: Sequence[MacAddress]) -> dict[MacAddress, str]:
        """Delete what is ours of *macs*; gives what was said of those that were not."""
        body = {"deviceIdType": "mac", "deviceIds": [mac.value for mac in macs]}
        reply = await self._api.post("/v2/rps/delDevices", body)
        if not reply.ok:
            said = spoken(words(reply))
            return dict.fromkeys(macs, said)
        return {mac: spoken(said) for mac, said in failures(reply, "field", "msg").items()}

    async def _pins(self, macs: Sequence[MacAddress]) -> dict[MacAddress, Secret]:
        """The PINs that have to be typed in at the phones; no PIN is no failure, the devices are registered."""
        if not macs:
            return {}
        reply = await self._api.post("/v2/rps/listDevicePins", {"macs": [mac.value for mac in macs]})
        listed = rows(reply.json()) if reply.ok else []
        found = [(mac_of(row.get("mac")), row.get("pin")) for row in listed]
        return {mac: Secret(str(pin)) for mac, pin in found if mac is not None and pin}

    async def _rows(self, *, skip: int, limit: int, mac: MacAddress | None = None) -> list[Mapping[str, Any]]:
        body = {"skip": skip, "limit": limit, "autoCount": False, "filter": {"mac": mac.value} if mac else {}}
        reply = await self._api.post("/v2/rps/listDevices", body)
        reply.demand_ok()
        data = table(reply.json()).get("data")
        if not isinstance(data, list):
            raise ServiceUnreachable("its list holds no devices")
        return rows(data)


def _entry(row: Mapping[str, Any]) -> Entry | None:
    mac = mac_of(row.get("mac"))
    if mac is None:
        return None
    url = row.get("uniqueServerUrl") or row.get("serverUrl")
    return Entry(mac=mac, standing=Standing.OURS, url=Secret(str(url)) if url else None)
