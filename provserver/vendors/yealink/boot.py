"""How a Yealink boots and what it understands of the files it gets: `boot`."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.yealink.models import common_number

HEADER = "#!version:1.0.0.1"  # sheet yealink 4 (H): without it as the very first line the file is rejected
_BOOT_FILES_SINCE = 81  # sheet yealink 1 (H)
_INCLUDE = re.compile(r'(?:\[(?P<models>[^\]]*)\])?include:config\s+(?:<(?P<a>[^>]+)>|"(?P<b>[^"]+)")')
_ENABLE = re.compile(r"account\.(\d+)\.enable")
_WITHOUT_MAKER = frozenset({"VP530", "VP530P", "W52P"})  # their User-Agent begins with the model (sheet yealink 2, H)
_DESK_PHONE = re.compile(r"T\d\d")


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*; desk phones have a SIP- before the model, bases and conference phones have not."""
    rest = f"{phone.model} {phone.firmware} {phone.mac.colons}"
    if phone.model in _WITHOUT_MAKER:
        return rest
    return f"Yealink SIP-{rest}" if _DESK_PHONE.match(phone.model) else f"Yealink {rest}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """
    Boot files first, since V81; one that is found names all that is fetched. Else the common file, then its own.

    Source: sheet yealink 1 (H).
    """
    included: list[str] | None = None
    if _version(phone.firmware) >= _BOOT_FILES_SINCE:
        for name in (f"{phone.mac}.boot", "y000000000000.boot"):
            text = _text((yield Fetch(name)))
            if text is not None:
                included = _includes(text, phone.model)
                break
    settings: dict[str, str] = {}
    for name in included if included is not None else (_common_file(phone), f"{phone.mac}.cfg"):
        settings |= read_settings(_text((yield Fetch(name))) or "")
    return _booted(settings)


def read_settings(text: str) -> dict[str, str]:
    """
    Read ``name = value`` lines as the phone does: blanks around both go, a line that begins with # is a comment.

    The later of two lines with the same name wins (sheet yealink 4, H).
    """
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings[name.strip()] = value.strip()
    return settings


def _text(reply: Reply) -> str | None:
    """The text of a file the phone accepts; None for any other answer."""
    if not reply.ok:
        return None
    text = reply.body.decode("utf-8", errors="replace").replace("\r\n", "\n")
    return text if text.partition("\n")[0] == HEADER else None


def _includes(text: str, model: str) -> list[str]:
    """The files that a boot file names for *model*, from top to bottom."""
    names = []
    for line in text.split("\n"):
        found = _INCLUDE.fullmatch(line.strip())
        if found and (found["models"] is None or model in found["models"].split(",")):
            names.append(found["a"] or found["b"])
    return names


def _common_file(phone: SimulatedPhone) -> str:
    """``y`` and the model's number with twelve digits; it normally is the first field of the firmware's version too."""
    known = common_number(phone.model) or phone.firmware.partition(".")[0]
    return f"y{known:0>12}.cfg"


def _version(firmware: str) -> int:
    """The 86 in 96.86.0.70; 0 when there is none."""
    fields = firmware.split(".")
    return int(fields[1]) if len(fields) > 1 and fields[1].isdecimal() else 0


def _booted(settings: Mapping[str, str]) -> Booted:
    numbers = sorted(
        int(found[1]) for name, value in settings.items() if value == "1" and (found := _ENABLE.fullmatch(name))
    )
    return Booted(accounts=tuple(_account(settings, number) for number in numbers), next_url=_next_url(settings))


def _account(settings: Mapping[str, str], number: int) -> Account:
    prefix = f"account.{number}"
    return Account(
        number=number,
        user_name=settings.get(f"{prefix}.user_name", ""),
        password=settings.get(f"{prefix}.password"),
        auth_name=settings.get(f"{prefix}.auth_name"),
        registrar=settings.get(f"{prefix}.sip_server.1.address") or settings.get(f"{prefix}.sip_server_host"),
    )


def _next_url(settings: Mapping[str, str]) -> str | None:
    return settings.get("static.auto_provision.server.url") or settings.get("auto_provision.server.url")
