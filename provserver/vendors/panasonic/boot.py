"""
How a Panasonic boots, for simulations: a file called after the model, then the up to three files that it names.

Source: sheet panasonic 1, 4 (H).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.panasonic.models import header

STANDARD = "CFG_STANDARD_FILE_PATH"
_PATHS = (STANDARD, "CFG_PRODUCT_FILE_PATH", "CFG_MASTER_FILE_PATH")  # in the order in which they are fetched
_ENTRY = re.compile(r'([A-Z0-9_]{1,32})="([^"]*)"')
_MAX_LINE_BYTES = 537
_ACCOUNT = re.compile(r"PHONE_NUMBER_(\d+)")


def user_agent(phone: SimulatedPhone) -> str:
    """What the phone calls itself over HTTP."""
    return f"Panasonic_{phone.model}/{phone.firmware} ({phone.mac})"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a bare base URL."""
    settings = read_settings((yield Fetch(f"{phone.model}.cfg")), phone.model)
    for path in _PATHS:
        url = settings.get(path)
        if url:
            settings |= read_settings((yield Fetch(_expanded(url, phone))), phone.model)
    return Booted(accounts=tuple(_accounts(settings)), next_url=settings.get(STANDARD) or None)


def read_settings(reply: Reply, model: str) -> dict[str, str]:
    """
    Read ``NAME="value"`` lines as the phone does: the first of two lines with one name wins.

    Nothing of a file without the maker's first line, or that does not end in an empty one.
    """
    text = reply.body.decode("utf-8", errors="replace") if reply.ok else ""
    lines = text.split("\r\n")
    if lines[0] != header(model) or lines[-2:] != ["", ""]:
        return {}
    settings: dict[str, str] = {}
    for line in lines:
        found = _ENTRY.fullmatch(line)
        if found and len(line.encode()) + 2 <= _MAX_LINE_BYTES:
            settings.setdefault(found[1], found[2])
    return settings


def _expanded(url: str, phone: SimulatedPhone) -> str:
    for macro, text in (("{MAC}", phone.mac.upper), ("{mac}", phone.mac.value), ("{MODEL}", phone.model)):
        url = url.replace(macro, text)
    return url


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    numbers = sorted(int(found[1]) for name, user in settings.items() if user and (found := _ACCOUNT.fullmatch(name)))
    for number in numbers:
        yield Account(
            number=number,
            user_name=settings[f"PHONE_NUMBER_{number}"],
            password=settings.get(f"SIP_PASS_{number}"),
            auth_name=settings.get(f"SIP_AUTHID_{number}"),
            registrar=settings.get(f"SIP_RGSTR_ADDR_{number}"),
        )
