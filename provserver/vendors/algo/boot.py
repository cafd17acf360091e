"""
How an Algo device boots, for simulations: its own file, else that of its model, then what is incremental.

Source: sheet algo 1; the order is a recollection (L).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone

_ALERT = re.compile(r"sip\.alert(\d+)\.user")


def user_agent(phone: SimulatedPhone) -> str:
    """What the device calls itself."""
    return f"Algo-{phone.model}/{phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """One of two whole files, then the incremental one on top of it."""
    settings: dict[str, str] = {}
    for name in (f"algom{phone.mac.upper}", f"algop{phone.model}"):
        reply = yield Fetch(f"{name}.conf")
        if reply.ok:
            settings = read_settings(reply.body)
            break
    reply = yield Fetch(f"algom{phone.mac.upper}-i.conf")
    if reply.ok:
        settings |= read_settings(reply.body)
    return Booted(accounts=tuple(_accounts(settings)), next_url=_next_url(settings))


def read_settings(body: bytes | str) -> dict[str, str]:
    """Read ``key = value`` lines; a line that begins with # is a comment, a # further on is not (sheet algo 4, H)."""
    text = body.decode("utf-8", errors="replace") if isinstance(body, bytes) else body
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings[name.strip()] = value.strip()
    return settings


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    numbers = sorted(int(match[1]) for name in settings if (match := _ALERT.fullmatch(name)))
    for number, prefix in ((1, "sip.u1"), *((number + 1, f"sip.alert{number}") for number in numbers)):
        if settings.get(f"{prefix}.user"):
            yield Account(
                number=number,
                user_name=settings[f"{prefix}.user"],
                password=settings.get(f"{prefix}.pwd"),
                auth_name=settings.get(f"{prefix}.auth"),
                registrar=settings.get("sip.proxy"),
            )


def _next_url(settings: Mapping[str, str]) -> str | None:
    host = settings.get("prov.server.static")
    if not host:
        return None
    path = settings.get("prov.download.cfgpath")
    return f"{settings.get('prov.download.method', 'http')}://{host}/{f'{path}/' if path else ''}"
