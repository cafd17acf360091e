"""
SEP<MAC>.cnf.xml, the file of phones that were made for a call manager: `ENTERPRISE_ROWS`.

The phone replaces all it has with this file, so nothing is ever taken back by an empty element. It knows its server
from DHCP alone: no file can tell it another URL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.cisco.places import SEP
from provserver.vendors.cisco.rows import SHEET, line_of
from provserver.vendors.cisco.zones import zone_name

_WAZO = "wazo_cisco_sip common/base.tpl"
_BOTH = f"sheet cisco 5; {_WAZO}; fusionpbx cisco/79x1"
_TIME = f"{SEP}/devicePool/dateTimeSetting"
_MEMBERS = f"{SEP}/devicePool/callManagerGroup/members"
_PROFILE = f"{SEP}/sipProfile"
_TRANSPORTS = {Transport.TCP: "1", Transport.UDP: "2", Transport.TLS: "3"}  # DNS: none of them
_SIP_PORT, _SIPS_PORT = "5060", "5061"  # RFC 3261 19.1.2
_LINE, _SPEED_DIAL, _BLF = "9", "2", "21"
_DIALS = frozenset({KeyKind.SPEED_DIAL, KeyKind.RETRIEVE_PARK, KeyKind.GROUP_PICKUP, KeyKind.VOICEMAIL})
_CODECS = {"pcmu": "g711ulaw", "pcma": "g711alaw", "g722": "G722"}
# wazo_cisco_sip common.py: name of the user's locale, code of its language, name of the network's (tones)
_LOCALES = {
    "en": ("english_united_states", "en", "united_states"),
    "de": ("german_germany", "de", "germany"),
    "es": ("spanish_spain", "es", "spain"),
    "fr": ("french_france", "fr", "france"),
}


def _write_head(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("fullConfig", "true", SEP)
    yield Entry("deviceProtocol", "SIP", SEP)
    if not view.lines:
        return
    first = view.lines[0]
    for priority, registrar in enumerate(filter(None, (first.registrar, first.backup_registrar))):
        manager = f"{_MEMBERS}/member#{priority}/callManager"
        is_tls = registrar.transport is Transport.TLS
        yield Entry("sipPort", _SIP_PORT if is_tls else _port(registrar), f"{manager}/ports")
        yield Entry("securedSipPort", _port(registrar) if is_tls else _SIPS_PORT, f"{manager}/ports")
        yield Entry("processNodeName", registrar.host, manager)
    if first.outbound_proxy is not None:
        yield Entry("outboundProxy", first.outbound_proxy.host, f"{_PROFILE}/sipProxies")
        yield Entry("outboundProxyPort", _port(first.outbound_proxy), f"{_PROFILE}/sipProxies")
    yield Entry("registerWithProxy", "true", f"{_PROFILE}/sipProxies")
    yield Entry("timerRegisterExpires", str(first.expires_s), f"{_PROFILE}/sipStack")
    yield Entry("phoneLabel", first.shown_label, _PROFILE)
    if first.registrar.transport in _TRANSPORTS:
        yield Entry("transportLayerProtocol", _TRANSPORTS[first.registrar.transport], SEP)


def _write_line(number: int, at: At) -> Iterator[Entry]:
    line = line_of(at)
    place = _button(number)
    shares = _same_server(line, at.view.lines[0])
    yield Entry("featureID", _LINE, place)
    yield Entry("featureLabel", line.shown_label, place)
    yield Entry("proxy", "USECALLMANAGER" if shares else line.registrar.host, place)
    yield Entry("port", _port(line.registrar), place)
    yield Entry("name", line.user_name, place)
    yield Entry("displayName", line.shown_name, place)
    yield Entry("contact", line.user_name, place)
    yield Entry("authName", line.auth_user, place)


def _in_line(name: str) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - a field of a line
        yield Entry(name, value, _button(line_of(at).number))

    return write


def _write_key(key: Key, at: At) -> Iterator[Entry]:
    """Write a key that dials or watches; lines have the buttons of their numbers, and keep them."""
    (number,) = at.indices
    if any(line.number == number for line in at.view.lines) or not key.value:
        return
    watches = key.kind is KeyKind.BLF
    if not watches and key.kind not in _DIALS:
        return
    place = _button(number)
    yield Entry("featureID", _BLF if watches else _SPEED_DIAL, place)
    yield Entry("featureLabel", key.label or key.value, place)
    yield Entry("speedDialNumber", key.value, place)
    if watches:
        yield Entry("featureOptionMask", "1", place)


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    found = zone_name(name)
    if found is not None:
        yield Entry("timeZone", found, _TIME)


def _write_ntp(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("name", host, f"{_TIME}/ntps/ntp")
    yield Entry("ntpMode", "Unicast", f"{_TIME}/ntps/ntp")


def _write_password(password: SecretSlot, at: At) -> Iterator[Entry]:
    yield Entry("sshUserId", str(at.view.settings.get("admin_user") or "admin"), SEP)
    yield Entry("sshPassword", password, SEP)
    yield Entry("phonePassword", password, f"{SEP}/commonProfile")


def _write_codec(wanted: tuple[str, ...], _at: At) -> Iterator[Entry]:
    """Write the best that the phone has a name for; it takes the others as well."""
    found = next((_CODECS[codec] for codec in wanted if codec in _CODECS), None)
    if found is not None:
        yield Entry("preferredCodec", found, _PROFILE)


def _write_language(language: str, _at: At) -> Iterator[Entry]:
    if language in _LOCALES:
        user, code, network = _LOCALES[language]
        yield Entry("name", user, f"{SEP}/userLocale")
        yield Entry("langCode", code, f"{SEP}/userLocale")
        yield Entry("networkLocale", network, SEP)


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    """Write a load by its name, and the server that has it; a file ``SIP42.9-4-2SR3-1S.loads`` is that load."""
    parts = urlsplit(url)
    load = parts.path.rpartition("/")[2].removesuffix(".loads")
    if load and parts.hostname:
        yield Entry("loadInformation", load, SEP)
        yield Entry("loadServer", parts.hostname, f"{SEP}/vendorConfig")


def _write_directory(url: str, at: At) -> Iterator[Entry]:
    if at.indices == (1,):
        yield Entry("directoryURL", url, SEP)


def _button(number: int) -> str:
    return f"{_PROFILE}/sipLines/line#{number}"


def _same_server(line: Line, first: Line) -> bool:
    return (line.registrar.host, _port(line.registrar)) == (first.registrar.host, _port(first.registrar))


def _port(endpoint: Endpoint) -> str:
    if endpoint.port is not None:
        return str(endpoint.port)
    return _SIPS_PORT if endpoint.transport is Transport.TLS else _SIP_PORT


def _row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    place: str = SEP,
    source: str = _BOTH,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting, write=write, values=values, section=SEP, place=place, source=source, confidence=confidence
    )


ENTERPRISE_ROWS: tuple[Parameter, ...] = (
    _row(DEVICE, _write_head),
    _row("line.number", _write_line),
    _row("line.password", _in_line("authPassword")),
    _row("line.voicemail", _in_line("messagesNumber")),
    _row("key.N", _write_key),
    _row("timezone", _write_zone, confidence="M"),
    _row("date_format", "dateTemplate", {"dmy": "D/M/Y", "mdy": "M/D/Y"}, place=_TIME, confidence="M"),
    _row("ntp_server", _write_ntp),
    _row("admin_password", _write_password),
    _row("codecs", _write_codec, source=f"sheet cisco 5; fusionpbx cisco/79x1, 7940; {_WAZO}", confidence="M"),
    _row("dtmf", "dtmfOutofBand", {"rfc2833": "avt", "inband": "none"}, place=_PROFILE, confidence="M"),
    _row("dtmf_payload", "dtmfAvtPayload", place=_PROFILE, source=_WAZO, confidence="M"),
    # Encryption needs a list of trust that a call manager has signed: it can be switched off, not on.
    _row("srtp", "deviceSecurityMode", {"off": "1"}, source=f"{SHEET}; {_WAZO}", confidence="M"),
    _row("language", _write_language, source=f"{SHEET}; {_WAZO}", confidence="M"),
    _row("firmware_url", _write_firmware, source=f"{SHEET}: loadInformation, loadServer", confidence="M"),
    _row("phonebook.N.url", _write_directory, source=_WAZO, confidence="M"),
)
