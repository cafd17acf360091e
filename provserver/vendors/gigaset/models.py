"""Which Gigaset models there are, and which of the maker's languages each of them reads: `family`."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from provserver.domain.vendor import Model, model_key

_SHEET = "sheet gigaset 0, 2"
_TANCREDI = "sheet gigaset 5; tancredi data/scopes/gigaset-Maxwell*.ini"


class Family(StrEnum):
    """The code lines of sheet gigaset 0 (H). The values are the sections of the parameter table."""

    N510 = "n510"
    N720 = "n720"
    DECT = "dect"
    MAXWELL = "maxwell"
    SNOM = "snom"  # P series: Snom's firmware, Snom's files, Snom's MAC blocks


_P_SERIES = re.compile(r"p[78]\d\d")


@lru_cache(maxsize=1024)  # asked for every row of every file; the names are what people typed
def family(model: str | None) -> Family:
    """
    The family of *model*, in any spelling (``N870``, ``Gigaset N870 IP PRO``, ``N720-DM-PRO``).

    Unknown is taken for one of the new bases: the old ones and the desk phones are not made any more.
    """
    key = model_key(model or "").removeprefix("gigaset")
    if key.startswith("n510"):
        return Family.N510
    if key.startswith("n720"):
        return Family.N720
    if key.startswith("maxwell"):
        return Family.MAXWELL
    return Family.SNOM if _P_SERIES.match(key) else Family.DECT


def product_id(model: str | None) -> str | None:
    """
    The ``productID`` of the file of *model*: ``e2`` for the new bases, ``mx3b`` for Maxwell 3 and 4.

    None where no source names one; tancredi writes none for any Maxwell, and it works (M).
    """
    if family(model) is Family.DECT:
        return "e2"
    key = model_key(model or "").removeprefix("gigaset")
    return "mx3b" if key in {"maxwell3", "maxwell4"} else None


def _bases(*names: str, lines: int | None, source: str = _SHEET) -> tuple[Model, ...]:
    return tuple(
        Model(name=name, lines=lines, keys=0, softkeys=0, modules=0, module_keys=0, source=source, confidence="M")
        for name in names
    )


def _maxwell(name: str, keys: int | None, softkeys: int | None = None) -> Model:
    return Model(
        name=f"Maxwell {name}", lines=4, keys=keys, softkeys=softkeys, modules=0, module_keys=0, source=_TANCREDI,
        confidence="M",
    )  # fmt: skip


MODELS = (
    *_bases("N510", "N510 IP PRO", lines=6, source="sheet gigaset 5: six accounts"),
    *_bases("N720", "N720 DM PRO", "N720 IP PRO", lines=100, source="wazo_gigaset N720: 100 accounts"),
    # The number behind Handset= in the User-Agent: what a base, or its licence, can hold.
    *_bases("N610", "N610 IP PRO", lines=20),
    *_bases("N670", "N670 IP PRO", lines=20, source="Gigaset product list"),
    *_bases("N870", "N870 IP PRO", "N870E", "N870E IP PRO", lines=250),
    *_bases("N530", "N530 IP PRO", "N770", "N770 IP PRO", lines=None),
    _maxwell("Basic", None),
    _maxwell("2", 8),
    _maxwell("3", 8),
    _maxwell("4", 8, 4),
)
