"""Devices and lines in the store, for people's side; the request path has its own look-ups in `records`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.device import Device, Tokens, device_owner
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.slot import SecretSlot
from provserver.storage.sqlite import upsert
from provserver.storage.tables import DEAD_TOKEN, DEVICE, LINE, PIN, SITE

COLUMNS = tuple(DEVICE.c)
_ENTERED = ("site_id", "vendor", "model", "description", "serial", "armed_until", "needs_password_at", "updated_at")
_CHUNK = 500  # parameters in one IN list; SQLite allows 32,766


async def insert_devices(tx: AsyncConnection, devices: Sequence[Device]) -> None:
    """Add devices; their MACs are not in use (looked up in the same transaction)."""
    if devices:
        await tx.execute(insert(DEVICE), [_row(device) for device in devices])


async def update_device(tx: AsyncConnection, device: Device) -> None:
    """Write a device as it is now."""
    await tx.execute(update(DEVICE).where(DEVICE.c.id == device.id).values(_row(device)))


async def update_entered(tx: AsyncConnection, devices: Sequence[Device]) -> None:
    """
    Write what people enter about devices, and nothing that the request path writes.

    Phones go on booting between the reading of these devices and this: what that wrote is not to be undone.
    """
    if devices:
        values: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in _ENTERED}
        rows = [{f"new_{name}": value for name, value in _row(device).items()} for device in devices]
        await tx.execute(update(DEVICE).where(DEVICE.c.id == bindparam("new_id")).values(values), rows)


async def delete_device(tx: AsyncConnection, device_id: str) -> None:
    """Remove a device with its lines and what is pinned for it."""
    await tx.execute(delete(PIN).where(PIN.c.owner == device_owner(device_id)))
    await tx.execute(delete(LINE).where(LINE.c.device_id == device_id))
    await tx.execute(delete(DEVICE).where(DEVICE.c.id == device_id))


async def find_device(tx: AsyncConnection, mac: MacAddress, *, tenant_id: str | None = None) -> Device | None:
    """The device with this MAC; with *tenant_id*, only if it is that tenant's."""
    query = select(*COLUMNS).where(DEVICE.c.mac == mac.value)
    if tenant_id is not None:
        query = query.where(DEVICE.c.tenant_id == tenant_id)
    row = (await tx.execute(query)).one_or_none()
    return device_of(dict(row._mapping)) if row else None


async def makers_in_use(tx: AsyncConnection) -> frozenset[str]:
    """The slugs of the makers that there are devices of."""
    return frozenset((await tx.execute(select(DEVICE.c.vendor).distinct())).scalars())


async def count_of_tenant(tx: AsyncConnection, tenant_id: str) -> int:
    """How many devices a tenant has."""
    return int((await tx.execute(select(func.count()).where(DEVICE.c.tenant_id == tenant_id))).scalar_one())


async def ids_of_tenant(tx: AsyncConnection, tenant_id: str) -> list[str]:
    """The ids of all devices of a tenant."""
    return list(await tx.scalars(select(DEVICE.c.id).where(DEVICE.c.tenant_id == tenant_id)))


async def mac_of(tx: AsyncConnection, device_id: str) -> str | None:
    """The MAC of the device with this id."""
    return (await tx.execute(select(DEVICE.c.mac).where(DEVICE.c.id == device_id))).scalar_one_or_none()


async def macs_of(tx: AsyncConnection, device_ids: Sequence[str]) -> dict[str, str]:
    """The MACs of those of *device_ids* that exist: id → MAC."""
    found: dict[str, str] = {}
    for start in range(0, len(device_ids), _CHUNK):
        rows = await tx.execute(
            select(DEVICE.c.id, DEVICE.c.mac).where(DEVICE.c.id.in_(list(device_ids[start : start + _CHUNK])))
        )
        found.update({row.id: row.mac for row in rows})
    return found


async def mark_needing_password(tx: AsyncConnection, device_ids: Sequence[str], *, at_ms: int) -> set[str]:
    """Say that devices need their passwords again; gives those of which it was not said yet."""
    fresh = set[str]()
    for start in range(0, len(device_ids), _CHUNK):
        rows = await tx.execute(
            update(DEVICE)
            .where(DEVICE.c.id.in_(list(device_ids[start : start + _CHUNK])), DEVICE.c.needs_password_at.is_(None))
            .values(needs_password_at=at_ms)
            .returning(DEVICE.c.id)
        )
        fresh.update(rows.scalars())
    return fresh


async def owners_of(tx: AsyncConnection, macs: Sequence[MacAddress]) -> dict[str, Device]:
    """Those of *macs* that exist, whoever they belong to: MAC → device."""
    found: dict[str, Device] = {}
    for start in range(0, len(macs), _CHUNK):
        values = [mac.value for mac in macs[start : start + _CHUNK]]
        rows = await tx.execute(select(*COLUMNS).where(DEVICE.c.mac.in_(values)))
        found.update({row.mac: device_of(dict(row._mapping)) for row in rows})
    return found


async def of_maker(tx: AsyncConnection, vendor: str, *, tenant_id: str | None, after: str, limit: int) -> list[Device]:
    """Devices of one maker by MAC, from *after* on; with *tenant_id*, that tenant's only."""
    query = select(*COLUMNS).where(DEVICE.c.mac > after, DEVICE.c.vendor == vendor)
    if tenant_id is not None:
        query = query.where(DEVICE.c.tenant_id == tenant_id)
    rows = await tx.execute(query.order_by(DEVICE.c.mac).limit(limit))
    return [device_of(dict(row._mapping)) for row in rows]


