"""The SIP accounts: rows of the parameter table that are written once for every line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer, Written
from provserver.domain.view import DeviceView
from provserver.vendors.fanvil.dialects import BOTH, SHEET, SWITCH, put
from provserver.vendors.fanvil.models import is_legacy, lines_of

LINE = "line"
_TRANSPORTS = {Transport.UDP: "0", Transport.TCP: "1", Transport.TLS: "3", Transport.DNS: "0"}
_PORTS = {Transport.UDP: 5060, Transport.TCP: 5060, Transport.TLS: 5061, Transport.DNS: 5060}
_SRTP = {"off": "0", "optional": "1", "mandatory": "2"}
_DTMF = {"inband": "0", "rfc2833": "1", "info": "2"}  # 3 lets the phone choose, which is not both
_MODERN_CODECS = {
    "opus": "opus", "g722": "G722", "pcma": "PCMA", "pcmu": "PCMU", "g729": "G729", "g726": "G726-32", "ilbc": "iLBC",
}  # fmt: skip
_LEGACY_CODECS = {"g722": "G722", "pcma": "G711A", "pcmu": "G711U", "g729": "G729", "g726": "G726-32"}


def at_line(view: DeviceView, number: int, modern: str | None, legacy: str | None, value: Written) -> Iterator[Entry]:
    """*value* in the block of line *number*."""
    yield from put(
        view,
        modern and f"sip/line@{number}/{modern}",
        legacy and f"SIP_CONFIG_MODULE/SIP_Line_List/SIP_Line_List_Entry@SIP{number}/{legacy}",
        value,
    )


def _line_of(at: At) -> Line:
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _field(modern: str | None, legacy: str | None, values: Mapping[Any, str] | None = None) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - fields of lines and settings are of many types
        found = value if values is None else values.get(value)
        if found is None:
            return
        written = str(found) if isinstance(found, int) else found
        yield from at_line(at.view, _line_of(at).number, modern, legacy, written)

    return write


def _write_begin(number: int, at: At) -> Iterator[Entry]:
    """
    An account that registers, whether or not its password is in the file.

    What later rows may fill begins empty: a phone keeps what it was told (sheet fanvil 6, M).
    """
    yield from at_line(at.view, number, "EnableReg", "Enable_Reg", "1")
    for modern, legacy in (("ProxyAddr", "Proxy_Addr"), ("BackupAddr", "Backup_Addr"), ("MWINum", "MWI_Num")):
        yield from at_line(at.view, number, modern, legacy, "")


def _write_registrar(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    number = _line_of(at).number
    by_records = SWITCH[endpoint.transport is Transport.DNS]
    yield from at_line(at.view, number, "RegisterAddr", "Register_Addr", endpoint.uri_host)
    yield from at_line(at.view, number, "RegisterPort", "Register_Port", _port(endpoint))
    yield from at_line(at.view, number, "Transport", "Transport", _TRANSPORTS[endpoint.transport])
    yield from at_line(at.view, number, "DNSSRV", "DNS_SRV", by_records)
    yield from at_line(at.view, number, "DNSMode", "DNS_Mode", by_records)


def _write_backup(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    line = _line_of(at)
    yield from at_line(at.view, line.number, "BackupAddr", "Backup_Addr", endpoint.uri_host)
    yield from at_line(at.view, line.number, "BackupPort", "Backup_Port", _port(endpoint))
    yield from at_line(at.view, line.number, "BackupTransport", "Backup_Transpo", _TRANSPORTS[endpoint.transport])
    yield from at_line(at.view, line.number, "BackupTTL", "Backup_TTL", str(line.expires_s))
    yield from at_line(at.view, line.number, "EnableFailback", "Enable_Failbac", "1")


def _write_proxy(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    """The proxy, and the name and password for it: the same as for the registrar, and left out with that."""
    line = _line_of(at)
    yield from at_line(at.view, line.number, "ProxyAddr", "Proxy_Addr", endpoint.uri_host)
    yield from at_line(at.view, line.number, "ProxyPort", "Proxy_Port", _port(endpoint))
    yield from at_line(at.view, line.number, "ProxyUser", "Proxy_User", line.auth_user)
    if line.password is not None:
        yield from at_line(at.view, line.number, "ProxyPswd", "Proxy_Pswd", line.password)


def _port(endpoint: Endpoint) -> str:
    """The port, said also where it is the transport's own: the phone would keep one that it had before."""
    return str(endpoint.port or _PORTS[endpoint.transport])


