"""
Yealink's Management Cloud Service as what configures the phones: devices, SIP accounts, and which line has which.

Source: the paths and fields as three public clients and excerpts of the "Open API for YMCS V4X" have them (M). They
disagree on whether the accounts to bind stand in a list or in an object that holds one; two of three say object (L).
That an account's row repeats its *remark* is assumed (L): by it we find again what a call without an answer has left.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.mac import MacAddress
from provserver.errors import ServiceUnreachable
from provserver.redirect.channel import Channel, Reply
from provserver.redirect.clients.ymcs_api import REFUSALS, YMCSApi, failures, words
from provserver.redirect.protocol import (
    Access,
    Entry,
    OneByOne,
    Outcome,
    Phone,
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

_PHONE = 1  # their number for phones, as against room systems
_SIP = 0  # their number for SIP accounts
_DEVICES_A_PAGE, _ACCOUNTS_A_PAGE = 100, 500  # what the service gives at most
_SIP_PORT = 5060


class YMCSHosting(OneByOne):
    """Yealink YMCS v2, device management. What it configures is a phone's accounts; it has the phone for itself."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._api = YMCSApi(channel, access, stamp)
        self._models: dict[str, str] = {}  # name → id; there is no reason why one should change

    async def enter(self, wish: Wish) -> Result:
        """
        Add the device if it is not there, and give it its lines anew.

        What was bound to it before is deleted first, with its password, so that telling twice leaves one of each.
        """
        phone = wish.phone
        if phone is None:
            return Result(outcome=Outcome.NOT_HELD, said="not sent: there is nothing to configure it with")
        unfit = next((line for line in phone.lines if not _is_told_whole(line)), None)
        if unfit is not None:  # fail closed: TLS left out would be a call in clear
            said = f"not sent: line {unfit.number} has a transport or a proxy, and YMCS takes neither"
            return Result(outcome=Outcome.REFUSED, said=said)
        device_id = await self._id_of(wish.mac)
        if device_id is None:
            refusal = await self._add(wish, phone)
            if refusal is not None:
                return refusal
            device_id = await self._id_of(wish.mac)
        else:
            await self._empty(wish.mac, device_id)
        if device_id is None:
            raise ServiceUnreachable("it does not know the device that it has just added")
        return await self._give(device_id, wish.mac, phone)

    async def remove(self, wish: Wish) -> Result:
        """Delete the accounts and the device."""
        device_id = await self._id_of(wish.mac)
        await self._empty(wish.mac, device_id)
        if device_id is None:
            return Result(outcome=Outcome.ABSENT)
        reply = await self._api.post("/v2/dm/delDevices", {"deviceIds": [device_id], "deviceType": _PHONE})
        said = _failure(reply)
        return Result(outcome=Outcome.WITHDRAWN) if said is None else refused(said, REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Whether the account has the device; of other accounts' the service says nothing."""
        found = await self._id_of(wish.mac)
        return Entry(mac=wish.mac, standing=Standing.ABSENT if found is None else Standing.OURS)

    async def entries(self) -> AsyncIterator[Entry]:
        """Every phone of the account, page by page."""
        async for row in self._listed("/v2/dm/listDevices", _DEVICES_A_PAGE, {"deviceType": _PHONE}):
            mac = mac_of(row.get("mac"))
            if mac is not None:
                yield Entry(mac=mac, standing=Standing.OURS)

    async def check_credentials(self) -> None:
        """Get a token."""
        await self._api.check()

    async def _id_of(self, mac: MacAddress) -> str | None:
        body = {"deviceType": _PHONE, "deviceIds": [mac.value], "deviceIdType": "mac"}
        reply = await self._api.post("/v2/dm/deviceId", body)
        reply.demand_ok()
        found = [str(row["deviceId"]) for row in _list(reply) if mac_of(row.get("key")) == mac and row.get("deviceId")]
        return found[0] if found else None

    async def _add(self, wish: Wish, phone: Phone) -> Result | None:
        """Add the device; a result if that was refused."""
        model_id = await self._model_id(phone.model or "")
        if model_id is None:
            return Result(outcome=Outcome.BAD_MAC, said=spoken(f"YMCS lists no model {phone.model or '(none)'}"))
        device: dict[str, object] = {"mac": wish.mac.value, "deviceType": _PHONE, "modelId": model_id}
        if wish.serial:
            reply = await self._api.post("/v2/dm/devices", {**device, "sn": wish.serial})
            return None if reply.ok else refused(words(reply), REFUSALS)
        reply = await self._api.post("/v2/dm/addDevicesByMac", [device])
        if not reply.ok:
            return refused(words(reply), REFUSALS)
        said = failures(reply, "mac", "errorInfo").get(wish.mac)
        return None if said is None else refused(said, REFUSALS)

    async def _model_id(self, model: str) -> str | None:
        """Their id of *model*, which they call by its whole name: ``SIP-T54W``."""
        if not self._models:
            reply = await self._api.get(f"/v2/dm/models?deviceType={_PHONE}")
            reply.demand_ok()
            self._models = {_model(row.get("name")): str(row["id"]) for row in _list(reply) if row.get("id")}
        return self._models.get(_model(model)) if model else None

    async def _give(self, device_id: str, mac: MacAddress, phone: Phone) -> Result:
        """Make an account for each line and bind it; refused, they are deleted again."""
        made: list[tuple[Line, str]] = []
        for line in phone.lines:
            reply = await self._api.post("/v2/dm/sipAccounts", _account(line, phone.passwords[line.number], mac))
            account_id = table(reply.json()).get("id") if reply.ok else None
            if reply.ok and not account_id:
                raise ServiceUnreachable("its answer does not say which account it has made")
            if account_id is None:
                return await self._undone(reply, [made_id for _, made_id in made])
            made.append((line, str(account_id)))
        bound = [{"lineId": line.number, "accountType": _SIP, "accountId": made_id} for line, made_id in made]
        reply = await self._api.post(f"/v2/dm/devices/{device_id}/bindAccounts", {"accounts": bound})
        if not reply.ok:
            return await self._undone(reply, [made_id for _, made_id in made])
        # What it answers when that is done, nobody has written down; so what is there now decides.
        if not {made_id for _, made_id in made} <= set(await self._bound(device_id)):
            raise ServiceUnreachable("it does not show the accounts that were bound")
        return Result(outcome=Outcome.REGISTERED)

    async def _undone(self, refusal: Reply, account_ids: Sequence[str]) -> Result:
        """What *refusal* means, after the accounts that were made before it are deleted."""
        kept = bool(account_ids) and await self._delete(account_ids) is not None
        said = refused(words(refusal), REFUSALS)
        return Result(outcome=said.outcome, said=said.said, has_kept=kept)

    async def _empty(self, mac: MacAddress, device_id: str | None) -> None:
        """Delete every account that is bound to a device, and those of ours that a broken-off call has left."""
        bound = [] if device_id is None else await self._bound(device_id)
        if bound:
            reply = await self._api.post(f"/v2/dm/devices/{device_id}/unbindAccounts", {"accountIds": bound})
            reply.demand_ok()
        accounts = self._listed("/v2/dm/listAccounts", _ACCOUNTS_A_PAGE, {})
        ours = [str(row["id"]) async for row in accounts if row.get("remark") == _remark(mac) and row.get("id")]
        found = sorted({*bound, *ours})
        if found and (said := await self._delete(found)) is not None:
            raise ServiceUnreachable(f"it does not delete accounts: {spoken(said)}")

    async def _bound(self, device_id: str) -> list[str]:
        """The accounts that a device has."""
        reply = await self._api.get(f"/v2/dm/devices/{device_id}/boundAccounts")
        reply.demand_ok()
        return [str(row["accountId"]) for row in _list(reply) if row.get("accountId")]

    async def _delete(self, account_ids: Sequence[str]) -> str | None:
        """Delete accounts; gives what was said if that failed."""
        return _failure(await self._api.post("/v2/dm/delAccounts", {"accountIds": list(account_ids)}))

    async def _listed(self, path: str, limit: int, wanted: Mapping[str, object]) -> AsyncIterator[Mapping[str, Any]]:
        """All rows of a list, page by page."""
        skip, before = 0, None
        while True:
            body = {"skip": skip, "limit": limit, "autoCount": False, "filter": wanted}
            reply = await self._api.post(path, body)
            reply.demand_ok()
            page = _list(reply)
            if page and page == before:
                raise ServiceUnreachable("its list has no end")
            before = page
            for row in page:
                yield row
            if len(page) < limit:
                return
            skip += len(page)


def _account(line: Line, password: Secret, mac: MacAddress) -> dict[str, object]:
    """A line in their words: nothing of the device beside its MAC, by which we find the account again."""
    servers = {"sipServer1": _server(line.registrar)}
    if line.backup_registrar is not None:
        servers["sipServer2"] = _server(line.backup_registrar)
    return {
        "registerName": line.auth_user,
        "username": line.user_name,
        "password": password.reveal(),
        "displayName": line.shown_name,
        "label": line.shown_label,
        "remark": _remark(mac),
        **servers,
    }


def _server(endpoint: Endpoint) -> dict[str, object]:
    return {"host": endpoint.host, "port": endpoint.port or _SIP_PORT}


def _remark(mac: MacAddress) -> str:
    return f"provserver {mac.value}"


def _model(name: object) -> str:
    return str(name).upper().removeprefix("SIP-")


def _is_told_whole(line: Line) -> bool:
    """Whether what the service takes says everything of where and how *line* registers."""
    endpoints = [line.registrar, *([line.backup_registrar] if line.backup_registrar else [])]
    return line.outbound_proxy is None and all(one.transport is Transport.UDP for one in endpoints)


def _list(reply: Reply) -> list[Mapping[str, Any]]:
    """The rows of a list that stands alone or, as other calls have it, under *data*."""
    value = reply.json()
    inner = table(value).get("data")
    found = value if isinstance(value, list) else inner
    if not isinstance(found, list):
        raise ServiceUnreachable("its answer holds no list")
    return rows(found)


def _failure(reply: Reply) -> str | None:
    """What is said of something that was to be deleted and is not; None: it is."""
    if not reply.ok:
        return words(reply)
    answer = table(reply.json())
    if not number(answer.get("failureCount")):
        return None
    return "; ".join(str(row.get("msg")) for row in rows(answer.get("errors"))) or "it has failed"
