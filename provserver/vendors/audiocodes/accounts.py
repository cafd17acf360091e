"""The SIP accounts: names and passwords of each line, and the one registrar that all lines share."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Entry, Parameter, Written
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.audiocodes.notation import SHEET, SWITCH, row

_SIP = "voip/signalling/sip"
_MWI = "voip/services/msg_waiting_ind"
_MOST_LINES = 30  # as many as a large service switches off on a C450HD (published capture, M)
_PORTS = {Transport.UDP: "5060", Transport.TCP: "5060", Transport.TLS: "5061"}
_TRANSPORTS = {Transport.UDP: "UDP", Transport.TCP: "TCP", Transport.TLS: "TLS"}  # none is known for DNS
_SRTP = {"off": "0", "mandatory": "1"}  # whether 1 only offers it is not known: nothing is written for that wish
# PCMU and PCMA stand in a public file (M), the others are named alike (L).
_CODECS = {"pcmu": "PCMU", "pcma": "PCMA", "g722": "G722", "g729": "G729", "opus": "OPUS"}
_SHARED = ("registrar", "outbound_proxy", "expires_s")


def check_registrars(view: DeviceView) -> None:
    """Refuse lines that differ in what the phone has once for all of them."""
    for field in _SHARED:
        if len({getattr(line, field) for line in view.lines}) > 1:
            raise InvalidValue(field, "differs between lines, where the phone has one for all")


def _line_row(field: str, name: str) -> Parameter:
    def write(value: Written, at: At) -> Iterator[Entry]:
        if at.line is not None:
            yield Entry(_parameter(at.line, name), value)

    return Parameter(setting=f"line.{field}", write=write, section="line", source=SHEET, confidence="M")


def _parameter(line: Line, name: str) -> str:
    """Lines are counted from 0."""
    return f"voip/line/{line.number - 1}/{name}"


def _write_enabled(_number: int, at: At) -> Iterator[Entry]:
    if at.line is not None:
        yield Entry(_parameter(at.line, "enabled"), "1")


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off what has no line: the phone keeps what a file does not mention, and would go on registering it."""
    used = {line.number for line in view.lines}
    for number in range(1, _MOST_LINES + 1) if used else ():
        if number not in used:
            yield Entry(f"voip/line/{number - 1}/enabled", "0")


def _write_servers(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Proxy and registrar, and the proxy in front of them; `check_registrars` has seen to it that lines agree."""
    if not view.lines:
        return
    line = view.lines[0]
    yield Entry(f"{_SIP}/use_proxy", "1")
    yield from _server(f"{_SIP}/proxy_address", f"{_SIP}/proxy_port", line.registrar)
    yield Entry(f"{_SIP}/sip_registrar/enabled", "1")
    yield from _server(f"{_SIP}/sip_registrar/addr", f"{_SIP}/sip_registrar/port", line.registrar)
    yield Entry(f"{_SIP}/proxy_timeout", str(line.expires_s))  # of the registration, whatever it is called
    transport = _TRANSPORTS.get(line.registrar.transport)
    if transport is not None:
        yield Entry(f"{_SIP}/transport_protocol", transport)
    outbound = f"{_SIP}/sip_outbound_proxy"
    yield Entry(f"{outbound}/enabled", SWITCH[line.outbound_proxy is not None])
    if line.outbound_proxy is not None:
        yield from _server(f"{outbound}/addr", f"{outbound}/port", line.outbound_proxy)


def _server(address: str, port: str, endpoint: Endpoint) -> Iterator[Entry]:
    yield Entry(address, endpoint.host)
    number = _PORTS.get(endpoint.transport) if endpoint.port is None else str(endpoint.port)
    if number is not None:
        yield Entry(port, number)


def _write_voicemail(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The first line's: there is one number for the message key."""
    number = next((line.voicemail for line in view.lines if line.voicemail), None)
    if number:
        yield Entry(f"{_MWI}/voice_mail_number", number)


def _write_mwi(subscribe: bool, _at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    yield Entry(f"{_MWI}/enabled", SWITCH[subscribe])
    yield Entry(f"{_MWI}/subscribe", SWITCH[subscribe])


def _write_codecs(wanted: tuple[str, ...], _at: At) -> Iterator[Entry]:
    offered = [_CODECS[codec] for codec in wanted if codec in _CODECS]
    for position, name in enumerate(offered):
        yield Entry(f"voip/codec/codec_info/{position}/name", name)


ACCOUNT_ROWS: tuple[Parameter, ...] = (
    Parameter(setting="line.number", write=_write_enabled, section="line", source=SHEET, confidence="M"),
    _line_row("user_name", "id"),
    _line_row("auth_user", "auth_name"),
    # No slot, no line: a password that the file does not mention is kept (sheet audiocodes 6, L).
    _line_row("password", "auth_password"),
    _line_row("shown_name", "description"),
    _line_row("shown_label", "extension_display"),
    row(DEVICE, _write_unused, section="line", source="published capture of a provisioning service, C450HD"),
    row(DEVICE, _write_servers, section="line", source=f"{SHEET}; 400HD administrator's manual, SIP Proxy Server"),
    row(DEVICE, _write_voicemail, section="line"),
    row("mwi_subscribe", _write_mwi, section="line", source="public configurations for AudioCodes"),
    row("srtp", "voip/media/srtp/enabled", _SRTP, section="line", mark="L"),
    row("codecs", _write_codecs, section="line", source="public configurations for AudioCodes", mark="L"),
)
