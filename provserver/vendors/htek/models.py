"""Which Htek models there are: their device codes and how many line keys they have."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.hanlong.keys import MODULE_KEYS, MODULES
from provserver.domain.vendor import Model, model_key

_WITH_MODULES = ("UC923", "UC924", "UC926")

# Code in the common file's name: sheet htek 1 (H). Keys: wazo_htek common.py, _NB_LINEKEYS (M).
_ROWS: tuple[tuple[str, str | None, int | None], ...] = (
    ("UC926", "0010", 36),
    ("UC926E", "0110", 36),
    ("UC924", "0012", 28),
    ("UC924E", "0112", 28),
    ("UC923", "0013", 20),
    ("UC921", None, None),
    ("UC912", "0019", 12),
    ("UC912E", "0019", 12),
    ("UC912G", "0019", 12),
    ("UC903", "0016", 20),
    ("UC902", "0017", None),
    ("UC902S", None, None),
    ("UC901", None, None),
    ("UC862", "0000", 14),
    ("UC860", "0002", 14),
    ("UC860P", "0002", 14),
    ("UC842", "0001", 4),
    ("UC840", "0003", 4),
    ("UC840P", "0003", 4),
    ("UC806", "0004", 4),
    ("UC806T", "0004", 4),
    ("UC804", "0005", 4),
    ("UC804T", "0005", 4),
    ("UC803", "0006", 0),
    ("UC803T", "0006", 0),
    ("UC802", "0007", 0),
    ("UC802T", "0007", 0),
)


def _all_models() -> Iterator[Model]:
    for name, number, keys in _ROWS:
        yield Model(
            name=name,
            number=number,
            keys=keys,
            modules=MODULES if name.startswith(_WITH_MODULES) else None,
            module_keys=MODULE_KEYS if name.startswith(_WITH_MODULES) else None,
            softkeys=0,  # their words are not those of line keys, and known for a few only
            source="sheet htek 1; wazo_htek common.py",
            confidence="M",
        )


MODELS = tuple(_all_models())
_NUMBERS = {model_key(model.name): model.number for model in MODELS}


def device_code(model: str) -> str | None:
    """The number by which *model* calls its common file, four digits; None when that is not known."""
    return _NUMBERS.get(model_key(model))
