"""
How a 2N device boots, for simulations: the common file of its model, then its own.

Source: sheet 2n 1; names are recollections (L).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.xml_tree import read_tree
from provserver.vendors.twon.models import prefix
from provserver.vendors.twon.rows import UPDATE

_ENABLED = re.compile(r"Phone/Sip@(\d+)/Enabled")


def user_agent(phone: SimulatedPhone) -> str:
    """What the device calls itself."""
    return f"HIP{phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a file path that ends in a slash."""
    settings: dict[str, str] = {}
    start = prefix(phone.model)
    dashed = phone.mac.colons.replace(":", "-")
    for name in (f"{start}.xml", f"{start}-{dashed}.xml") if start else (f"{phone.mac}.xml",):
        reply = yield Fetch(name)
        if reply.ok:
            settings |= read_settings(reply.body)
    address = settings.get(f"{UPDATE}ServerAddress")
    return Booted(
        accounts=tuple(_accounts(settings)),
        next_url=f"{address}{settings.get(f'{UPDATE}FilePath', '/')}" if address else None,
    )


def read_settings(body: bytes | str) -> dict[str, str]:
    """Read values by their paths; what is no XML is passed over."""
    return read_tree(body, separator="/", part=_part)


def _part(name: str, attributes: Mapping[str, str]) -> str:
    return f"{name}@{attributes['At']}" if "At" in attributes else name


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    found = (match for name, value in settings.items() if value == "1" and (match := _ENABLED.fullmatch(name)))
    for number in sorted(int(match[1]) for match in found):
        account = f"Phone/Sip@{number}/"
        yield Account(
            number=number + 1,
            user_name=settings.get(f"{account}User/Id", ""),
            password=settings.get(f"{account}User/PasswordString"),
            auth_name=settings.get(f"{account}User/AuthId"),
            registrar=settings.get(f"{account}Registrar/Address"),
        )
