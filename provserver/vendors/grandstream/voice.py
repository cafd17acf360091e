"""Codecs and digits: lists whose numbers and words differ from family to family; `VOICE_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from provserver.domain.parameters import At, Entry, Parameter
from provserver.vendors.grandstream.accounts import LINE, line_of, write_field
from provserver.vendors.grandstream.models import Family, family_of, known_name
from provserver.vendors.grandstream.notation import SHEET, SWITCH, YES_NO
from provserver.vendors.grandstream.numbering import DTMF_ORDER

_WORDS = {
    "opus": "OPUS",
    "g722": "G.722",
    "pcma": "PCMA",
    "pcmu": "PCMU",
    "g729": "G.729A/B",
    "g726": "G.726-32",
    "ilbc": "iLBC",
}
_PHONE = {"g722": "9", "pcma": "8", "pcmu": "0", "g729": "18", "g726": "2", "ilbc": "98"}  # no Opus in their lists
_ADAPTER = {"opus": "123", "pcma": "8", "pcmu": "0", "g729": "18", "g726": "2", "ilbc": "97"}
_BASE = {"g722": "9", "pcma": "8", "pcmu": "0", "g729": "18", "g726": "104", "ilbc": "98"}
_CODECS = {
    Family.NAMED: _WORDS,
    Family.CLASSIC: _PHONE,
    Family.ADAPTER: _ADAPTER,
    Family.PORTS: _ADAPTER | {"g722": "9"},
    Family.BASE: _BASE,
}
_NO_G722 = frozenset({"HT704"})  # its template has none
_PLACES = {Family.NAMED: 8}  # of the list; seven elsewhere

# Phones: in the voice, by RFC 2833, by INFO.
_SENT = {
    "rfc2833": (False, True, False),
    "inband": (True, False, False),
    "info": (False, False, True),
    "rfc2833_info": (False, True, True),
}
# The others have an order of preference: 100 in the voice, 101 RFC 2833, 102 INFO (templates ht802, dp750).
_PREFERRED = {
    "rfc2833": ("101", "101", "101"),
    "inband": ("100", "100", "100"),
    "info": ("102", "102", "102"),
    "rfc2833_info": ("101", "102", "102"),
}
_DTMF_FIELDS = ("in_audio", "in_rtp", "in_info")


def _write_codecs(wanted: tuple[str, ...], at: At) -> Iterator[Entry]:
    """
    Fill the list from its beginning, and what is left of it with the last one that is wanted.

    The list has no word for "none": a place that is not written would keep a codec that nobody wants (L: that saying
    one twice does no harm).
    """
    for place, codec in enumerate(_spelled(wanted, family_of(at.view), known_name(at.view.model)), start=1):
        yield from write_field(at.view, f"codec{place}", line_of(at).number, codec)


@lru_cache(maxsize=256)  # people agree on a few orders
def _spelled(wanted: tuple[str, ...], kind: Family, model: str) -> tuple[str, ...]:
    table = _CODECS[kind]
    offered = [table[codec] for codec in wanted if codec in table and not (codec == "g722" and model in _NO_G722)]
    places = _PLACES.get(kind, 7)
    return tuple((offered + offered[-1:] * places)[:places])


def _write_dtmf(kind: str, at: At) -> Iterator[Entry]:
    number = line_of(at).number
    if family_of(at.view) in (Family.NAMED, Family.CLASSIC):
        for field, on in zip(_DTMF_FIELDS, _SENT[kind], strict=True):
            yield from write_field(at.view, field, number, SWITCH[on], YES_NO[on])
        return
    for field, method in zip(DTMF_ORDER, _PREFERRED[kind], strict=True):
        yield from write_field(at.view, field, number, method)


VOICE_ROWS: tuple[Parameter, ...] = (
    Parameter(
        setting="codecs",
        write=_write_codecs,
        each_line=True,
        section=LINE,
        source=f"{SHEET}; FusionPBX grp2612, gxp21xx, ht802, ht818, dp750",
        confidence="H",
    ),
    Parameter(
        setting="dtmf",
        write=_write_dtmf,
        each_line=True,
        section=LINE,
        source=f"{SHEET}; FusionPBX ht802, dp750 for the order of preference",
        confidence="H",
    ),
)
