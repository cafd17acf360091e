"""The SIP accounts: rows of the parameter table that are written once for every line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provserver.domain.line import MAX_LINES, Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.view import DeviceView
from provserver.vendors.yealink.codecs import write_codecs
from provserver.vendors.yealink.models import Generation, accounts, generation
from provserver.vendors.yealink.spelling import SHEET, SWITCH

_TRANSPORTS = {Transport.UDP: "0", Transport.TCP: "1", Transport.TLS: "2", Transport.DNS: "3"}
# 0 with DNS-NAPTR makes the phone ask NAPTR and SRV (administrator guide T4x, "Server Domain Name Resolution", H).
_PORTS = {Transport.UDP: 5060, Transport.TCP: 5060, Transport.TLS: 5061, Transport.DNS: 0}
_DTMF = {"inband": "0", "rfc2833": "1", "info": "2", "rfc2833_info": "3"}
_INFO_TYPES = {"relay": "1", "dtmf": "2", "event": "3"}  # body of the INFO request (fusionpbx, t28p; H)
_SRTP = {"off": "0", "optional": "1", "mandatory": "2"}
_SWITCHED_OFF = tuple(Entry(f"account.{number}.enable", "0") for number in range(MAX_LINES + 1))


def _line(setting: str, name: str, *, source: str = SHEET, confidence: Confidence = "H") -> Parameter:
    return Parameter(
        setting=f"line.{setting}", write=f"account.{{n}}.{name}", section="line", source=source, confidence=confidence
    )


def _write_enable(number: int, _at: At) -> Iterator[Entry]:
    yield Entry(f"account.{number}.enable", "1")


def _write_registrar(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    yield from _write_server(1, endpoint, at)
    line = _line_of(at)
    if generation(at.view.model) <= Generation.ACROSS_V81:  # V70 to V73 know one server without a number
        account = f"account.{line.number}"
        yield Entry(f"{account}.sip_server_host", endpoint.host)
        yield Entry(f"{account}.sip_server_port", _port(endpoint))
        yield Entry(f"{account}.transport", _TRANSPORTS[endpoint.transport])
        yield Entry(f"{account}.expires", str(line.expires_s))


def _write_backup(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    yield from _write_server(2, endpoint, at)


def _write_server(server: int, endpoint: Endpoint, at: At) -> Iterator[Entry]:
    line = _line_of(at)
    prefix = f"account.{line.number}.sip_server.{server}"
    yield Entry(f"{prefix}.address", endpoint.host)
    yield Entry(f"{prefix}.port", _port(endpoint))
    yield Entry(f"{prefix}.transport_type", _TRANSPORTS[endpoint.transport])
    yield Entry(f"{prefix}.expires", str(line.expires_s))


def _write_no_proxy(number: int, _at: At) -> Iterator[Entry]:
    yield Entry(f"account.{number}.outbound_proxy_enable", "0")  # the next row puts a 1 in its place


def _write_proxy(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    account = f"account.{_line_of(at).number}"
    yield Entry(f"{account}.outbound_proxy_enable", "1")
    yield Entry(f"{account}.outbound_proxy.1.address", endpoint.host)
    yield Entry(f"{account}.outbound_proxy.1.port", _port(endpoint))
    if generation(at.view.model) <= Generation.ACROSS_V81:
        yield Entry(f"{account}.outbound_host", endpoint.host)
        yield Entry(f"{account}.outbound_port", _port(endpoint))


def _write_dtmf(kind: str, at: At) -> Iterator[Entry]:
    account = f"account.{_line_of(at).number}"
    yield Entry(f"{account}.dtmf.type", _DTMF[kind])
    if kind in {"info", "rfc2833_info"}:
        yield Entry(f"{account}.dtmf.info_type", _INFO_TYPES["relay"])


def _write_retries(attempts: int, at: At) -> Iterator[Entry]:
    line = _line_of(at)
    for server in (1, 2) if line.backup_registrar else (1,):
        yield Entry(f"account.{line.number}.sip_server.{server}.retry_counts", str(attempts))


def _write_mwi(subscribe: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    account = f"account.{_line_of(at).number}"
    yield Entry(f"{account}.subscribe_mwi", SWITCH[subscribe])
    yield Entry(f"{account}.display_mwi.enable", SWITCH[subscribe])


def _write_stun(host: str, at: At) -> Iterator[Entry]:
    account = f"account.{_line_of(at).number}"
    yield Entry(f"{account}.nat.nat_traversal", "1")
    if generation(at.view.model) <= Generation.ACROSS_V81:  # one server an account; later one for all, see parameters
        yield Entry(f"{account}.nat.stun_server", host)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Switch off the accounts that have no line.

    A phone keeps what a file does not mention, so a line that was taken away would go on registering. Accounts that the
    user added stay if `keep_user_changes` is on: then what was set on the phone wins.
    """
    known = accounts(view.model)
    used = {line.number for line in view.lines}
    if not used or known is None:
        return
    for number in range(1, known + 1):
        if number not in used:
            yield _SWITCHED_OFF[number]


def _port(endpoint: Endpoint) -> str:
    """The port, said also where it is the transport's own: the phone would keep one that it had before."""
    return str(_PORTS[endpoint.transport] if endpoint.port is None else endpoint.port)


def _line_of(at: At) -> Line:
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _each(
    setting: str,
    write: str | Writer,
    values: Mapping[str, str] | None = None,
    *,
    source: str = SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=True,
        section="line",
        source=source,
        confidence=confidence,
    )


def _whole(setting: str, write: str | Writer, *, source: str = SHEET, confidence: Confidence = "H") -> Parameter:
    return Parameter(setting=f"line.{setting}", write=write, section="line", source=source, confidence=confidence)


ACCOUNT_ROWS: tuple[Parameter, ...] = (
    _whole("number", _write_enable),
    _line("shown_label", "label"),
    _line("shown_name", "display_name"),
    _line("user_name", "user_name"),
    _line("auth_user", "auth_name"),
    # No slot, no line: never blank and never %NULL%, both of which wipe what the phone has (sheet yealink 6, H).
    _line("password", "password"),
    _whole("registrar", _write_registrar, source=f"{SHEET}; old names: fusionpbx t28p"),
    _whole("backup_registrar", _write_backup),
    _whole("number", _write_no_proxy),
    _whole("outbound_proxy", _write_proxy, source=f"{SHEET}; old names: fusionpbx t28p"),
    Parameter(setting="line.voicemail", write="voice_mail.number.{n}", section="line", source=SHEET, confidence="H"),
    _each("mwi_subscribe", _write_mwi),
    _each("register_retries", _write_retries),
    _each("srtp", "account.{n}.srtp_encryption", _SRTP),
    _each("dtmf", _write_dtmf),
    _each("dtmf_info_type", "account.{n}.dtmf.info_type", _INFO_TYPES, source=f"{SHEET}; fusionpbx t28p"),
    _each("dtmf_payload", "account.{n}.dtmf.dtmf_payload"),
    _each("codecs", write_codecs),
    _each("stun_server", _write_stun, source="fusionpbx t28p, tancredi yealink.tmpl"),
    Parameter(setting=DEVICE, write=_write_unused, section="line", source="wazo v73–v87 base.tpl", confidence="H"),
)
