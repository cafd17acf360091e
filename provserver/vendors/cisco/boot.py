"""How these phones start: one profile by a rule, or lists of trust and a file of their own; for simulations."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from xml.etree import ElementTree as ET

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.cisco.models import Family, family_of, find_model

_ENABLED = re.compile(r"Line_Enable_(\d+)_")
_RULE = re.compile(r"(?:\[[^\]]*\] *)?(?P<url>\S+)")
_SERIAL = "FCH2443D9R4"

Booting = Generator[Fetch, Reply, Booted]


def user_agent(phone: SimulatedPhone) -> str:
    """What it says; phones of the enterprise kind say nothing that tells them from others."""
    family = family_of(phone.model)
    if family in (Family.ENTERPRISE, Family.CNF):
        return ""
    if family in (Family.SPA, Family.ADAPTER):
        return f"Cisco/{phone.model}-{phone.firmware} ({phone.mac.upper})({_SERIAL})"
    if family is Family.ATA:
        return f"Cisco/{phone.model}-MPP-{phone.firmware} ({_SERIAL})"
    return f"Cisco-CP-{_series(phone)}-3PCC/{phone.firmware} ({phone.mac})"


def boot(phone: SimulatedPhone) -> Booting:
    """Start once."""
    family = family_of(phone.model)
    if family is Family.ENTERPRISE:
        return (yield from _enterprise(phone))
    if family is Family.CNF:
        return (yield from _cnf(phone))
    return (yield from _profile(phone, family))


def _profile(phone: SimulatedPhone, family: Family | None) -> Booting:
    """
    Follow the rule it was made with; after a miss the one that an installer or DHCP gave it, ``$MA.xml``.

    Source: sheet cisco 1 (H).
    """
    reply = yield Fetch(_default(phone, family))
    if not reply.ok:
        reply = yield Fetch(f"{phone.mac}.xml")
    if not reply.ok:
        return Booted()
    profile = {element.tag: element.text or "" for element in _read(reply)}
    rule = _RULE.fullmatch(profile.get("Profile_Rule", ""))
    return Booted(
        accounts=tuple(_accounts(profile)), next_url=rule["url"].replace("$MA", phone.mac.value) if rule else None
    )


def _default(phone: SimulatedPhone, family: Family | None) -> str:
    series = _series(phone)
    if series == "PAP2T":
        return "init.cfg"
    if family in (Family.SPA, Family.ADAPTER):
        return f"spa{series.removeprefix('SPA')}.cfg"
    if family is Family.ATA:
        return f"{series.lower()}.cfg"
    return f"{series}-3PCC.xml"


def _series(phone: SimulatedPhone) -> str:
    model = find_model(phone.model)
    return model.name if model is not None else phone.model


def _accounts(profile: dict[str, str]) -> Iterator[Account]:
    numbers = (
        int(found[1]) for name, value in profile.items() if value == "Yes" and (found := _ENABLED.fullmatch(name))
    )
    for number in sorted(numbers):
        yield Account(
            number=number,
            user_name=profile.get(f"User_ID_{number}_", ""),
            password=profile.get(f"Password_{number}_"),
            auth_name=profile.get(f"Auth_ID_{number}_"),
            registrar=profile.get(f"Proxy_{number}_"),
        )


def _enterprise(phone: SimulatedPhone) -> Booting:
    """Lists of trust, the phone's own file, and the default for all only after a miss (sheet cisco 1, H)."""
    mac = phone.mac.upper
    if _series(phone).startswith("ATA"):
        reply = yield Fetch(f"ATA{mac}.cnf.xml")
    else:
        yield Fetch(f"CTLSEP{mac}.tlv")
        yield Fetch(f"ITLSEP{mac}.tlv")
        yield Fetch("ITLFile.tlv")
        reply = yield Fetch(f"SEP{mac}.cnf.xml")
        if not reply.ok:
            yield Fetch("XMLDefault.cnf.xml")
    if not reply.ok:
        return Booted()
    device = _read(reply)
    server = device.findtext("devicePool/callManagerGroup/members/member/callManager/processNodeName")
    lines = [line for line in device.iterfind("sipProfile/sipLines/line") if line.findtext("featureID") == "9"]
    return Booted(accounts=tuple(_enterprise_account(line, server) for line in lines))


def _enterprise_account(line: ET.Element, server: str | None) -> Account:
    proxy = line.findtext("proxy")
    return Account(
        number=int(line.get("lineIndex", "1")),
        user_name=line.findtext("name") or "",
        password=line.findtext("authPassword"),
        auth_name=line.findtext("authName"),
        registrar=server if proxy == "USECALLMANAGER" else proxy,
    )


def _cnf(phone: SimulatedPhone) -> Booting:
    """The oldest: an image, a default for all, its own file, which wins (sheet cisco 1, M)."""
    settings: dict[str, str] = {}
    for name in ("OS79XX.TXT", "SIPDefault.cnf", f"SIP{phone.mac.upper}.cnf"):
        reply = yield Fetch(name)
        if reply.ok and name.endswith(".cnf"):
            settings |= read_cnf(reply.body)
    yield Fetch("RINGLIST.DAT")
    yield Fetch("dialplan.xml")
    numbers = sorted(int(name[4:-5]) for name in settings if re.fullmatch(r"line\d+_name", name))
    return Booted(
        accounts=tuple(
            Account(
                number=number,
                user_name=settings[f"line{number}_name"],
                password=settings.get(f"line{number}_password"),
                auth_name=settings.get(f"line{number}_authname"),
                registrar=settings.get(f"proxy{number}_address"),
            )
            for number in numbers
        )
    )


def read_cnf(body: bytes) -> dict[str, str]:
    """Read ``name: "value"`` lines."""
    found = {}
    for line in body.decode("utf-8", errors="replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            found[name.strip()] = value.strip().removeprefix('"').removesuffix('"')
    return found


def _read(reply: Reply) -> ET.Element:
    return ET.fromstring(reply.body)  # noqa: S314 - a simulated phone reads the server under test; expat bounds expansion
