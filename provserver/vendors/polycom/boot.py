"""How such a phone starts: master file, the files it names, firmware, overrides, licence, directory, a log sent."""

from __future__ import annotations

import html
import re
from collections.abc import Generator, Mapping

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.vendor import Simulation

MODEL, FIRMWARE = "VVX_450", "6.4.7.1181"
PART_NUMBER = "3111-48450-001"  # of a VVX 450
_NO_FILES = "000000000000"
_ATTRIBUTE = re.compile(r"""([A-Za-z_][\w.\-]*)\s*=\s*"([^"<]*)\"""")
_ADDRESS = re.compile(r"reg\.(\d+)\.address")
_LOG = b"0101000000.000|cfg  |*|00|Provisioning complete\n"

Asking = Generator[Fetch, Reply, Reply]


def user_agent(phone: SimulatedPhone) -> str:
    """What it says by default: no MAC before device.prov.tagSerialNo has been set and it has restarted."""
    return f"FileTransport PolycomVVX-{phone.model}-UA/{phone.firmware} Type/Application"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Start once. Nothing is asked twice, and every miss is borne."""
    reply = yield from _first(f"{phone.mac}.cfg", f"{_NO_FILES}.cfg")
    master = _attributes(reply)
    config: dict[str, str] = {}
    for name in _names(master.get("CONFIG_FILES", ""), phone):
        for parameter, value in _attributes((yield Fetch(name))).items():
            config.setdefault(parameter, value)  # the earlier file wins
    firmware = _substituted(master.get("APP_FILE_PATH", ""), phone)
    if firmware and "://" not in firmware:  # elsewhere is not this server
        yield from _first(f"{PART_NUMBER}.{firmware}", firmware)
    yield Fetch(f"{phone.mac}-phone.cfg")
    yield Fetch(f"{phone.mac}-web.cfg")
    yield from _first(f"{phone.mac}-license.cfg", f"{_NO_FILES}-license.cfg")
    yield from _first(f"{phone.mac}-directory.xml", f"{_NO_FILES}-directory.xml")
    yield Fetch(f"{phone.mac}-app.log", method="PUT", body=_LOG)
    return Booted(accounts=_accounts(config), next_url=_flashed(config, "device.prov.serverName"))


def _first(*files: str) -> Asking:
    """Ask for *files* until there is one."""
    reply = Reply(404)
    for file in files:
        reply = yield Fetch(file)
        if reply.ok:
            break
    return reply


def _attributes(reply: Reply) -> dict[str, str]:
    """All attributes of a file: elements and their nesting mean nothing to these phones."""
    if not reply.ok:
        return {}
    text = reply.body.decode("utf-8", errors="replace")
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def _names(text: str, phone: SimulatedPhone) -> list[str]:
    return [_substituted(name.strip(), phone) for name in text.split(",") if name.strip()]


def _substituted(name: str, phone: SimulatedPhone) -> str:
    values = {
        "[PHONE_MAC_ADDRESS]": phone.mac.value,
        "[MACADDRESS]": phone.mac.value,
        "[PHONE_PART_NUMBER]": PART_NUMBER,
        "[PHONE_MODEL]": phone.model.replace("_", ""),
    }
    for place, value in values.items():
        name = name.replace(place, value)
    return name


def _flashed(config: Mapping[str, str], name: str) -> str | None:
    """A parameter of flash is taken only with its own switch and the common one."""
    switched = config.get("device.set") == "1" and config.get(f"{name}.set") == "1"
    return config.get(name) if switched else None


def _accounts(config: Mapping[str, str]) -> tuple[Account, ...]:
    numbers = sorted(int(found[1]) for found in map(_ADDRESS.fullmatch, config) if found)
    return tuple(_account(config, number) for number in numbers)


def _account(config: Mapping[str, str], number: int) -> Account:
    reg = f"reg.{number}."
    in_flash = config.get(reg + "auth.useLoginCredentials") == "1"
    host, port = config.get(reg + "server.1.address"), config.get(reg + "server.1.port")
    return Account(
        number=number,
        user_name=config[reg + "address"],
        password=_flashed(config, "device.logincred.password") if in_flash else config.get(reg + "auth.password"),
        auth_name=_flashed(config, "device.logincred.user") if in_flash else config.get(reg + "auth.userId"),
        registrar=f"{host}:{port}" if host and port else host,
    )


SIMULATION = Simulation(model=MODEL, firmware=FIRMWARE, user_agent=user_agent, boot=boot)
