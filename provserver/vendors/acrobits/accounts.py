"""
Acrobits' parameter table, and the accounts it makes: `contents`.

All that the client is told stands inside of an account, so every row is written once for each line. An element that is
not there leaves the client's own value or default (sheet acrobits 6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, Written, write_entries
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

LINE_SECTION, RAW = "line", "raw"
_DOC = "doc.acrobits.net, Account XML"
_TWO = "two public provisioning servers for Acrobits apps (facts only)"
_ONE = "a public provisioning server for Acrobits apps (facts only)"
_SDK = "Acrobits' own examples for libsoftphone (facts only)"

# tls would put sips: into every header, which registrars rarely take; tls+sip: is TLS with the usual sip: (H). There is
# no word for asking DNS: the client's default stands, udp.
_TRANSPORTS = {Transport.UDP: "udp", Transport.TCP: "tcp", Transport.TLS: "tls+sip:"}
# Numbers of payload types (RFC 3551, 6). opus and iLBC have none of their own, and theirs are in no source found.
_CODECS = {"pcmu": "0", "pcma": "8", "g722": "9", "g729": "18"}

_RAW = re.compile(r"(?:account\.(?P<line>[1-9][0-9]{0,2})\.)?(?P<element>[A-Za-z_][A-Za-z0-9_]*)")
_OURS = "extProvUrl"


def place_raw(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*: ``element`` for all accounts, ``account.2.element`` for that of line 2.

    Raises InvalidValue for what is no element's name, and for the URL to ask next time: an artefact with credentials
    always points the client at its own.
    """
    found = _RAW.fullmatch(name)
    if found is None:
        raise InvalidValue(f"raw.{name}", "is not the name of an element, as in icm or account.2.icm")
    if found["element"] == _OURS:
        raise InvalidValue(f"raw.{name}", "is always the device's own provisioning URL")
    return Entry(found["element"], value, RAW, int(found["line"]) if found["line"] else None)


def contents(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """What the template shows: one list of elements for each account."""
    accounts: dict[int, dict[str, Written]] = {line.number: {} for line in view.lines}
    entries = write_entries(PARAMETERS, view, sections=rule.sections, raw=place_raw)
    # What is said of all accounts comes first, so that what is said of one overrules it.
    for name, value, _, index in sorted(entries, key=lambda entry: entry.index is not None and entry.place == RAW):
        for number in accounts if index is None else accounts.keys() & {index}:
            accounts[number][name] = value
    return {"accounts": [tuple(elements.items()) for elements in accounts.values()]}


def _of_line(name: str, spell: Callable[[Any, Line], Written | None]) -> Writer:
    """Write *name* as *spell* puts it, or nothing where it has no word."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        assert at.line is not None  # noqa: S101 - rows of a line are written for a line
        spelt = spell(value, at.line)
        if spelt:
            yield Entry(name, spelt, "", at.line.number)

    return write


def _write_url(_number: int, at: At) -> Iterator[Entry]:
    assert at.line is not None  # noqa: S101 - rows of a line are written for a line
    url = at.view.provisioning_url.framed(after=f"{at.view.mac}-account.xml")
    yield Entry(_OURS, url, "", at.line.number)


def _transport(endpoint: Endpoint, _line: Line) -> str | None:
    return _TRANSPORTS.get(endpoint.transport)


def _codecs(names: tuple[str, ...], _line: Line) -> str:
    return ",".join(_CODECS[name] for name in names if name in _CODECS)


def _line(field: str, write: str | Writer, *, source: str = _DOC, confidence: Confidence = "H") -> Parameter:
    """A row that writes a field of the line."""
    return Parameter(setting=f"line.{field}", write=write, section=LINE_SECTION, source=source, confidence=confidence)


def _row(
    setting: str,
    write: str | Writer,
    *,
    values: Mapping[Any, str] | None = None,
    source: str,
    confidence: Confidence,
) -> Parameter:
    """A row that writes a setting of the device into each account."""
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=True,
        section=LINE_SECTION,
        source=source,
        confidence=confidence,
    )


PARAMETERS: tuple[Parameter, ...] = (
    # The account is not saved when its title is empty (H); a line always has something to be called by.
    _line("number", _of_line("title", lambda _number, line: line.shown_label)),
    _line("user_name", "username"),
    _line("password", "password"),
    _line("auth_name", "authUsername"),
    _line("display_name", "userDisplayName"),
    _line("registrar", _of_line("host", lambda endpoint, _line: str(endpoint))),
    _line("registrar", _of_line("transport", _transport)),
    _line("outbound_proxy", _of_line("proxy", lambda endpoint, _line: str(endpoint))),
    _line("expires_s", "expires", source=_ONE, confidence="M"),
    _line("voicemail", "voiceMailNumber", source=_TWO),
    _row("mwi_subscribe", "subscribeForVoicemail", values={True: "1", False: "0"}, source=_TWO, confidence="H"),
    _row("codecs", _of_line("codecOrder", _codecs), source=f"{_SDK}; {_DOC}", confidence="M"),
    # The same list for mobile networks: the client keeps one for each.
    _row("codecs", _of_line("codecOrder3G", _codecs), source=f"{_SDK}; {_DOC}", confidence="M"),
    _row(
        "dtmf",
        "dtmfOrder",
        values={"rfc2833": "rfc2833", "inband": "audio"},
        source="account XML of a published app (facts only)",
        confidence="M",
    ),
    _row("srtp", "sdesIncoming", values={"optional": "enabled"}, source=_ONE, confidence="M"),
    _row("srtp", "sdesOutgoing", values={"optional": "enabled"}, source=_ONE, confidence="M"),
    _row("stun_server", "STUN", source=_ONE, confidence="M"),
    _row("ice", "natTraversal", values={True: "ice"}, source=_ONE, confidence="M"),
    _line("number", _write_url, source=_TWO),
    _row(
        "resync_minutes",
        _of_line("extProvInterval", lambda minutes, _line: str(minutes * 60)),
        source=f"sheet acrobits 5; {_TWO}",
        confidence="H",
    ),
)
