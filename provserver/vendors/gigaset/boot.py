"""
How a Gigaset boots, for simulations: the common file where the URL names none, then its own.

Source: sheet gigaset 1 (H). Only what a file mentions changes (sheet gigaset 6, M).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.gigaset.models import Family, family

_ACCOUNT = re.compile(
    r"SipAccount\.(?P<dect>\d+)\.UserName"
    r"|SIP\.Account\.(?P<maxwell>\d+)\.Username"
    r"|BS_IP_Data1\.aucS_SIP_USER_ID(?:_(?P<n510>\d+))?"
    r"|BS_VOIP_Data\.astVoipAccounts\[(?P<n720>\d+)\]\.aucS_SIP_USER_ID\[0\]"
)
_POINTERS = ("Provisioning.global.ProvisioningServer", "System.Provision.ProvisioningServer", "S_CONFIGFILE_URL")


class _DoctypeFound(Exception):
    """A device's file has no document type; one that has is not read."""


def user_agent(phone: SimulatedPhone) -> str:
    """What the device calls itself over HTTP."""
    return f"Gigaset {phone.model}/{phone.firmware};{phone.mac.upper}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a bare base URL."""
    settings: dict[str, str] = {}
    yield Fetch("42/2/master.bin" if family(phone.model) is Family.N510 else "provisioning.xml")
    reply = yield Fetch(f"{phone.mac.upper}.xml")
    if reply.ok:
        settings = read_settings(reply.body, mac=phone.mac.upper)
    pointer = next((settings[name] for name in _POINTERS if name in settings), None)
    return Booted(accounts=tuple(_accounts(settings)), next_url=pointer)


def read_settings(body: bytes, *, mac: str) -> dict[str, str]:
    """
    The parameters of a file, with the inner quotes of texts taken off.

    Nothing for a file that is no XML, or is an old base's and names another *mac*: then it applies nothing.
    """
    reader = _Reader()
    try:
        reader.read(body)
    except (expat.ExpatError, _DoctypeFound):
        return {}
    return reader.settings if reader.mac in {None, mac} else {}


def _accounts(settings: dict[str, str]) -> Iterator[Account]:
    for name, user in settings.items():
        found = _ACCOUNT.fullmatch(name)
        if found is None:
            continue
        if found["dect"]:
            prefix, number = f"SipAccount.{found['dect']}.", int(found["dect"])
            provider = settings.get(f"{prefix}ProviderId", "0")
            registrar = settings.get(f"SipProvider.{provider}.RegServerAddress")
        elif found["maxwell"]:
            prefix, number = f"SIP.Account.{found['maxwell']}.", int(found["maxwell"]) + 1
            if settings.get(f"{prefix}Active") != "1":
                continue
            registrar = settings.get(f"{prefix}RegistrationServer.Address")
        else:
            yield _old_account(settings, user, n510=found["n510"], n720=found["n720"])
            continue
        yield Account(
            number=number,
            user_name=user,
            password=settings.get(f"{prefix}AuthPassword"),
            auth_name=settings.get(f"{prefix}AuthName"),
            registrar=registrar,
        )


def _old_account(settings: dict[str, str], user: str, *, n510: str | None, n720: str | None) -> Account:
    if n720 is not None:
        account = f"BS_VOIP_Data.astVoipAccounts[{n720}]"
        provider = int(settings.get(f"{account}.ucVoipProviderIndex", "0x0"), 16)
        return Account(
            number=int(n720) + 1,
            user_name=user,
            password=settings.get(f"{account}.aucS_SIP_PASSWORD[0]"),
            auth_name=settings.get(f"{account}.aucS_SIP_LOGIN_ID[0]"),
            registrar=settings.get(f"BS_VOIP_Data.astVoipProviders[{provider}].aucSIP_REGISTRAR[%]"),
        )
    suffix = f"_{n510}" if n510 else ""
    return Account(
        number=int(n510 or 1),
        user_name=user,
        password=settings.get(f"BS_IP_Data1.aucS_SIP_PASSWORD{suffix}"),
        auth_name=settings.get(f"BS_IP_Data3.aucS_SIP_LOGIN_ID{suffix}"),
        registrar=settings.get(f"BS_IP_Data1.aucS_SIP_REGISTRAR{suffix}"),
    )


class _Reader:
    """Collects what elements with a name and a value say, in both languages."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}
        self.mac: str | None = None

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it

    def _refuse(self, *_declaration: object) -> None:
        raise _DoctypeFound

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        value = attributes.get("value")
        if value is None:
            return
        if element == "MAC_ADDRESS":
            self.mac = value
        elif element == "param" and "name" in attributes:
            self.settings[attributes["name"]] = value
        elif element == "SYMB_ITEM" and "ID" in attributes:
            self.settings[attributes["ID"]] = value.removeprefix('"').removesuffix('"')
        elif element.startswith("S_"):
            self.settings[element] = value.removeprefix('"').removesuffix('"')
