"""How a Sangoma phone boots, for simulations: with the one file that a source shows."""

from __future__ import annotations

from collections.abc import Generator

from provserver.domain.boot import Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.hanlong.reading import read_settings
from provserver.domain.hanlong.system import POINTER
from provserver.vendors.sangoma.rows import ACCOUNTS


def user_agent(phone: SimulatedPhone) -> str:
    """What the phone calls itself over HTTP."""
    return f"Sangoma {phone.model} {phone.firmware} {phone.mac.colons}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a bare base URL."""
    reply = yield Fetch(f"cfg{phone.mac}.xml")
    settings = read_settings(reply.body) if reply.ok else {}
    return Booted(accounts=tuple(ACCOUNTS.read(settings)), next_url=settings.get(POINTER) or None)
