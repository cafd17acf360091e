"""
How a VTech phone boots, for simulations: the file of its model, then its own; the later value wins.

Source: sheet vtech 1 (H).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.xml_tree import read_tree
from provserver.vendors.vtech.models import file_model

_ENABLE = re.compile(r"sip_account\.(\d+)\.sip_account_enable")
_ELEMENTS = {"hr24_clock": "24hr_clock"}


def user_agent(phone: SimulatedPhone) -> str:
    """What the phone calls itself."""
    return f"Vtech Vesa {phone.model} {phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a URL that ends in a slash."""
    settings: dict[str, str] = {}
    model = file_model(phone.model) or phone.model
    for name in (f"{model}.cfg", f"{model}_{phone.mac.upper}.cfg"):
        reply = yield Fetch(name)
        if reply.ok:
            settings |= read_settings(reply.body.decode("utf-8", errors="replace"))
    return Booted(accounts=tuple(_accounts(settings)), next_url=settings.get("provisioning.server_address"))


def read_settings(text: str) -> dict[str, str]:
    """Read a file as the phone does, in either notation: values by ``module.setting``."""
    if text.startswith("<"):
        return read_tree(text, separator=".", part=_part)
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings[name.strip()] = value.strip()
    return settings


def _part(name: str, attributes: Mapping[str, str]) -> str:
    return attributes.get("id", name) if name == "idx" else _ELEMENTS.get(name, name)


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    found = (match for name, value in settings.items() if value == "1" and (match := _ENABLE.fullmatch(name)))
    for number in sorted(int(match[1]) for match in found):
        prefix = f"sip_account.{number}."
        yield Account(
            number=number,
            user_name=settings.get(f"{prefix}user_id", ""),
            password=settings.get(f"{prefix}authentication_access_password"),
            auth_name=settings.get(f"{prefix}authentication_name"),
            registrar=settings.get(f"{prefix}primary_registration_server_address"),
        )
