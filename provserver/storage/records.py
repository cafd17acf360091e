"""What the request path reads and writes: compiled look-ups of one device, and the small writes around a delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, insert, literal_column, or_, select, update

from provserver.domain.device import Credential, Device, ReleasePolicy, Tenant
from provserver.domain.line import Line, password_field
from provserver.domain.resolve import PREVIOUS_LOGIN_PASSWORD
from provserver.domain.sealed import WrappedKey
from provserver.domain.slot import SecretSlot
from provserver.storage.batches import BatchedRead
from provserver.storage.credentials import credential_of
from provserver.storage.database import Storage
from provserver.storage.devices import device_of, line_of
from provserver.storage.hot import Statement
from provserver.storage.sqlite import upsert
from provserver.storage.tables import CREDENTIAL, DEAD_TOKEN, DELIVERY, DEVICE, LINE, SETTING, TENANT, WRAPPED_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A device and its tenant: what a release is decided on. *forgotten*: a credential of it has been deleted."""

    device: Device
    tenant: Tenant
    forgotten: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an artefact is made of: lines, the device's own settings, its credentials by field, and their data keys."""

    lines: tuple[Line, ...]
    settings: Mapping[str, str]
    settings_changed_at: int
    credentials: Mapping[str, Credential]
    keys: Mapping[str, WrappedKey]


_FORGOTTEN = exists(
    select(CREDENTIAL.c.id).where(
        CREDENTIAL.c.owner == literal_column("'device:' || device.id"),
        CREDENTIAL.c.deleted_at.is_not(None),
        CREDENTIAL.c.field != literal_column(f"'{PREVIOUS_LOGIN_PASSWORD}'"),  # another has taken its place
    )
)
_ACCESS = select(
    DEVICE.c.mac.label("key"),
    *DEVICE.c,
    TENANT.c.name.label("tenant_name"),
    TENANT.c.policy,
    TENANT.c.window_ms,
    TENANT.c.retention_ms,
    TENANT.c.legacy_tls,
    TENANT.c.fixed_networks,
    TENANT.c.quota,
    _FORGOTTEN.label("forgotten"),
).join(TENANT, TENANT.c.id == DEVICE.c.tenant_id)
_ACCESS_NAMES = tuple(column.name for column in _ACCESS.selected_columns)
_BY_TOKEN = Statement(
    _ACCESS.where(
        or_(
            DEVICE.c.lasting_token == bindparam("token"),
            DEVICE.c.previous_token == bindparam("token"),
            DEVICE.c.bootstrap_token == bindparam("token"),
        )
    )
)
_LINES = select(*LINE.c)
_LINE_NAMES = tuple(column.name for column in LINE.c)
_SETTINGS = select(SETTING.c.owner, SETTING.c.name, SETTING.c.value, SETTING.c.updated_at)
_CREDENTIALS = select(CREDENTIAL.c.owner.label("key"), *CREDENTIAL.c)
_CREDENTIAL_NAMES = tuple(column.name for column in _CREDENTIALS.selected_columns)
_KEYS = select(*(WRAPPED_KEY.c[name] for name in ("key_id", "generation", "nonce", "wrapped")))

# Before a password leaves, its clock is on the disk. The release id says whose attempt it was, so that an attempt that
# broke off takes back its own mark only.
MARK_RELEASED = Statement(
    update(CREDENTIAL)
    .where(CREDENTIAL.c.id == bindparam("credential"), CREDENTIAL.c.first_delivered_at.is_(None))
    .values(released_at=bindparam("at"), release_id=bindparam("release"))
)
TAKE_BACK = Statement(
    update(CREDENTIAL)
    .where(
        CREDENTIAL.c.id == bindparam("credential"),
        CREDENTIAL.c.release_id == bindparam("release"),
        CREDENTIAL.c.first_delivered_at.is_(None),
    )
    .values(released_at=None, release_id=None)
)
MARK_DELIVERED = Statement(
    update(CREDENTIAL)
    .where(CREDENTIAL.c.id == bindparam("credential"), CREDENTIAL.c.first_delivered_at.is_(None))
    .values(first_delivered_at=bindparam("at"), delete_after=bindparam("until"))
)
MARK_PROVISIONED = Statement(
    update(DEVICE)
    .where(DEVICE.c.id == bindparam("device"), DEVICE.c.provisioned_at.is_(None))
    .values(provisioned_at=bindparam("at"), provisioned_prefix=bindparam("prefix"))
)
TAKE_BACK_PROVISIONED = Statement(
    update(DEVICE)
    .where(DEVICE.c.id == bindparam("device"), DEVICE.c.provisioned_at == bindparam("at"))
    .values(provisioned_at=None, provisioned_prefix=None)
)
MARK_HOME = Statement(
    update(DEVICE)
    .where(
        DEVICE.c.id == bindparam("device"),
        DEVICE.c.provisioned_at.is_not(None),
        DEVICE.c.provisioned_prefix.is_(None),  # forgotten when the device was unlocked
    )
    .values(provisioned_prefix=bindparam("prefix"))
)
MARK_LASTING_USED = Statement(
    update(DEVICE)
    .where(
        DEVICE.c.id == bindparam("device"),
        DEVICE.c.lasting_token == bindparam("lasting"),  # not the tokens of an arming that came in between
        DEVICE.c.lasting_used_at.is_(None),
    )
    .values(lasting_used_at=bindparam("at"), bootstrap_token=None, previous_token=None)
)
BURY_TOKEN = Statement(
    upsert(DEAD_TOKEN)
    .values(fingerprint=bindparam("fingerprint"), device_id=bindparam("device"), died_at=bindparam("at"))
    .on_conflict_do_nothing()
)
MARK_NEEDS_PASSWORD = Statement(
    update(DEVICE)
    .where(DEVICE.c.id == bindparam("device"), DEVICE.c.needs_password_at.is_(None))
    .values(needs_password_at=bindparam("at"))
)
ADD_DELIVERY = Statement(
    insert(DELIVERY).values({column.name: bindparam(column.name) for column in DELIVERY.c if column.name != "id"})
)


