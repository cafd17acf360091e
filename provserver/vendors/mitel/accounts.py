"""The SIP accounts: rows of the parameter table that are written for every line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.mitel.notation import SHEET, SWITCH, row

# 0 is both UDP and TCP, which DNS then chooses from (H). One value for all lines.
_TRANSPORTS = {Transport.UDP: "1", Transport.TCP: "2", Transport.TLS: "4", Transport.DNS: "0"}
# A port of 0 makes the phone ask DNS for SRV records (guide 3.3, outbound proxy with Option 120; M for the others).
_PORTS = {Transport.UDP: 5060, Transport.TCP: 5060, Transport.TLS: 5061, Transport.DNS: 0}
_SRTP = {"off": "0", "optional": "1", "mandatory": "2"}
# The two together, as the matrix in guide 3.3, 4-79, has them (H): INFO with the first switched on sends both.
_OUT_OF_BAND = {"inband": "0", "rfc2833": "1", "info": "0", "rfc2833_info": "1"}
_METHODS = {"inband": "0", "rfc2833": "0", "info": "1", "rfc2833_info": "1"}
_PAYLOADS = {"g722": "9", "pcma": "8", "pcmu": "0", "g729": "18"}  # RFC 3551; the maker's dynamic ones are not known


def check_transports(view: DeviceView) -> None:
    """Refuse lines that want different transports: the phone has one for all of them."""
    wanted = {line.registrar.transport for line in view.lines}
    if len(wanted) > 1:
        names = ", ".join(sorted(wanted))
        raise InvalidValue("transport", f"is {names} on different lines, where the phone has one for all")


def _write_registrar(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    line = _line_of(at)
    for role in ("proxy", "registrar"):
        yield from _address(f"sip line{line.number} {role}", endpoint)


def _write_backup(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    line = _line_of(at)
    for role in ("backup proxy", "backup registrar"):
        yield from _address(f"sip line{line.number} {role}", endpoint)


def _write_outbound(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    name = f"sip line{_line_of(at).number} outbound proxy"
    yield Entry(name, endpoint.host)  # the one without "ip" behind it
    yield Entry(f"{name} port", _port(endpoint))


def _address(name: str, endpoint: Endpoint) -> Iterator[Entry]:
    yield Entry(f"{name} ip", endpoint.host)
    yield Entry(f"{name} port", _port(endpoint))


def _port(endpoint: Endpoint) -> str:
    return str(_PORTS[endpoint.transport] if endpoint.port is None else endpoint.port)


def _write_transport(view: DeviceView, _at: At) -> Iterator[Entry]:
    if view.lines:
        yield Entry("sip transport protocol", _TRANSPORTS[view.lines[0].registrar.transport])


def _write_dtmf(kind: str, at: At) -> Iterator[Entry]:
    yield Entry("sip out-of-band dtmf", _OUT_OF_BAND[kind])
    for line in at.view.lines:
        yield Entry(f"sip line{line.number} dtmf method", _METHODS[kind])


def _write_codecs(wanted: tuple[str, ...], _at: At) -> Iterator[Entry]:
    offered = [f"payload={_PAYLOADS[codec]};ptime=20;silsupp=off" for codec in wanted if codec in _PAYLOADS]
    if offered:
        yield Entry("sip customized codec", ",".join(offered))


def _line_of(at: At) -> Line:
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _line(
    field: str, write: str | Writer, *, source: str = f"{SHEET}; wazo base.tpl", confidence: Confidence = "H"
) -> Parameter:
    if isinstance(write, str):
        write = f"sip line{{n}} {write}"
    return Parameter(setting=f"line.{field}", write=write, section="line", source=source, confidence=confidence)


def _each(setting: str, name: str, values: Mapping[str, str]) -> Parameter:
    write = f"sip line{{n}} {name}"
    return Parameter(
        setting=setting, write=write, values=values, each_line=True, section="line", source=SHEET, confidence="H"
    )


ACCOUNT_ROWS: tuple[Parameter, ...] = (
    _line("user_name", "user name"),
    _line("auth_user", "auth name"),
    # Never blank: a line that is missing its password is not served at all (see `VENDOR.after_deletion`).
    _line("password", "password"),
    _line("shown_name", "display name"),
    _line("shown_label", "screen name"),
    _line("user_name", "screen name 2"),
    _line("registrar", _write_registrar),
    _line("backup_registrar", _write_backup),
    _line("outbound_proxy", _write_outbound, source=SHEET),
    _line("expires_s", "registration period", source=f"{SHEET}; FusionPBX"),
    _line("voicemail", "vmail"),
    _each("srtp", "srtp mode", _SRTP),
    row(DEVICE, _write_transport, section="line"),
    row("dtmf", _write_dtmf, section="line", source=f"{SHEET}; 6700i series administrator guide 3.3, 4-79"),
    row("codecs", _write_codecs, section="line"),
    row("mwi_subscribe", "sip explicit mwi subscription", SWITCH, section="line"),
    row("mac_in_register", "sip send mac", SWITCH, section="line", source="public configurations for Mitel", mark="M"),
)
