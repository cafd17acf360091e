"""
Which Grandstream models there are, what they hold, and in which of five ways their accounts are written.

Sources: FusionPBX keeps the maker's own templates, whose comments name models and counts (H for the numbers of
parameters); Wazo's plugin-info for lines and keys (M).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from provserver.domain.vendor import Model, model_key
from provserver.domain.view import DeviceView


class Family(StrEnum):
    """How a device is told its accounts."""

    NAMED = "named"  # parameters by name (``config version="2"``), any number of accounts
    CLASSIC = "classic"  # P-values, accounts at P35, P404, P504, P604 …
    ADAPTER = "adapter"  # two telephone ports, each with all settings of its own
    PORTS = "ports"  # telephone ports that share one profile
    BASE = "base"  # DECT: ten accounts that share four profiles


class Keys(NamedTuple):
    """*line* keys beside the screen, *fixed* of them that cannot be taken away, and *extra* ones with lamps only."""

    line: int
    fixed: int = 0
    extra: int = 0


MODULE_KEYS = 40  # GXP2200EXT, the one expansion module of these phones: Grandstream data sheet (H)

_WAZO = "wazo_grandstream common.py MODEL_FKEYS and plugin-info"
_TEMPLATES = "FusionPBX grandstream templates, comments of the maker"
# name: accounts, keys, expansion modules; 0 accounts: not known
_NAMED = {
    "GXP2130": (3, Keys(12, 3, 8), 0),
    "GXP2135": (8, Keys(32, 8), 0),
    "GXP2140": (4, Keys(16, 4), 4),
    "GXP2160": (6, Keys(24, 6, 24), 0),
    "GXP2170": (12, Keys(48, 12), 4),
    "GRP2612": (0, Keys(16), 0),
    "GRP2612P": (0, Keys(16), 0),
    "GRP2612W": (0, Keys(16), 0),
    "GRP2612G": (0, Keys(16), 0),
    "GRP2613": (0, Keys(24), 0),
    "GRP2614": (0, Keys(16, 0, 24), 0),
    "GRP2615": (0, Keys(40), None),
    "GRP2616": (0, Keys(16, 0, 24), 0),
}
_NAMED_ONLY = ("GRP2624", "GRP2634", "GRP2636", "GRP2650", "GRP2670")  # keys not known
_CLASSIC = {
    "GXP1100": (1, None),
    "GXP1105": (1, None),
    "GXP1160": (1, None),
    "GXP1165": (1, None),
    "GXP1400": (2, Keys(2)),
    "GXP1405": (2, Keys(2)),
    "GXP1450": (2, Keys(2)),
    "GXP1610": (1, Keys(2)),
    "GXP1615": (1, Keys(2)),
    "GXP1620": (2, Keys(2)),
    "GXP1625": (2, Keys(2)),
    "GXP1628": (2, Keys(2, 0, 8)),
    "GXP1630": (3, Keys(3, 0, 8)),
    "GXP1760": (0, None),
    "GXP1780": (0, None),
    "GXP1782": (0, None),
    "GXP2000": (4, None),
    "GXP2020": (0, None),
    "GXP2100": (4, Keys(4, 0, 7)),
    "GXP2110": (4, Keys(4, 0, 18)),
    "GXP2120": (6, Keys(6, 0, 7)),
    "GXP2124": (4, Keys(4)),
    "GXP2200": (0, None),
    "GXV3140": (0, None),
    "GXV3175": (0, None),
    "GXV3240": (6, None),
    "GXV3275": (6, None),
    "GXV3350": (0, None),
    "GXV3370": (0, None),
    "GXV3380": (0, None),
    "GAC2500": (6, None),
    "WP810": (2, Keys(0)),
    "WP820": (2, Keys(0)),
}
_ADAPTERS = {
    "HT502": 2, "HT503": 1, "HT701": 1, "HT702": 2, "HT801": 1, "HT801V2": 1, "HT802": 2, "HT802V2": 2, "HT813": 1,
}  # fmt: skip
_PORTS = {"HT704": 4, "HT814": 4, "HT818": 8}
_BASES = {"DP750": 10, "DP752": 10}

# The fifth and sixth account are P1701… and P1801… here (templates gxp21xx, gxp20xx, gxv3240, gxv3275, gac2500; H). On
# GRP phones they are P701… and P801…, which is one more reason to write those by name. Elsewhere nobody has said.
SIX_ACCOUNTS = frozenset({"GXP2000", "GXP2020", "GXP2120", "GXV3240", "GXV3275", "GAC2500"})
PROFILES = {Family.PORTS: 1, Family.BASE: 4}


def _all_models() -> Iterator[Model]:
    for name, (lines, keys, modules) in _NAMED.items():
        yield Model(
            name=name,
            lines=lines or None,
            keys=keys.line + keys.extra,
            modules=modules,
            module_keys=MODULE_KEYS if modules is None or modules else 0,
            source=_WAZO,
            confidence="M",
        )
    for name in _NAMED_ONLY:
        yield Model(name=name, module_keys=MODULE_KEYS, source=_TEMPLATES, confidence="M")
    for name, (lines, known) in _CLASSIC.items():
        count = None if known is None else known.line + known.extra
        yield Model(name=name, lines=lines or None, keys=count, modules=0, source=_TEMPLATES, confidence="M")
    for name, ports in (_ADAPTERS | _PORTS | _BASES).items():
        yield Model(name=name, lines=ports, keys=0, softkeys=0, modules=0, source=_TEMPLATES, confidence="M")


MODELS = tuple(_all_models())
_BY_KEY = {model_key(model.name): model.name for model in MODELS}
_PREFIXES = (("GRP", Family.NAMED), ("HT", Family.ADAPTER), ("DP75", Family.BASE))


@lru_cache(maxsize=1024)  # asked many times for each file; the names are what people typed
def known_name(model: str | None) -> str:
    """The model as the tables here have it; for one that is in none of them, what was given, in capitals."""
    key = model_key(model or "").removeprefix("grandstream")
    return _BY_KEY.get(key, key.upper())


@lru_cache(maxsize=1024)
def family(model: str | None) -> Family:
    """How *model* is told its accounts. A model that nobody knows is taken for a phone with P-values."""
    name = known_name(model)
    if name in _PORTS:
        return Family.PORTS
    if name in _NAMED:
        return Family.NAMED
    return next((found for prefix, found in _PREFIXES if name.startswith(prefix)), Family.CLASSIC)


def keys_of(model: str | None) -> Keys | None:
    """The keys of *model*; None when they are not known."""
    name = known_name(model)
    if name in _NAMED:
        return _NAMED[name][1]
    return _CLASSIC.get(name, (0, None))[1]


def family_of(view: DeviceView) -> Family:
    """How this device is told its accounts."""
    return family(view.model)
