"""
SIP<MAC>.cnf, the file of a 7940 or 7960 with SIP firmware: `CNF_ROWS`, `CNF_FORMAT`.

One ``name: "value"`` a line. Two published sets of templates agree on the names (fusionpbx cisco/7940, Elastix); the
phones fetch it by TFTP only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.artefact import TextFormat
from provserver.domain.formats import escape_key_value
from provserver.domain.line import Endpoint
from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, as_written
from provserver.vendors.cisco.places import CNF
from provserver.vendors.cisco.rows import line_of

_BOTH = "fusionpbx cisco/7940; Elastix Cisco.cfg.php"
_SIP_PORT = 5060  # RFC 3261 19.1.2
_CODECS = {"pcmu": "g711ulaw", "pcma": "g711alaw", "g729": "g729"}


def escape_quoted(value: str) -> str:
    """
    Check *value* for a place between double quotes, which nothing can escape there.

    Raises ValueError without quoting it.
    """
    if '"' in value:
        msg = "holds a double quote, which would end the value"
        raise ValueError(msg)
    return escape_key_value(value)


CNF_FORMAT = TextFormat(name="cisco_cnf", content_type="text/plain; charset=utf-8", escape=escape_quoted)


def _write_server(registrar: Endpoint, at: At) -> Iterator[Entry]:
    number = line_of(at).number
    yield Entry(f"proxy{number}_address", registrar.host, CNF)
    yield Entry(f"proxy{number}_port", str(registrar.port or _SIP_PORT), CNF)


def _of_first_line(write: Mapping[str, str]) -> Writer:
    """A writer of what the phone knows once: names and fields of the endpoint ``host`` and ``port``, or ``value``."""

    def writer(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - a field of a line
        if line_of(at) != at.view.lines[0]:
            return
        for name, field in write.items():
            if field == "value":
                yield Entry(name, as_written(value), CNF)
            else:
                yield Entry(name, str(value.host if field == "host" else value.port or _SIP_PORT), CNF)

    return writer


def _write_register(number: int, at: At) -> Iterator[Entry]:
    if number == at.view.lines[0].number:
        yield Entry("proxy_register", "1", CNF)


def _write_codec(wanted: tuple[str, ...], _at: At) -> Iterator[Entry]:
    found = next((_CODECS[codec] for codec in wanted if codec in _CODECS), None)
    if found is not None:
        yield Entry("preferred_codec", found, CNF)


def _write_dtmf(wish: str, _at: At) -> Iterator[Entry]:
    if wish in {"rfc2833", "inband"}:
        yield Entry("dtmf_inband", "1" if wish == "inband" else "0", CNF)
        yield Entry("dtmf_outofband", "none" if wish == "inband" else "avt", CNF)


def _write_ntp(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("sntp_mode", "unicast", CNF)
    yield Entry("sntp_server", host, CNF)


def _write_directory(url: str, at: At) -> Iterator[Entry]:
    if at.indices == (1,):
        yield Entry("directory_url", url, CNF)


def _row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    source: str = _BOTH,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting, write=write, values=values, section=CNF, place=CNF, source=source, confidence=confidence
    )


_FPBX = "fusionpbx cisco/7940"

CNF_ROWS: tuple[Parameter, ...] = (
    _row("line.number", _write_register),
    _row("line.shown_label", _of_first_line({"phone_label": "value"})),
    _row("line.registrar", _write_server),
    _row("line.user_name", "line{n}_name"),
    _row("line.shown_name", "line{n}_displayname"),
    _row("line.shown_label", "line{n}_shortname"),
    _row("line.auth_user", "line{n}_authname"),
    _row("line.password", "line{n}_password"),
    _row("line.backup_registrar", _of_first_line({"proxy_backup": "host", "proxy_backup_port": "port"})),
    _row("line.outbound_proxy", _of_first_line({"outbound_proxy": "host", "outbound_proxy_port": "port"})),
    _row("line.expires_s", _of_first_line({"timer_register_expires": "value"})),
    _row("line.voicemail", _of_first_line({"messages_uri": "value"}), source=_FPBX, confidence="M"),
    _row("codecs", _write_codec),
    _row("dtmf", _write_dtmf, source=_FPBX, confidence="M"),
    _row("dtmf_payload", "dtmf_avt_payload", source=_FPBX, confidence="M"),
    _row("ntp_server", _write_ntp, source=_FPBX, confidence="M"),
    _row("time_format", "time_format_24hr", {"12": "0", "24": "1"}, source=_FPBX, confidence="M"),
    _row("phonebook.N.url", _write_directory, source=_FPBX, confidence="M"),
)