def _write_codecs(wanted: tuple[str, ...], at: At) -> Iterator[Entry]:
    """One list, in order; what is not in it is off. On newer phones the device has such a list too."""
    names = _LEGACY_CODECS if is_legacy(at.view.model) else _MODERN_CODECS
    offered = ",".join(names[codec] for codec in wanted if codec in names)
    if offered:
        yield from put(at.view, "mm/capability/AudioCodecSets", None, offered)
        yield from at_line(at.view, _line_of(at).number, "VoiceCodecMap", "VoiceCodecMap", offered)


def _write_stun(host: str, at: At) -> Iterator[Entry]:
    yield from put(at.view, "sip/STUNServer", "SIP_CONFIG_MODULE/STUN_Server", host)
    yield from at_line(at.view, _line_of(at).number, "NATType", "NAT_Type", "1")


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the accounts that have no line: a phone keeps what a file does not mention."""
    used = {line.number for line in view.lines}
    known = lines_of(view.model)
    if not used or known is None:
        return
    for number in range(1, known + 1):
        if number not in used:
            yield from at_line(view, number, "EnableReg", "Enable_Reg", "0")


def _row(setting: str, write: Writer, *, source: str = BOTH, confidence: Confidence = "H") -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        each_line=not setting.startswith("line."),
        section=LINE,
        source=source,
        confidence=confidence,
    )


ACCOUNT_ROWS: tuple[Parameter, ...] = (
    _row("line.user_name", _field("PhoneNumber", "Phone_Number")),
    _row("line.shown_name", _field("DisplayName", "Display_Name")),
    _row("line.user_name", _field("SipName", "Sip_Name"), source=f"{SHEET}; tancredi fanvil-X5.tmpl"),
    _row("line.number", _write_begin),
    _row("line.registrar", _write_registrar, source=f"{BOTH}; TLS 3 after Wazo, where FusionPBX has 2 on old phones"),
    _row("line.expires_s", _field("RegisterTTL", "Register_TTL")),
    _row("line.auth_user", _field("RegisterUser", "Register_User")),
    # No slot, no element: an empty one would clear what the phone has (sheet fanvil 6, M).
    _row("line.password", _field("RegisterPswd", "Register_Pswd")),
    _row("line.backup_registrar", _write_backup),
    _row("line.outbound_proxy", _write_proxy),
    _row("line.voicemail", _field("MWINum", "MWI_Num")),
    _row("mwi_subscribe", _field("Subscribe", "Subscribe", SWITCH)),
    _row("srtp", _field("MediaCrypto", "Media_Crypto", _SRTP)),
    _row("dtmf", _field("DTMFMode", "DTMF_Mode", _DTMF)),
    _row("codecs", _write_codecs, source=f"{BOTH}; tancredi fanvil-X5.tmpl", confidence="M"),
    _row("stun_server", _write_stun, source="wazo_fanvil base-i-series.tpl; FusionPBX", confidence="M"),
    _row(
        "mac_in_register",
        _field("EnableRegisterMAC", None, SWITCH),
        source="FusionPBX x6u; tancredi fanvil-X5.tmpl",
        confidence="M",
    ),
    Parameter(setting=DEVICE, write=_write_unused, section=LINE, source="wazo_fanvil base.tpl", confidence="H"),
)
