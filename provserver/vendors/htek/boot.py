"""How an Htek boots, for simulations: files in the maker's order, the last of them XML. Source: sheet htek 1 (H)."""

from __future__ import annotations

from collections.abc import Generator

from provserver.domain.boot import Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.hanlong.accounts import Accounts
from provserver.domain.hanlong.reading import read_settings
from provserver.domain.hanlong.system import POINTER
from provserver.vendors.htek.models import device_code

# Phones have sixteen, but from the ninth account on the number that wazo_htek has for the profile is the one by which
# account 7 and those after it are switched on: one of the two is wrong, and nothing says which.
# Of the profiles four have numbers that are known: fusionpbx uc926 (M).
ACCOUNTS = Accounts(accounts=8, servers=4, profiles=True)


def user_agent(phone: SimulatedPhone) -> str:
    """What the phone calls itself over HTTP."""
    return f"Htek {phone.model} {phone.firmware} {phone.mac.colons}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a bare base URL."""
    code = device_code(phone.model)
    settings: dict[str, str] = {}
    common = (f"factory{code}.bin", f"cfg{code}.xml") if code else ()
    for name in (*common, f"{phone.mac}.cfg", f"cfg{phone.mac}", f"cfg{phone.mac}.xml"):
        reply = yield Fetch(name)
        if reply.ok and name.endswith(".xml"):
            settings |= read_settings(reply.body)
    return Booted(accounts=tuple(ACCOUNTS.read(settings)), next_url=settings.get(POINTER) or None)