async def search_devices(
    tx: AsyncConnection, words: Iterable[str], *, tenant_id: str | None, limit: int
) -> list[Device]:
    """Devices in which every word occurs: in MAC, description, model, site, or a line's names. By MAC."""
    query: Select[Any] = select(*COLUMNS).outerjoin(SITE, SITE.c.id == DEVICE.c.site_id)
    if tenant_id is not None:
        query = query.where(DEVICE.c.tenant_id == tenant_id)
    for word in words:
        pattern = f"%{_escape_like(word)}%"
        mac_pattern = f"%{_escape_like(word.lower().replace(':', '').replace('-', ''))}%"
        in_line = (
            select(LINE.c.device_id)
            .where(LINE.c.device_id == DEVICE.c.id)
            .where(
                or_(
                    *(
                        column.like(pattern, escape="\\")
                        for column in (LINE.c.user_name, LINE.c.label, LINE.c.display_name, LINE.c.auth_name)
                    )
                )
            )
            .exists()
        )
        query = query.where(
            or_(
                DEVICE.c.mac.like(mac_pattern, escape="\\"),
                DEVICE.c.description.like(pattern, escape="\\"),
                DEVICE.c.vendor.like(pattern, escape="\\"),
                DEVICE.c.model.like(pattern, escape="\\"),
                SITE.c.name.like(pattern, escape="\\"),
                in_line,
            )
        )
    rows = await tx.execute(query.order_by(DEVICE.c.mac).limit(limit))
    return [device_of(dict(row._mapping)) for row in rows]


async def replace_lines(tx: AsyncConnection, lines: Mapping[str, Sequence[Line]]) -> None:
    """Make *lines* (device id → lines) all the lines those devices have."""
    ids = list(lines)
    for start in range(0, len(ids), _CHUNK):
        await tx.execute(delete(LINE).where(LINE.c.device_id.in_(ids[start : start + _CHUNK])))
    rows = [_line_row(device_id, line) for device_id, own in lines.items() for line in own]
    if rows:
        await tx.execute(insert(LINE), rows)


async def lines_of(tx: AsyncConnection, device_id: str) -> tuple[Line, ...]:
    """A device's lines by number; passwords are not part of them."""
    rows = await tx.execute(select(*LINE.c).where(LINE.c.device_id == device_id).order_by(LINE.c.number))
    return tuple(line_of(dict(row._mapping)) for row in rows)


async def bury_tokens(tx: AsyncConnection, device_id: str, fingerprints: Iterable[bytes | None], *, at_ms: int) -> None:
    """Remember dead tokens, so that their use can be told from guessing."""
    rows = [{"fingerprint": f, "device_id": device_id, "died_at": at_ms} for f in fingerprints if f]
    if rows:
        await tx.execute(upsert(DEAD_TOKEN).on_conflict_do_nothing(), rows)


def device_of(row: Mapping[str, Any]) -> Device:
    """A row of `COLUMNS` as a Device."""
    return Device(
        id=row["id"],
        tenant_id=row["tenant_id"],
        site_id=row["site_id"],
        mac=MacAddress(row["mac"]),
        vendor=row["vendor"],
        model=row["model"],
        description=row["description"],
        tokens=Tokens(
            generation=row["generation"],
            lasting=row["lasting_token"],
            previous=row["previous_token"],
            bootstrap=row["bootstrap_token"],
            lasting_used_at=row["lasting_used_at"],
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        locked_at=row["locked_at"],
        lock_reason=row["lock_reason"],
        armed_until=row["armed_until"],
        provisioned_at=row["provisioned_at"],
        provisioned_prefix=row["provisioned_prefix"],
        needs_password_at=row["needs_password_at"],
        serial=row["serial"],
    )


def line_of(row: Mapping[str, Any], *, password: SecretSlot | None = None) -> Line:
    """A row of the line table as a Line; *password* is its place, if it is held."""
    return Line(
        number=row["number"],
        user_name=row["user_name"],
        label=row["label"],
        display_name=row["display_name"],
        auth_name=row["auth_name"],
        registrar=Endpoint.parse(row["registrar"]),
        backup_registrar=Endpoint.parse(row["backup_registrar"]) if row["backup_registrar"] else None,
        outbound_proxy=Endpoint.parse(row["outbound_proxy"]) if row["outbound_proxy"] else None,
        expires_s=row["expires_s"],
        voicemail=row["voicemail"],
        password=password,
    )


def _row(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "tenant_id": device.tenant_id,
        "site_id": device.site_id,
        "mac": device.mac.value,
        "vendor": device.vendor,
        "model": device.model,
        "description": device.description,
        "generation": device.tokens.generation,
        "lasting_token": device.tokens.lasting,
        "previous_token": device.tokens.previous,
        "bootstrap_token": device.tokens.bootstrap,
        "lasting_used_at": device.tokens.lasting_used_at,
        "created_at": device.created_at,
        "updated_at": device.updated_at,
        "locked_at": device.locked_at,
        "lock_reason": device.lock_reason,
        "armed_until": device.armed_until,
        "provisioned_at": device.provisioned_at,
        "provisioned_prefix": device.provisioned_prefix,
        "needs_password_at": device.needs_password_at,
        "serial": device.serial,
    }


def _line_row(device_id: str, line: Line) -> dict[str, Any]:
    return {
        "device_id": device_id,
        "number": line.number,
        "user_name": line.user_name,
        "label": line.label,
        "display_name": line.display_name,
        "auth_name": line.auth_name,
        "registrar": _endpoint(line.registrar),
        "backup_registrar": _endpoint(line.backup_registrar),
        "outbound_proxy": _endpoint(line.outbound_proxy),
        "expires_s": line.expires_s,
        "voicemail": line.voicemail,
    }


def _endpoint(endpoint: Endpoint | None) -> str | None:
    return f"{endpoint};transport={endpoint.transport.value}" if endpoint else None


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
