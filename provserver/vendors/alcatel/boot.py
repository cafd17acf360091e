"""How ALE phones boot and what they understand of the files they get: `boot`."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.alcatel.models import is_touch

_ENABLE = re.compile(r"Account(\d+)Enable")


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "ALE M5-CE 2.13.02.1604 3c28a620089e"."""
    if is_touch(phone.model):
        return f"Alcatel IP Touch {phone.model}/{phone.firmware}"
    return f"ALE {phone.model}-CE {phone.firmware} {phone.mac.value}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """
    A Myriad asks for the common file, its model's and its own; each adds to the ones before.

    Source: sheet alcatel-lucent A 1 (H), B (M).
    """
    if is_touch(phone.model):
        return (yield from _boot_touch(phone))
    settings: dict[str, str] = {}
    for name in ("config.xml", f"config.{phone.model}.xml", f"config.{phone.mac.value}.xml"):
        reply = yield Fetch(name)
        if reply.ok:
            settings |= read_settings(reply.body)
    return Booted(accounts=tuple(_accounts(settings)), next_url=settings.get("DeviceProvisionServerUrl"))


def read_settings(body: bytes) -> dict[str, str]:
    """Read the ``<setting id value>`` elements; nothing of a file that is no XML or has a document type."""
    settings: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "setting" and "id" in attributes:
            settings[attributes["id"]] = attributes.get("value", "")

    def refuse(*_declaration: object) -> None:
        settings.clear()
        raise ValueError

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it
    except (expat.ExpatError, ValueError):
        return {}
    return settings


def read_ini(text: str) -> dict[str, str]:
    """Read ``name=value`` lines in their sections, as ``section/name``; blank is the same as not there."""
    settings: dict[str, str] = {}
    section = ""
    for line in text.split("\n"):
        if line.startswith("["):
            section = line.strip("[]")
        name, equals, value = line.partition("=")
        if equals and value and not line.startswith("#"):
            settings[f"{section}/{name.strip()}"] = value.strip()
    return settings


def _boot_touch(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    yield Fetch("lanpbx.cfg")
    settings: dict[str, str] = {}
    for name in ("sipconfig.txt", f"sipconfig-{phone.mac.value}.txt"):
        reply = yield Fetch(name)
        if reply.ok:
            settings |= read_ini(reply.body.decode("utf-8", errors="replace"))
    user = settings.get("sip/user_name")
    if user is None:
        return Booted()
    account = Account(
        number=1,
        user_name=user,
        password=settings.get("sip/authentication_password"),
        auth_name=settings.get("sip/authentication_name"),
        registrar=settings.get("sip/registrar_addr"),
    )
    return Booted(accounts=(account,))


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    on = (int(found[1]) for name, value in settings.items() if value == "true" and (found := _ENABLE.fullmatch(name)))
    for number in sorted(on):
        prefix = f"Account{number}"
        yield Account(
            number=number,
            user_name=settings.get(f"{prefix}UserName", ""),
            password=settings.get(f"{prefix}Password"),
            auth_name=settings.get(f"{prefix}RegName"),
            registrar=settings.get(f"{prefix}Server1Address"),
        )
