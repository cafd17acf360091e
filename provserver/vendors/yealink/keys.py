"""The keys of phone and expansion modules: `write_line_key`, `write_softkey`, `write_module_key`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry, Parameter
from provserver.vendors.yealink.models import Generation, counts_lines_from_zero, generation, line_keys

_SHEET = "sheet yealink 5, key types"
_TYPES = {
    KeyKind.NONE: "0",
    KeyKind.CONFERENCE: "1",
    KeyKind.FORWARD: "2",
    KeyKind.TRANSFER: "3",
    KeyKind.HOLD: "4",
    KeyKind.DND: "5",
    KeyKind.RECALL: "7",
    KeyKind.PICKUP: "9",
    KeyKind.PARK: "10",
    KeyKind.DTMF: "11",
    KeyKind.VOICEMAIL: "12",
    KeyKind.SPEED_DIAL: "13",
    KeyKind.INTERCOM: "14",
    KeyKind.LINE: "15",
    KeyKind.BLF: "16",
    KeyKind.URL: "17",
    KeyKind.PRIVATE_HOLD: "20",
    KeyKind.GROUP_PICKUP: "23",
    KeyKind.PAGING: "24",
    KeyKind.RECORD: "25",
    KeyKind.XML: "27",
    KeyKind.HOT_DESK: "34",
    KeyKind.LDAP: "38",
    KeyKind.BLF_LIST: "39",
    KeyKind.PREFIX: "40",
    KeyKind.LOCAL_DIRECTORY: "45",
    KeyKind.XML_DIRECTORY: "47",
    KeyKind.LOCK: "50",
    KeyKind.RETRIEVE_PARK: "56",
    KeyKind.DIRECTORY: "61",
    KeyKind.PAGING_LIST: "66",
}


def write_line_key(key: Key, at: At) -> list[Entry]:
    """``linekey.K.*``; on models with memory keys, those beyond the line keys are ``memorykey.K.*``."""
    number, line_key_count = at.indices[0], line_keys(at.view.model)
    if line_key_count is not None and number > line_key_count:
        return _entries(f"memorykey.{number - line_key_count}", key, at)
    return _entries(f"linekey.{number}", key, at)


def write_softkey(key: Key, at: At) -> list[Entry]:
    """``programablekey.K.*``: the spelling with one m is Yealink's."""
    return _entries(f"programablekey.{at.indices[0]}", key, at)


def write_module_key(key: Key, at: At) -> list[Entry]:
    """``expansion_module.M.key.K.*``."""
    module, number = at.indices
    return _entries(f"expansion_module.{module}.key.{number}", key, at)


def _entries(name: str, key: Key, at: At) -> list[Entry]:
    kind = Entry(f"{name}.type", _TYPES[key.kind])
    if key.kind is KeyKind.NONE:
        return [kind]
    return [
        kind,
        Entry(f"{name}.line", str(key.line - 1 if counts_lines_from_zero(at.view.model) else key.line)),
        Entry(f"{name}.value", key.value),
        Entry(f"{name}.label", key.label or _line_label(key, at)),
        *_pickup(name, key, at),
    ]


def _pickup(name: str, key: Key, at: At) -> tuple[Entry, ...]:
    """The code that a watching key dials before the extension."""
    code = at.view.settings.get("blf_pickup_code")
    if key.kind is not KeyKind.BLF or not isinstance(code, str):
        return ()
    extension = Entry(f"{name}.extension", code)
    if generation(at.view.model) > Generation.ACROSS_V81:
        return (extension,)
    return (extension, Entry(f"{name}.pickup_value", code))  # the older name: tancredi yealink.tmpl (M)


def _line_label(key: Key, at: At) -> str:
    """What the line itself is called, for a line key that has no label of its own."""
    if key.kind is not KeyKind.LINE:
        return ""
    return next((line.shown_label for line in at.view.lines if line.number == key.line), "")


def _write_nothing(_code: str, _at: At) -> Iterator[Entry]:
    """The keys themselves take the code up."""
    return iter(())


KEY_ROWS: tuple[Parameter, ...] = (
    Parameter(setting="key.N", write=write_line_key, section="key", source=_SHEET, confidence="H"),
    Parameter(setting="softkey.N", write=write_softkey, section="key", source=_SHEET, confidence="H"),
    Parameter(setting="module.N.key.N", write=write_module_key, section="key", source=_SHEET, confidence="H"),
    # Says that the setting is supported; it shows in the keys, as their extension.
    Parameter(setting="blf_pickup_code", write=_write_nothing, section="key", source=_SHEET, confidence="H"),
)
