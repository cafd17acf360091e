"""
Which Snom models there are, how many keys they have, and which are DECT base stations.

The counts are numbers of key *indices*: physical keys × pages. They place the keys of an expansion module, which are
counted on from the phone's own (service.snom.com "<functionKeys> tag", H).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from provserver.domain.vendor import Model, model_key

IDENTITIES = 12  # idx of accounts runs from 1 to 12 (sheet snom 4, H); small models have fewer
SOFTKEYS = 4  # gui_fkey1 to gui_fkey4: tancredi, cap_softkey_count of every model (M)
MODULES = 3  # tancredi, cap_expmodule_count (M); also 3 × 48 = 144 keys in the IP-Symcon module (M)
MODULE_KEYS = 18  # D7, D7C, D3, D8C: tancredi, 18 keys a module (M)

_TANCREDI = "tancredi data/scopes/snom-<model>.ini, cap_linekey_count"
_KEYS = {
    "D120": 2, "D140": 2, "D150": 2, "D305": 5, "D315": 5, "D335": 32, "D345": 48, "D375": 12, "D385": 48, "D710": 5,
    "D712": 5, "D713": 4, "D715": 5, "D717": 3, "D725": 18, "D735": 32, "D745": 32, "D765": 16, "D785": 24, "D810": 4,
    "D812": 28, "D815": 36, "D862": 32, "D865": 40, "D892": 36, "SP800": 28,
}  # fmt: skip
_DISPUTED = {
    "D335": "IP-Symcon module 32; tancredi 48, but 8 keys × 4 pages are 32",
    "D862": "IP-Symcon module 32; tancredi 28",
    "D865": "IP-Symcon module 40; tancredi 36",
}
_NO_MODULES = frozenset({"D120"})  # tancredi: cap_expmodule_count = 0 (M)
_MODULES_BEGIN = {"D385": 174}  # 48 keys and a gap of 126 (IP-Symcon module, D385_EXPANSION_OFFSET, M)

# Known by name only: sheet snom 2, Snom's product lists.
_OLD = (
    "100", "105", "190", "200", "220", "300", "320", "360", "370", "710", "715", "720", "725", "760", "820", "821",
    "870", "MP", "PA1",
)  # fmt: skip
# Gigaset's P series runs Snom's firmware, reads Snom's files and has parts of Snom's MAC block (sheet gigaset 0, 3).
_GIGASET = ("P710", "P810", "P820", "P825", "P850", "P855")
BASES = ("M300", "M400", "M700", "M900")  # sheet snom 12, H
_BASE = re.compile(r"M\d{2,4}")  # as the User-Agent has it: sheet snom 2
_MAKER = re.compile(r"snom[\s_-]*", re.IGNORECASE)
_FILE_SAFE = re.compile(r"[A-Za-z0-9_]+")


def _all_models() -> Iterator[Model]:
    for name, keys in _KEYS.items():
        modules = 0 if name in _NO_MODULES else MODULES
        yield Model(
            name=name,
            lines=IDENTITIES,
            keys=keys,
            softkeys=SOFTKEYS,
            modules=modules,
            module_keys=MODULE_KEYS if modules else 0,
            source=_DISPUTED.get(name, _TANCREDI),
            confidence="L" if name in _DISPUTED else "M",
        )
    for name in _OLD:
        yield Model(name=name, lines=IDENTITIES, source="sheet snom 2", confidence="M")
    for name in _GIGASET:
        yield Model(name=name, lines=IDENTITIES, source="sheet gigaset 0; tancredi gigasetP.tmpl", confidence="M")
    for name in BASES:
        yield Model(name=name, keys=0, softkeys=0, modules=0, module_keys=0, source="sheet snom 12", confidence="H")


MODELS = tuple(_all_models())
_BY_KEY = {model_key(model.name): model for model in MODELS}


@lru_cache(maxsize=1024)  # asked several times for each file; the names are what people typed
def file_model(name: str | None) -> str | None:
    """The model as file names have it: ``D785`` for "Snom D785" and "d785"; None when there is none to write."""
    if not name:
        return None
    bare = _MAKER.sub("", name.strip())
    known = _BY_KEY.get(model_key(bare))
    if known is not None:
        return known.name
    return bare if _FILE_SAFE.fullmatch(bare) else None


def is_base(name: str | None) -> bool:
    """Whether *name* is a DECT base station, whose settings have other names than a desk phone's."""
    model = file_model(name)
    return model is not None and _BASE.fullmatch(model) is not None


def module_key_index(name: str | None, *, module: int, key: int) -> int | None:
    """
    The index of *key* on expansion *module* (both from 1), counted on behind the phone's own keys.

    None for a model whose number of keys is not known: a guess would overwrite another key.
    """
    model = _BY_KEY.get(model_key(file_model(name) or ""))
    if model is None or model.keys is None or not model.module_keys:
        return None
    begin = _MODULES_BEGIN.get(model.name, model.keys)
    return begin + (module - 1) * model.module_keys + key - 1
