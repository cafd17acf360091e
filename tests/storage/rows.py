"""Rows to test with."""

from __future__ import annotations

from typing import Any

from provserver.domain.device import Credential, Device, Tenant, Tokens
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.sealed import Sealed, WrappedKey
from provserver.storage import credentials, devices, tenants
from provserver.storage.database import Storage

PBX = Endpoint(host="pbx.example.com", port=5060)


def tenant(name: str = "acme", **fields: Any) -> Tenant:  # noqa: ANN401 - any field of Tenant
    return Tenant(**{"id": f"tenant-{name}", "name": name} | fields)


def device(number: int = 1, **fields: Any) -> Device:  # noqa: ANN401 - any field of Device
    values: dict[str, Any] = {
        "id": f"device-{number}",
        "tenant_id": "tenant-acme",
        "site_id": None,
        "mac": MacAddress(f"805ec0{number:06x}"),
        "vendor": "yealink",
        "model": "T54W",
        "description": f"Desk {number}",
        "tokens": Tokens(generation=1, lasting=b"lasting %d" % number, bootstrap=b"bootstrap %d" % number),
        "created_at": 1,
        "updated_at": 2,
    }
    return Device(**values | fields)


def line(number: int = 1, **fields: Any) -> Line:  # noqa: ANN401 - any field of Line
    usual: dict[str, Any] = {"number": number, "user_name": f"100{number}", "registrar": PBX}
    return Line(**usual | fields)


def credential(number: int = 1, **fields: Any) -> Credential:  # noqa: ANN401 - any field of Credential
    values: dict[str, Any] = {
        "id": f"credential-{number:04}",
        "tenant_id": "tenant-acme",
        "owner": f"device:device-{number}",
        "field": "line.1.password",
        "sealed": Sealed(key_id=f"key-{number}", alg=1, nonce=b"nonce", ciphertext=b"ciphertext"),
        "created_at": 1,
    }
    return Credential(**values | fields)


def wrapped(key_id: str, *, generation: int = 1) -> WrappedKey:
    return WrappedKey(key_id=key_id, generation=generation, nonce=b"nonce", wrapped=key_id.encode())


async def store(
    storage: Storage, *, tenants_: tuple[Tenant, ...] = (), devices_: tuple[Device, ...] = (),
    credentials_: tuple[Credential, ...] = (),
) -> None:  # fmt: skip
    """Write rows as they are."""
    async with storage.transaction() as tx:
        for one in tenants_:
            await tenants.insert_tenant(tx, one, at_ms=1)
        await devices.insert_devices(tx, devices_)
        await credentials.insert_credentials(tx, credentials_)
