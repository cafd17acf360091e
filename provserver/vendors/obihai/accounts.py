"""
The SIP accounts: a service (SP1, SP2 …) each, and the profiles (A, B …) that hold their registrars.

Services are lines of the first voice profile, whatever profile they point at with a letter; the profile's own number
stands where TR-104 has it. Lines that register alike share a profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase

from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Entry, Parameter, Written
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.obihai.models import profiles, services
from provserver.vendors.obihai.rows import SHEET, SWITCH, row

_REFERENCE = f"{SHEET}; public reference for the OBi200"
_PHONE_GUIDE = "Obihai IP Phone administration guide 2017, 53"
_PORTS = {Transport.UDP: "5060", Transport.TCP: "5060", Transport.TLS: "5061"}
_TRANSPORTS = {Transport.UDP: "UDP", Transport.TCP: "TCP", Transport.TLS: "TLS"}
_DTMF = {"inband": "InBand", "rfc2833": "RFC2833", "info": "SIPInfo"}  # the words of TR-104
_FUNCTIONS = {
    KeyKind.LINE: "Call Appearance",
    KeyKind.SPEED_DIAL: "Speed Dial",
    KeyKind.BLF: "Busy Lamp Field",
    KeyKind.DND: "Do Not Disturb",
    KeyKind.FORWARD: "Call Forward",
    KeyKind.TRANSFER: "Transfer",
    KeyKind.VOICEMAIL: "Message Status",
    KeyKind.PARK: "Call Park Monitor",
}

_Registration = tuple[Endpoint, Endpoint | None, int]


def check_profiles(view: DeviceView) -> None:
    """Refuse lines that register in more ways than the device has profiles."""
    wanted, most = len(_registrations(view)), profiles(view.model)
    if wanted > most:
        raise InvalidValue("registrar", f"lines register in {wanted} ways, where the device has {most} profiles")


def _registrations(view: DeviceView) -> list[_Registration]:
    """The different ways in which lines register, in the order of the lines."""
    return list(dict.fromkeys(_registration(line) for line in view.lines))


def _registration(line: Line) -> _Registration:
    return line.registrar, line.outbound_proxy, line.expires_s


def _service(line: Line) -> str:
    return f"VoiceService.1.VoiceProfile.1.Line.{line.number}."


def _write_service(_number: int, at: At) -> Iterator[Entry]:
    if at.line is None:
        return
    place = _service(at.line)
    profile = _registrations(at.view).index(_registration(at.line))
    yield Entry("Enable", "true", place)
    yield Entry("X_ServProvProfile", ascii_uppercase[profile], place)
    yield Entry("X_RegisterEnable", "true", place)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the services that have no line: the device keeps what a file does not mention."""
    used = {line.number for line in view.lines}
    for number in range(1, services(view.model) + 1) if used else ():
        if number not in used:
            yield Entry("Enable", "false", f"VoiceService.1.VoiceProfile.1.Line.{number}.")


def _write_profiles(view: DeviceView, _at: At) -> Iterator[Entry]:
    for number, (registrar, outbound, expires_s) in enumerate(_registrations(view), start=1):
        place = f"VoiceService.1.VoiceProfile.{number}.SIP."
        yield from _server("ProxyServer", registrar, place)
        yield from _server("RegistrarServer", registrar, place)
        transport = _TRANSPORTS.get(registrar.transport)
        if transport is not None:
            yield Entry("ProxyServerTransport", transport, place)
        yield Entry("X_DnsSrv", SWITCH[transport is None], place)
        if outbound is not None:
            yield from _server("OutboundProxy", outbound, place)
        yield Entry("RegisterExpires", str(expires_s), place)  # what FusionPBX writes
        yield Entry("RegistrationPeriod", str(expires_s), place)  # what TR-104 means by it


def _server(name: str, endpoint: Endpoint, place: str) -> Iterator[Entry]:
    yield Entry(name, endpoint.host, place)
    port = _PORTS.get(endpoint.transport) if endpoint.port is None else str(endpoint.port)
    if port is not None:
        yield Entry(f"{name}Port", port, place)


def _write_mwi(subscribe: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    for number, _ in enumerate(_registrations(at.view), start=1):
        yield Entry("X_MWISubscribe", SWITCH[subscribe], f"VoiceService.1.VoiceProfile.{number}.SIP.")


def _write_dtmf(kind: str, at: At) -> Iterator[Entry]:
    method = _DTMF.get(kind)
    for number, _ in enumerate(_registrations(at.view), start=1) if method else ():
        yield Entry("DTMFMethod", str(method), f"VoiceService.1.VoiceProfile.{number}.")


def _write_key(key: Key, at: At) -> Iterator[Entry]:
    """Function, service, number and name of a line key; the phone can do without each but the first."""
    function = _FUNCTIONS.get(key.kind)
    if function is None:
        return
    place = f"VoiceService.1.Phone.LineKey.{at.indices[0]}."
    yield Entry("Function", function, place)
    yield Entry("Service", f"SP{key.line}", place)
    yield Entry("Number", key.value, place)
    yield Entry("Name", key.label, place)


def _line(field: str, name: str, *, under: str = "", source: str = SHEET) -> Parameter:
    def write(value: Written, at: At) -> Iterator[Entry]:
        if at.line is not None:
            yield Entry(name, value, f"{_service(at.line)}{under}")

    return Parameter(setting=f"line.{field}", write=write, section="line", source=source, confidence="M")


ACCOUNT_ROWS: tuple[Parameter, ...] = (
    Parameter(setting="line.number", write=_write_service, section="line", source=_REFERENCE, confidence="M"),
    _line("user_name", "DirectoryNumber"),
    _line("shown_label", "X_DisplayLabel"),
    _line("user_name", "X_DisplayNumber"),
    _line("shown_name", "CallerIDName", source=_REFERENCE),
    _line("auth_user", "AuthUserName", under="SIP."),
    # No slot, no parameter: what is not listed is kept (sheet obihai 6, M).
    _line("password", "AuthPassword", under="SIP."),
    _line("user_name", "URI", under="SIP.", source=_REFERENCE),
    row(DEVICE, _write_unused, section="line"),
    row(DEVICE, _write_profiles, section="line", source=f"{SHEET}; FusionPBX obihai; public configurations"),
    row("mwi_subscribe", _write_mwi, section="line", source="public configurations for the OBi110"),
    row("dtmf", _write_dtmf, section="line", source="TR-104, VoiceProfile.{i}.DTMFMethod", mark="L"),
    row("key.N", _write_key, section="key", source=f"{SHEET}; {_PHONE_GUIDE}", mark="H"),
)
