"""
Which Fanvil models there are, what they hold, where their keys stand, and which of two XML dialects they read.

Sources: Wazo plugin-info and entry.py (lines, keys a page; M), tancredi data/scopes (keys, M), FusionPBX for which
dialect a model reads (M, where Wazo agrees H).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from provserver.domain.vendor import Model, model_key


class Place(NamedTuple):
    """Where a key stands: *row* is ``dssSide``, ``internal`` or ``dssSoft``; *page* and *number* from 1."""

    row: str
    page: int
    number: int


class Keys(NamedTuple):
    """
    *side* keys at the screen, *side_page* of them a page, then *paged* ones, *page* of them a page.

    *soft*: there is only one row of keys, which the file calls by the name of keys under the screen.
    """

    side: int = 0
    side_page: int = 1
    paged: int = 0
    page: int = 1
    soft: int = 0


_SOURCE = "wazo_fanvil plugin-info and entry.py; tancredi data/scopes"
_X210, _X5U = Keys(10, 10, 96, 32), Keys(4, 4, 30, 6)
_V6X, _V66 = Keys(21, 7), Keys(paged=116, page=29)
_W6X = Keys(paged=16, page=8)
# Name: lines, keys; None: not known, or known from sources that disagree.
_MODERN: dict[str, tuple[int | None, Keys | None]] = {
    "X1S": (2, Keys(paged=2, page=2)),
    "X3SG": (2, Keys(paged=2, page=2)),
    "X3U": (None, Keys(3, 3)),
    "X3U Pro": (None, Keys(3, 3)),
    "X301": (None, Keys()),
    "X303": (None, Keys(3, 3)),
    "X4SG": (4, Keys(paged=30, page=6)),
    "X4U": (12, Keys(3, 3, 30, 6)),
    "X4U-V2": (12, None),
    "X4U Pro": (12, None),
    "X5U": (16, _X5U),
    "X5U-V2": (16, _X5U),
    "X5U Pro": (16, _X5U),
    "X6U": (20, Keys(5, 5, 60, 12)),
    "X6U Pro": (20, None),
    "X7": (20, None),
    "X7 Pro": (20, None),
    "X7A": (None, None),
    "X7C": (20, Keys(60, 12)),
    "X7C Pro": (20, None),
    "X210": (20, _X210),
    "X210-V2": (20, _X210),
    "X210 Pro": (20, _X210),
    "X210i": (20, _X210),
    "X210i Pro": (20, None),
    "V61G": (4, None),
    "V61W": (4, None),
    "V62": (6, None),
    "V62G": (12, _V6X),
    "V62W": (12, _V6X),
    "V62 Pro": (12, _V6X),
    "V63": (6, _V6X),
    "V64": (12, _V6X),
    "V65": (20, Keys(27, 9)),
    "V66": (20, _V66),
    "V66 Pro": (20, _V66),
    "V67": (20, _V66),
    "H2U": (2, Keys()),
    "H2U-V2": (2, None),
    "W610W": (4, _W6X),
    "W611W": (4, _W6X),
    "W620W": (8, _W6X),
    "i10S": (2, Keys(soft=1)),
    "i10SV": (2, Keys(soft=1)),
    "i10SD": (2, Keys(soft=2)),
    "i16S": (2, Keys(soft=1)),
    "i16SV": (2, Keys(soft=1)),
    "i51W": (4, None),
    "i52W": (4, None),
    "i53W": (6, None),
    "i61": (2, Keys(soft=1)),
    "i62": (2, Keys(soft=1)),
    "i63": (2, Keys(soft=5)),
    "i64": (2, Keys(soft=4)),
}
# Keys here are counted in one row. X5S and X6 read the newer dialect since firmware 2.2.10, and the older one too (M).
_LEGACY: dict[str, tuple[int | None, int | None]] = {
    "C58": (2, 2), "C62": (4, 8), "H5": (None, 6), "i30": (None, None), "X2": (2, 0), "X2P": (None, None), "X3": (2, 0),
    "X3G": (2, 0), "X3S": (2, 0), "X3SP": (2, 0), "X4": (4, 30), "X4G": (4, 30), "X5": (16, 40), "X5S": (16, 40),
    "X6": (20, 60), "X6V2": (20, 60),
}  # fmt: skip
_SOFTKEYS = 4  # of phones with a screen: tancredi, cap_softkey_count (M)


def _count(keys: Keys | None) -> int | None:
    return None if keys is None else keys.side + keys.paged + keys.soft


def _all_models() -> Iterator[Model]:
    for name, (lines, keys) in _MODERN.items():
        softkeys = 0 if name.startswith(("i", "H")) else None
        yield Model(
            name=name, lines=lines, keys=_count(keys), softkeys=softkeys, modules=0, source=_SOURCE, confidence="M"
        )
    for name, (lines, count) in _LEGACY.items():
        yield Model(name=name, lines=lines, keys=count, softkeys=_SOFTKEYS, modules=0, source=_SOURCE, confidence="M")


MODELS = tuple(_all_models())
_BY_KEY = {model_key(model.name): model.name for model in MODELS}


@lru_cache(maxsize=1024)  # asked many times for each file; the names are what people typed
def known_name(model: str | None) -> str:
    """The model as the tables here have it; for one that is in none of them, what was given, without blanks."""
    key = model_key(model or "").removeprefix("fanvil").removeprefix("linkvil")
    return _BY_KEY.get(key, key.upper())


def is_legacy(model: str | None) -> bool:
    """Whether *model* reads the older dialect. One that nobody knows is taken for a newer one."""
    return known_name(model) in _LEGACY


def lines_of(model: str | None) -> int | None:
    """How many accounts *model* has; None when it is not known."""
    name = known_name(model)
    return (_MODERN.get(name) or _LEGACY.get(name) or (None, None))[0]


def place_of(model: str | None, number: int) -> Place | None:
    """Where ``key.number`` stands on a phone of the newer dialect; None when that is not known, or there is none."""
    keys = _MODERN.get(known_name(model), (None, None))[1]
    if keys is None:
        return None
    if number <= keys.soft:
        return Place("dssSoft", 1, number)
    if number <= keys.side:
        return Place("dssSide", (number - 1) // keys.side_page + 1, (number - 1) % keys.side_page + 1)
    at = number - keys.side - 1
    return Place("internal", at // keys.page + 1, at % keys.page + 1) if at < keys.paged else None
