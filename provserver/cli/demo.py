"""The demo tenant of `init --demo`: one phone of each maker, and what to try with them."""

from __future__ import annotations

import secrets
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.mac import MacAddress
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.settings import Settings, load

NAME = "demo"
YEALINK = MacAddress("805ec0de0001")
SNOM = MacAddress("000413de0002")
POLYCOM = MacAddress("64167fde0003")
SOFTPHONE = MacAddress("02de00de0004")  # softphones have no MAC; a fixed id makes the hints the same everywhere
AGENT = f"Yealink SIP-T54W 96.86.0.70 {YEALINK.colons}"
_REGISTRAR = Endpoint(host="pbx.example.com", port=5061, transport=Transport.TLS)  # RFC 2606: nobody's
_ALPHABET = string.ascii_letters + string.digits
_SHARED = {
    "timezone": "Europe/London",
    "ntp_server": "pool.ntp.org",
    "language": "en",
    "tone_country": "gb",
    "srtp": "optional",
    "resync_at_boot": "on",
}


async def fill_demo(services: Services) -> str:
    """Add the demo tenant unless there is a tenant already; says which."""
    if await services.tenants.list():
        return "there are tenants already: starting on the same data"
    tenant = await services.tenants.add(NAME)
    await services.tenants.set_shared(_SHARED, {}, tenant=tenant)
    made = await services.devices.put(_devices(tenant))
    return f"made tenant {NAME!r} with {len(made)} devices, armed for their first boot"


def hints(settings: Settings, *, config: Path | None) -> Iterator[str]:
    """What to try next, as commands that work when they are pasted."""
    program, phones = _program(), settings.phone.url
    option = f" --config {config}" if config and load(config) != load(None) else ""
    yield ""
    yield "Once it runs, try in another terminal, in this folder:"
    yield "  # a phone that is armed boots: its file, with its passwords, once and for a quarter of an hour"
    yield f"  curl -A '{AGENT}' {phones}/{YEALINK}.cfg"
    yield "  # the same by somebody who does not know the MAC"
    yield f"  curl -i {phones}/805ec0aaaaaa.cfg"
    yield "  # what the server knows of the phone, when its passwords will be deleted, and who asked for it"
    yield f"  {program} device show {YEALINK}{option}"
    yield f"  {program} device log {YEALINK}{option}"
    yield "  # the boot of another phone, played as the real one does it"
    yield f"  {program} simulate snom --mac {SNOM} --url {phones}"
    yield "  # numbers for a monitoring system"
    yield f"  curl http://{_host(settings)}:{settings.ops.port}/metrics"
    yield ""


def _devices(tenant: Tenant) -> list[Wanted]:
    return [
        _device(
            tenant,
            YEALINK,
            lines=(_line(1, "1001", "Reception"), _line(2, "1000", "Main number")),
            model="T54W",
            settings={"key.3": "blf 1002 Workshop", "key.4": "blf 1003 Office"},
            secret="admin_password",  # noqa: S106 - the name of a setting
        ),
        _device(tenant, SNOM, lines=(_line(1, "1002", "Workshop"),), model="D785", settings={"key.2": "blf 1001 Desk"}),
        _device(tenant, POLYCOM, lines=(_line(1, "1003", "Office"),), model="VVX450"),
        _device(tenant, SOFTPHONE, lines=(_line(1, "1004", "Laptop"),), vendor="linphone"),
    ]


def _device(
    tenant: Tenant,
    mac: MacAddress,
    *,
    lines: tuple[Line, ...],
    vendor: str | None = None,
    model: str | None = None,
    settings: dict[str, str] | None = None,
    secret: str | None = None,
) -> Wanted:
    return Wanted(
        tenant=tenant,
        mac=mac,
        vendor=vendor,
        model=model,
        description=f"{lines[0].label} (demo)",
        site="Head office",
        lines=lines,
        passwords={line.number: _password() for line in lines},
        settings=settings or {},
        secret_settings={secret: _password()} if secret else {},
    )


def _line(number: int, user_name: str, label: str) -> Line:
    return Line(number=number, user_name=user_name, label=label, registrar=_REGISTRAR)


def _password() -> Secret:
    return Secret("".join(secrets.choice(_ALPHABET) for _ in range(20)))  # 119 bits, and no character to escape


def _program() -> str:
    """How this program was called, as far as one can paste it."""
    called = sys.argv[0]
    return called if Path(called).name == "provserver" else "python -m provserver"


def _host(settings: Settings) -> str:
    host = settings.ops.host
    return f"[{host}]" if ":" in host else host
