"""Which Sangoma models there are, and how many keys they have."""

from __future__ import annotations

from provserver.domain.hanlong.keys import MODULE_KEYS, MODULES
from provserver.domain.vendor import Model

_SOFTKEYS = 4  # ProgrammableKey1 to 4, in both sources
# Line keys: tancredi, one scope a model (L). Fusionpbx has 45 keys in each of its templates, for S300, S500 and S700.
_ROWS: tuple[tuple[str, int | None], ...] = (
    ("S205", None),
    ("S206", 2),
    ("S300", None),
    ("S305", 15),
    ("S400", 25),
    ("S405", 25),
    ("S406", 25),
    ("S500", 35),
    ("S505", 35),
    ("S700", 45),
    ("S705", 45),
)
_WITH_MODULES = ("S5", "S7")

MODELS = tuple(
    Model(
        name=name,
        keys=keys,
        softkeys=_SOFTKEYS,
        modules=MODULES if name.startswith(_WITH_MODULES) else None,
        module_keys=MODULE_KEYS if name.startswith(_WITH_MODULES) else None,
        source="tancredi data/scopes, sangoma",
        confidence="L",
    )
    for name, keys in _ROWS
)