class RecordReader:
    """Look-ups of devices for the request path; those of many requests share queries while `tasks` run."""

    def __init__(self, storage: Storage) -> None:
        async def of_state(text: str, parameters: tuple[Any, ...]) -> list[Any]:
            return await storage.hot_bound("state", text, parameters)

        async def of_keystore(text: str, parameters: tuple[Any, ...]) -> list[Any]:
            return await storage.hot_bound("keystore", text, parameters)

        self._storage = storage
        self._access = BatchedRead(_ACCESS, DEVICE.c.mac, of_state)
        self._lines = BatchedRead(_LINES, LINE.c.device_id, of_state)
        self._settings = BatchedRead(_SETTINGS, SETTING.c.owner, of_state)
        self._credentials = BatchedRead(_CREDENTIALS, CREDENTIAL.c.owner, of_state)
        self._keys = BatchedRead(_KEYS, WRAPPED_KEY.c.key_id, of_keystore)

    @property
    def tasks(self) -> tuple[BatchedRead, ...]:
        """What the composition root must run for look-ups to share queries."""
        return (self._access, self._lines, self._settings, self._credentials, self._keys)

    async def access_by_mac(self, mac: str) -> Access | None:
        """The device with this MAC; one look-up, whether it exists or not."""
        rows = await self._access.rows(mac)
        return _access(rows[0]) if rows else None

    async def look_for(self, mac: str) -> None:
        """The look-up of `access_by_mac`, and nothing made of it."""
        await self._access.rows(mac)

    async def access_by_token(self, token: bytes) -> Access | None:
        """The device that a token (its fingerprint) belongs to; one look-up, whether there is one or not."""
        rows = await self._storage.hot("state", _BY_TOKEN, token=token)
        return _access(rows[0]) if rows else None

    async def details(self, device_id: str) -> Details:
        """Everything else of one device."""
        owner = f"device:{device_id}"
        # All three are asked for before the first is awaited, so that they run while one another is waited for.
        asked = self._lines.rows(device_id), self._settings.rows(owner), self._credentials.rows(owner)
        lines, settings, rows = await asked[0], await asked[1], await asked[2]
        credentials = [credential_of(dict(zip(_CREDENTIAL_NAMES, row, strict=True))) for row in rows]
        keys = [await self._key(credential.sealed.key_id) for credential in credentials if credential.sealed]
        return Details(
            lines=_lines(lines, held=frozenset(c.field for c in credentials if c.is_held)),
            settings={name: value for _, name, value, _ in settings},
            settings_changed_at=max((changed_at for *_, changed_at in settings), default=0),
            credentials={credential.field: credential for credential in credentials},
            keys={key.key_id: key for key in keys if key is not None},
        )

    async def _key(self, key_id: str) -> WrappedKey | None:
        rows = await self._keys.rows(key_id)
        if not rows:
            return None
        key_id, generation, nonce, wrapped = rows[0]
        return WrappedKey(key_id=key_id, generation=generation, nonce=nonce, wrapped=wrapped)


def _lines(rows: Iterable[tuple[Any, ...]], *, held: frozenset[str]) -> tuple[Line, ...]:
    """Lines in the order of their numbers, with the places of the passwords that are *held*."""
    lines = []
    for row in rows:
        values = dict(zip(_LINE_NAMES, row, strict=True))
        field = password_field(values["number"])
        lines.append(line_of(values, password=SecretSlot(field) if field in held else None))
    return tuple(sorted(lines, key=lambda line: line.number))


def _access(row: tuple[Any, ...]) -> Access:
    values = dict(zip(_ACCESS_NAMES, row, strict=True))
    return Access(
        device=device_of(values),
        tenant=Tenant(
            id=values["tenant_id"],
            name=values["tenant_name"],
            policy=ReleasePolicy(values["policy"]),
            window_ms=values["window_ms"],
            retention_ms=values["retention_ms"],
            legacy_tls=bool(values["legacy_tls"]),
            fixed_networks=bool(values["fixed_networks"]),
            quota=values["quota"],
        ),
        forgotten=bool(values["forgotten"]),
    )
