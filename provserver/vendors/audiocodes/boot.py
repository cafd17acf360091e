"""How an AudioCodes phone boots and what it understands of the file it gets: `boot`."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone

_ENABLED = re.compile(r"voip/line/(\d+)/enabled")


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "AUDC-IPPhone/2.2.8.61 (440HD-Rev0; 00908F602AAC)"."""
    return f"AUDC-IPPhone/{phone.firmware} ({phone.model}-Rev0; {phone.mac.upper})"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """The firmware of the model, then the phone's own file. Source: sheet audiocodes 1 (H)."""
    yield Fetch(f"{phone.model}.img")
    reply = yield Fetch(f"{phone.mac.value}.cfg")
    settings = read_settings(reply.body.decode("utf-8", errors="replace")) if reply.ok else {}
    return Booted(accounts=tuple(_accounts(settings)), next_url=settings.get("provisioning/configuration/url"))


def read_settings(text: str) -> dict[str, str]:
    """Read ``name=value`` lines; a line that begins with ``;`` or ``#`` is a comment, the later of two wins."""
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals and not line.startswith((";", "#")):
            settings[name.strip()] = value.strip()
    return settings


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    on = (int(found[1]) for name, value in settings.items() if value == "1" and (found := _ENABLED.fullmatch(name)))
    for number in sorted(on):
        prefix = f"voip/line/{number}"
        yield Account(
            number=number + 1,
            user_name=settings.get(f"{prefix}/id", ""),
            password=settings.get(f"{prefix}/auth_password"),
            auth_name=settings.get(f"{prefix}/auth_name"),
            registrar=settings.get("voip/signalling/sip/sip_registrar/addr"),
        )
