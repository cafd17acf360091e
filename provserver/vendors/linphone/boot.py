"""How Linphone starts: one request for the URL it knows, and what it understands of the answer."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from itertools import count
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone

VERSION = "5.1.65"  # the one that was tried
_NAMESPACE = "{*}"  # any: the client compares local names only
_IDENTITY = re.compile(r"<sip:([^@>]+)@([^>]+)>$")
_SERVER = re.compile(r"<sip:([^;>]+)")

Sections = dict[str, dict[str, str]]


def user_agent(phone: SimulatedPhone) -> str:
    """What linphonec says from its second start on."""
    return f"Linphonec/{phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Ask once. Any answer but 200 leaves everything as it was."""
    reply = yield Fetch(f"{phone.mac}.xml")
    if not reply.ok:
        return Booted()
    sections = read_sections(reply.body)
    return Booted(accounts=tuple(_accounts(sections)), next_url=sections.get("misc", {}).get("config-uri") or None)


def read_sections(body: bytes) -> Sections:
    """The entries of *body* by section; an empty entry means that there is none."""
    sections: Sections = {}
    root = ET.fromstring(body)  # noqa: S314 - a simulated phone reads the server under test; expat bounds expansion
    for section in root.iterfind(f"{_NAMESPACE}section"):
        entries = sections.setdefault(section.get("name", ""), {})
        for entry in section.iterfind(f"{_NAMESPACE}entry"):
            entries[entry.get("name", "")] = entry.text or ""
    return sections


def _accounts(sections: Sections) -> Iterator[Account]:
    for number, account in enumerate(_numbered(sections, "proxy"), start=1):
        identity = _IDENTITY.search(account.get("reg_identity", ""))
        server = _SERVER.search(account.get("reg_proxy", ""))
        user, host = (unquote(identity[1]), identity[2]) if identity else ("", "")
        credentials = _credentials(sections, user=user, domain=host.strip("[]"))
        yield Account(
            number=number,
            user_name=user,
            password=credentials.get("passwd") or None,
            auth_name=credentials.get("userid") or None,
            registrar=server[1] if server else None,
        )


def _credentials(sections: Sections, *, user: str, domain: str) -> dict[str, str]:
    """Those of the account, wherever they stand: found by user name and domain."""
    for found in _numbered(sections, "auth_info"):
        if (found.get("username"), found.get("domain")) == (user, domain):
            return found
    return {}


def _numbered(sections: Sections, name: str) -> Iterator[dict[str, str]]:
    """``<name>_0``, ``<name>_1`` … until one is missing: the client looks no further."""
    for number in count():
        section = sections.get(f"{name}_{number}")
        if section is None:
            return
        yield section
