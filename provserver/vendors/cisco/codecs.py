"""Audio codecs in the flat profile: three by preference, and a switch for each that is not always on."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import At, Entry
from provserver.vendors.cisco.models import Family, family_of
from provserver.vendors.cisco.rows import YES_NO, flat, line_of

# Audio parts of fusionpbx cisco/spa514g, 8861 and spa122 (H for the form: sheet cisco 5).
_NAMES = {
    "pcmu": "G711u",
    "pcma": "G711a",
    "g722": "G722",
    "g729": "G729a",
    "g726": "G726-32",
    "ilbc": "iLBC",
    "opus": "OPUS",
}
_ALWAYS_ON = frozenset({"pcmu", "pcma"})
_OLD = frozenset({"pcmu", "pcma", "g729", "g726"})
_KNOWN = {
    Family.SPA: _OLD | {"g722"},
    Family.ADAPTER: _OLD,
    Family.ATA: _OLD,
    Family.MPP: frozenset({"pcmu", "pcma", "g722", "g729", "ilbc", "opus"}),
}
_OF_ANY_PHONE = frozenset({"pcmu", "pcma", "g722", "g729"})
_PLACES = ("Preferred_Codec", "Second_Preferred_Codec", "Third_Preferred_Codec")
_NONE = "Unspecified"


def write_codecs(wanted: tuple[str, ...], at: At) -> Iterator[Entry]:
    """Write the codecs that the phone has, best first; nothing if it has none of them."""
    number = line_of(at).number
    family = family_of(at.view.model)
    known = _OF_ANY_PHONE if family is None else _KNOWN.get(family, _OF_ANY_PHONE)
    chosen = [codec for codec in wanted if codec in known]
    if not chosen:
        return
    for position, place in enumerate(_PLACES):
        name = _NAMES[chosen[position]] if position < len(chosen) else _NONE
        yield flat(f"{place}_{number}_", name)
    for codec, name in _NAMES.items():
        if codec in known - _ALWAYS_ON:
            yield flat(f"{name}_Enable_{number}_", YES_NO[codec in wanted])
