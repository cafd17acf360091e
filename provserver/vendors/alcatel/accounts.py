"""The SIP accounts and keys of Myriad and Halo phones: rows of their part of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, At, Entry, Parameter, Writer
from provserver.domain.view import DeviceView
from provserver.vendors.alcatel.models import accounts
from provserver.vendors.alcatel.rows import SHEET, row

_PORTS = {Transport.UDP: "5060", Transport.TCP: "5060", Transport.TLS: "5061"}
_TRANSPORTS = {Transport.UDP: "udp", Transport.TCP: "tcp", Transport.TLS: "tls"}  # none is known for DNS
_DTMF = {"inband": "1", "rfc2833": "2", "info": "4"}  # 0 is off, no word for both at once
_SRTP = {"off": "0"}  # what the other numbers mean is not known
# Payload types of RFC 3551 (M); 98 and 125 stand beside options for iLBC and Opus in wazo's template (L).
_CODECS = {"pcmu": "0", "pcma": "8", "g729": "18", "g722": "9", "ilbc": "98", "opus": "125"}
_KEY_TYPES = {KeyKind.SPEED_DIAL: "1", KeyKind.BLF: "59"}


def _write_enable(number: int, _at: At) -> Iterator[Entry]:
    yield Entry(f"Account{number}Enable", "true")


def _write_registrar(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    yield from _write_server(1, endpoint, at)


def _write_backup(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    yield from _write_server(2, endpoint, at)


def _write_server(server: int, endpoint: Endpoint, at: At) -> Iterator[Entry]:
    if at.line is None:
        return
    prefix = f"Account{at.line.number}Server{server}"
    yield Entry(f"{prefix}Address", endpoint.host)
    port, transport = _port(endpoint), _TRANSPORTS.get(endpoint.transport)
    if port is not None:
        yield Entry(f"{prefix}Port", port)
    if transport is not None:
        yield Entry(f"{prefix}Transport", transport)
    yield Entry(f"{prefix}Expire", str(at.line.expires_s))


def _write_outbound(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    if at.line is None:
        return
    prefix = f"Account{at.line.number}OutboundProxy1"
    yield Entry(f"{prefix}Address", endpoint.host)
    port = _port(endpoint)
    if port is not None:
        yield Entry(f"{prefix}Port", port)


def _port(endpoint: Endpoint) -> str | None:
    return _PORTS.get(endpoint.transport) if endpoint.port is None else str(endpoint.port)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the accounts that have no line: a line that was taken away must stop registering."""
    used = {line.number for line in view.lines}
    for number in range(1, accounts(view.model) + 1) if used else ():
        if number not in used:
            yield Entry(f"Account{number}Enable", "false")


def _write_codecs(wanted: tuple[str, ...], at: At) -> Iterator[Entry]:
    offered = [_CODECS[codec] for codec in wanted if codec in _CODECS]
    if offered and at.line is not None:
        yield Entry(f"Account{at.line.number}AudioCodec", ";".join(offered))


def _write_key(key: Key, at: At) -> list[Entry]:
    return _key_entries(f"ProgramKey{at.indices[0]}", key)


def _write_module_key(key: Key, at: At) -> list[Entry]:
    module, number = at.indices
    return _key_entries(f"Aom{module}ProgramKey{number}", key)


def _key_entries(name: str, key: Key) -> list[Entry]:
    """``Type``, ``Account``, ``Label``, and the number as ``Value`` and ``Extension`` alike."""
    kind = _KEY_TYPES.get(key.kind)
    if kind is None:
        return []
    return [
        Entry(f"{name}Type", kind),
        Entry(f"{name}Account", str(key.line)),
        Entry(f"{name}Label", key.label or key.value),
        Entry(f"{name}Value", key.value),
        Entry(f"{name}Extension", key.value),
    ]


def _line(field: str, write: str | Writer) -> Parameter:
    if isinstance(write, str):
        write = f"Account{{n}}{write}"
    return Parameter(setting=f"line.{field}", write=write, section="line", source=SHEET, confidence="M")


def _each(setting: str, write: str | Writer, values: Mapping[str, str] | None = None) -> Parameter:
    return Parameter(
        setting=setting, write=write, values=values, each_line=True, section="line", source=SHEET, confidence="M"
    )


MYRIAD_LINE_ROWS: tuple[Parameter, ...] = (
    _line("number", _write_enable),
    _line("auth_user", "RegName"),
    _line("user_name", "UserName"),
    # No slot, no element: a blank value resets what the phone has (sheet alcatel-lucent A 6, L).
    _line("password", "Password"),
    _line("shown_label", "Label"),
    _line("shown_name", "DisplayName"),
    _line("registrar", _write_registrar),
    _line("backup_registrar", _write_backup),
    _line("outbound_proxy", _write_outbound),
    _line("voicemail", "VmNumber"),
    _line("voicemail", "MwiUri"),
    _each("dtmf", "Account{n}DtmfMode", _DTMF),
    _each("srtp", "Account{n}SrtpWorkingMode", _SRTP),
    _each("codecs", _write_codecs),
    row(DEVICE, _write_unused, section="line"),
    row("key.N", _write_key, section="key"),
    row("module.N.key.N", _write_module_key, section="key"),
)
