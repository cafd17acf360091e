"""How an Acrobits app fetches its accounts, and what it understands of them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from xml.etree import ElementTree as ET

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone

VERSION = "25.3.101"  # of a Groundwire that was seen


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "Groundwire/25.3.101 (build 1; iOS 18.7.7)"."""
    return f"{phone.model}/{phone.firmware} (build 1; iOS 18.7.7)"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Ask once for the accounts. Any answer that is no success leaves everything as it was."""
    reply = yield Fetch(f"{phone.mac}-account.xml")
    if not reply.ok:
        return Booted()
    accounts = tuple(read_accounts(reply.body))
    return Booted(
        accounts=tuple(
            Account(
                number=number,
                user_name=elements.get("username", ""),
                password=elements.get("password"),
                auth_name=elements.get("authUsername"),
                registrar=elements.get("host"),
            )
            for number, elements in enumerate(accounts, start=1)
        ),
        next_url=accounts[0].get("extProvUrl") if accounts else None,
    )


def read_accounts(body: bytes) -> Iterator[dict[str, str]]:
    """The elements of each account, whether one stands alone or several stand in ``accounts``."""
    root = ET.fromstring(body)  # noqa: S314 - a simulated phone reads the server under test; expat bounds expansion
    for account in (root,) if root.tag == "account" else root.iterfind("account"):
        yield {element.tag: element.text or "" for element in account}
