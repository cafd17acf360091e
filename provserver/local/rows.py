"""
Rows of a parameter table as data: `parameter_of` makes a `Parameter` of what a `maker.toml` says of it.

A setting that is more than a text is taken apart: *part* says which piece of it the parameter takes, *values* are the
maker's words for that piece. A piece without a word writes nothing.

    line.registrar, line.backup_registrar, line.outbound_proxy   address (host:port), host, port, transport
    key.N, softkey.N, module.N.key.N                             kind, value, label, line
    timezone                                                     name, posix, minutes (east of UTC), summer (on, off)
    provisioning_url                                             whole, scheme, origin, authority, host, port, path …
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from provserver.domain.catalogue import RAW_PREFIX, find_spec
from provserver.domain.catalogue_specs import CODECS
from provserver.domain.examples import numbered
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, LINE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.posix import plain_posix
from provserver.domain.setting import SettingSpec
from provserver.domain.slot import SecretSlot, URLPart
from provserver.domain.timezones import load_zone
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.local.document import ParameterTable
from provserver.local.problem import Wrong

OWN_URL = "provisioning_url"  # the device's own token URL, which is no setting of anybody
_ENDPOINTS = frozenset({"registrar", "backup_registrar", "outbound_proxy"})
_LINE_TEXTS = frozenset(
    {"number", "user_name", "auth_name", "auth_user", "display_name", "shown_name", "label", "shown_label",
     "voicemail", "expires_s", "password"}
)  # fmt: skip
_SWITCH = {"on": True, "off": False}
_SECTIONS = {"line": "line", "key": "key", "softkey": "key", "module": "key"}  # by the setting's first word

_Piece = Callable[[Any], str | None]
_Path = Sequence[str | int]

_OF_ENDPOINT: Mapping[str, _Piece] = {
    "address": str,
    "host": lambda endpoint: endpoint.uri_host,
    "port": lambda endpoint: None if endpoint.port is None else str(endpoint.port),
    "transport": lambda endpoint: endpoint.transport.value,
}
_OF_KEY: Mapping[str, _Piece] = {
    "kind": lambda key: key.kind.value,
    "value": lambda key: key.value,
    "label": lambda key: key.label,
    "line": lambda key: str(key.line),
}
_OF_ZONE: Mapping[str, _Piece] = {
    "name": lambda zone: load_zone(zone).name,
    "posix": lambda zone: plain_posix(load_zone(zone)),
    "minutes": lambda zone: str(load_zone(zone).offset // timedelta(minutes=1)),
    "summer": lambda zone: "on" if load_zone(zone).rule else "off",
}
# The words that a piece can be, where they can be counted.
_WORDS: Mapping[str, frozenset[str]] = {
    "transport": frozenset(Transport),
    "kind": frozenset(KeyKind),
    "summer": frozenset(_SWITCH),
}


def parameter_of(
    row: ParameterTable, path: _Path, *, source: str, confidence: Confidence, kinds: frozenset[str] | None
) -> Parameter:
    """
    The row of the table that *row* says; Wrong, below *path*, when it cannot be one.

    *kinds* are those for which the maker has a word, where the setting is a key: others are not written at all.
    """
    facts = {"source": row.source or source, "confidence": row.confidence or confidence}
    setting = DEVICE if row.setting == OWN_URL else row.setting
    return Parameter(
        setting=setting,
        each_line=row.each_line,
        section=row.section or _SECTIONS.get(row.setting.partition(".")[0], "line" if row.each_line else "system"),
        place=row.place,
        **_writing(row, path, kinds),
        **facts,  # type: ignore[arg-type]  # both are what the class says
    )


def kinds_of(rows: Iterable[ParameterTable], setting: str) -> frozenset[str] | None:
    """The kinds of keys that *rows* have a word for; None: all, for no row says what the maker calls them."""
    words = [row.values for row in rows if row.setting == setting and row.part == "kind" and row.values is not None]
    return frozenset(kind for values in words for kind in values) if words else None


def _writing(row: ParameterTable, path: _Path, kinds: frozenset[str] | None) -> dict[str, Any]:
    """The columns *write* and *values* of the row."""
    kind = _kind_of(row, path)
    if row.each_line and row.setting.startswith((LINE, OWN_URL)):
        raise Wrong((*path, "each_line"), "is for settings of the device; this one has a line already, or none")
    if kind == "own URL":
        return {"write": _own_url(row, path)}
    pieces = {"endpoint": _OF_ENDPOINT, "key": _OF_KEY, "time zone": _OF_ZONE}.get(kind)
    if pieces is not None:
        return {"write": _of_piece(row, path, pieces, kinds)}
    if row.part is not None:
        raise Wrong((*path, "part"), f"{row.setting} has no parts")
    if kind in {"list", "numbers"}:
        _check_words(row, path, frozenset(CODECS) if kind == "list" else None)
        return {"write": _of_list(row)}
    return _plain(row, path, kind)


def _plain(row: ParameterTable, path: _Path, kind: str) -> dict[str, Any]:
    """The same for a setting that is one text, number or word."""
    if row.default is not None:
        raise Wrong((*path, "default"), "is for parts; a setting without a value writes nothing")
    if kind == "switch":
        if row.values is None:
            raise Wrong(path, f"{row.setting} is on or off, and there are no values for that")
        _check_words(row, path, frozenset(_SWITCH))
        return {"write": row.name, "values": {_SWITCH[word]: text for word, text in row.values.items()}}
    if kind == "choice":
        _check_words(row, path, frozenset(find_spec(numbered(row.setting)).allowed))
    elif row.values is not None:
        raise Wrong((*path, "values"), f"{row.setting} has no words to translate")
    return {"write": row.name, "values": row.values}


def _kind_of(row: ParameterTable, path: _Path) -> str:
    if row.setting == OWN_URL:
        return "own URL"
    if row.setting.startswith(LINE):
        field = row.setting.removeprefix(LINE)
        if field not in _ENDPOINTS | _LINE_TEXTS:
            raise Wrong((*path, "setting"), f"{row.setting!r} is not a field of a line")
        return "endpoint" if field in _ENDPOINTS else "text"
    try:
        spec: SettingSpec | None = find_spec(numbered(row.setting))
    except InvalidValue:
        spec = None
    if spec is None or spec.name != row.setting or row.setting.startswith(RAW_PREFIX):
        raise Wrong((*path, "setting"), f"{row.setting!r} is not a setting of the catalogue")
    return spec.kind


def _check_words(row: ParameterTable, path: _Path, known: frozenset[str] | None) -> None:
    for word in row.values or ():
        if known is not None and word not in known:
            raise Wrong((*path, "values", word), f"{word!r} is not one of {', '.join(sorted(known))}")


def _of_piece(row: ParameterTable, path: _Path, pieces: Mapping[str, _Piece], kinds: frozenset[str] | None) -> Writer:
    part = row.part or next(iter(pieces))
    if part not in pieces:
        raise Wrong((*path, "part"), f"{part!r} is not one of {', '.join(pieces)}")
    _check_words(row, path, _WORDS.get(part))
    piece, write = pieces[part], _named(row)

    def write_piece(value: str | Endpoint | Key, at: At) -> Iterable[Entry]:
        if kinds is not None and isinstance(value, Key) and value.kind.value not in kinds:
            return ()
        text = piece(value)
        if text is not None and row.values is not None:
            text = row.values.get(text)
        if text is None:
            text = row.default
        return () if text is None else write(text, at)

    return write_piece


def _of_list(row: ParameterTable) -> Writer:
    write = _named(row)

    def write_list(items: tuple[str | int, ...], at: At) -> Iterable[Entry]:
        words = [str(item) if row.values is None else row.values.get(str(item)) for item in items]
        known = [word for word in words if word is not None]
        return write(row.join.join(known), at) if known else ()

    return write_list


def _own_url(row: ParameterTable, path: _Path) -> Writer:
    try:
        part = URLPart(row.part or URLPart.WHOLE)
    except ValueError:
        raise Wrong((*path, "part"), f"{row.part!r} is not one of {', '.join(URLPart)}") from None
    if row.values is not None and part is not URLPart.SCHEME:
        raise Wrong((*path, "values"), "are for the scheme of the URL")
    _check_words(row, path, frozenset({"http", "https"}))
    write = _named(row)

    def write_url(view: DeviceView, at: At) -> Iterable[Entry]:
        url = view.provisioning_url
        return write(url.only(part) if row.values is None else url.scheme(**row.values), at)

    return write_url


def _named(row: ParameterTable) -> Callable[[str | SecretSlot, At], Iterable[Entry]]:
    """Writes a text under the row's name, with its numbers in it."""
    return Parameter(setting=row.setting, write=row.name, place=row.place, source="", confidence="L").entries
