"""How a Mitel phone boots and what it understands of the files it gets: `boot`."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone

_STARTUP_SINCE = 4  # release 4.0 renamed aastra.cfg (6800 series guides, H)
_MITEL_SINCE = 6900  # smaller numbers still call themselves Aastra (sheet mitel-aastra 2, H)
_USER = re.compile(r"sip line(\d+) user name")
_DIGITS = re.compile(r"\d+")


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "Mitel6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140-SIP"."""
    found = _DIGITS.match(phone.model)
    is_mitel = found is not None and _MITEL_SINCE <= int(found[0]) < _MITEL_SINCE + 100
    dashes = phone.mac.colons.replace(":", "-").upper()
    return f"{'Mitel' if is_mitel else 'Aastra'}{phone.model} MAC:{dashes} V:{phone.firmware}-SIP"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """
    The wrapped key, then the common file, the model's and the phone's own, each encrypted first, then plain.

    Source: sheet mitel-aastra 1 (H; which of the two comes first: L).
    """
    release = int(phone.firmware.partition(".")[0]) if phone.firmware[:1].isdecimal() else _STARTUP_SINCE
    yield Fetch("security.tuz")
    settings: dict[str, str] = {}
    for name in ("startup" if release >= _STARTUP_SINCE else "aastra", phone.model, phone.mac.upper):
        encrypted = yield Fetch(f"{name}.tuz")
        if encrypted.ok:
            continue  # the phone could read it, we cannot
        plain = yield Fetch(f"{name}.cfg")
        if plain.ok:
            settings |= read_settings(plain.body.decode("utf-8", errors="replace"))
    return Booted(accounts=tuple(_accounts(settings)), next_url=_next_url(settings))


def read_settings(text: str) -> dict[str, str]:
    """Read ``name: value`` lines; ``#`` outside of quotation marks begins a comment, the later of two lines wins."""
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        name, colon, rest = line.partition(":")
        if not colon or name.lstrip().startswith("#"):
            continue
        value = rest.strip()
        value = value[1:].partition('"')[0] if value.startswith('"') else value.partition("#")[0].rstrip()
        settings[name.strip().lstrip("!^")] = value
    return settings


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    for number in sorted(int(found[1]) for name in settings if (found := _USER.fullmatch(name))):
        prefix = f"sip line{number}"
        yield Account(
            number=number,
            user_name=settings[f"{prefix} user name"],
            password=settings.get(f"{prefix} password"),
            auth_name=settings.get(f"{prefix} auth name"),
            registrar=settings.get(f"{prefix} registrar ip"),
        )


def _next_url(settings: Mapping[str, str]) -> str | None:
    """Where the phone asks next, put together from the pieces for the protocol that was named."""
    protocol = settings.get("download protocol", "").lower()
    host = settings.get(f"{protocol} server")
    if not host:
        return None
    port, path = settings.get(f"{protocol} port"), settings.get(f"{protocol} path", "").strip("/")
    return f"{protocol}://{host}{f':{port}' if port else ''}/{f'{path}/' if path else ''}"
