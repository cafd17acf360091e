"""Which models there are, to which family each belongs, and how many lines, keys and expansion modules it has."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from provserver.domain.parameters import Confidence
from provserver.domain.vendor import Model, model_key


class Family(Enum):
    """
    The words that a phone understands.

    The first four read one format, the flat profile, and differ in a few names. Phones that were made for a call
    manager read another one; some of them are sold with either firmware, which the file that they ask for tells.
    """

    SPA = "SPA phones"
    ADAPTER = "SPA adapters with a router: SPA112, SPA122, SPA232D"
    ATA = "ATA191 and ATA192"
    MPP = "multiplatform phones, 3PCC"
    ENTERPRISE = "phones with a file of their own, SEP<MAC>.cnf.xml"
    CNF = "7940 and 7960 with SIP<MAC>.cnf"


LINES_AT_MOST = 12  # of SPA and MPP phones but the 7861: files of Wazo for all phones switch so many off (M)

_WAZO = "wazo_cisco_spa common.py _NB_FKEY; the maker sells them as n-line phones"
_WAZO_MPP = "wazo_cisco_sip v11.3.1, v12.0.7 common.py _NB_FKEY"
_SPA_MODULE_KEYS = 32  # SPA500S; wazo_cisco_spa counts 32 a module (M)
_MPP_MODULE_KEYS = 32  # wazo_cisco_sip counts 32 a module (M)
_NAMES = "sheet cisco 1, 2, 11"


def _spa(name: str, keys: int, *, lines: int | None = None, modules: int = 2) -> Model:
    return Model(
        name=name,
        lines=keys if lines is None else lines,
        keys=keys,
        softkeys=0,
        modules=modules,
        module_keys=_SPA_MODULE_KEYS if modules else 0,
        source=_WAZO,
        confidence="M",
    )


def _adapter(name: str) -> Model:
    """Two sockets for old telephones, and no keys."""
    return Model(name=name, lines=2, keys=0, softkeys=0, modules=0, source=_NAMES, confidence="M")


def _mpp(name: str, keys: int, modules: int = 0) -> Model:
    return Model(
        name=name,
        lines=keys,
        keys=keys,
        softkeys=0,
        modules=modules,
        module_keys=_MPP_MODULE_KEYS if modules else 0,
        source=_WAZO_MPP,
        confidence="M",
    )


def _named(name: str, source: str = _NAMES, confidence: Confidence = "M") -> Model:
    """Known by name; what it holds is in no source found."""
    return Model(name=name, source=source, confidence=confidence)


_SPA_PHONES = (
    *(_named(f"SPA{number}", "wazo_cisco_spa legacy") for number in ("901", "921", "922")),
    _spa("SPA941", 4, modules=0),
    _spa("SPA942", 4, modules=0),
    _spa("SPA962", 6),
    _named("SPA301", "fusionpbx cisco/spa301"),
    _spa("SPA303", 3),
    _spa("SPA501G", 8),
    _spa("SPA502G", 0, lines=1),
    _spa("SPA504G", 4),
    _spa("SPA508G", 8),
    _spa("SPA509G", 12),
    _spa("SPA512G", 0, lines=1),
    _spa("SPA514G", 4),
    _spa("SPA525G", 5),
    _spa("SPA525G2", 5),
)
_ADAPTERS = tuple(_adapter(name) for name in ("SPA112", "SPA122", "SPA232D"))
_OLD_ADAPTERS = tuple(_adapter(name) for name in ("SPA2102", "PAP2T"))
_ATAS = tuple(_adapter(name) for name in ("ATA191", "ATA192"))
_MPP_PHONES = (
    *(_mpp(name, keys) for name, keys in (("6821", 2), ("6841", 4), ("6861", 4), ("6871", 6))),
    _mpp("6851", 4, 1),
    *(_mpp(name, keys) for name, keys in (("7811", 1), ("7832", 1))),
    *(_mpp(name, keys, 1) for name, keys in (("7821", 2), ("7841", 4), ("7861", 16))),
    *(_mpp(name, 10, modules) for name, modules in (("8811", 1), ("8841", 1), ("8851", 2), ("8861", 3))),
    *(_named(name, "fusionpbx cisco/8845, 8865") for name in ("8845", "8865")),
    *(_named(name, "fusionpbx cisco/9861; sheet cisco 2", "L") for name in ("8875", "9841", "9851", "9861", "9871")),
)
_ENTERPRISE_PHONES = tuple(
    _named(name, "wazo_cisco_sip and wazo_cisco_sccp common.py; fusionpbx cisco/79x1")
    for name in ("7906G", "7911G", "7931G", "7941G", "7942G", "7945G", "7961G", "7962G", "7965G", "7970G", "7971G",
                 "7975G", "8941", "8945", "8961", "9951")
)  # fmt: skip
_CNF_PHONES = (_named("7940G", "fusionpbx cisco/7940"), _named("7960G", "fusionpbx cisco/7960"))
_SPLIT = _adapter("ATA190")  # an adapter that asks for a file of the enterprise kind, one for each socket

_TABLE = {
    Family.SPA: (*_SPA_PHONES, *_OLD_ADAPTERS),
    Family.ADAPTER: _ADAPTERS,
    Family.ATA: _ATAS,
    Family.MPP: _MPP_PHONES,
    Family.ENTERPRISE: (*_ENTERPRISE_PHONES, _SPLIT),
    Family.CNF: _CNF_PHONES,
}
MODELS: tuple[Model, ...] = tuple(model for models in _TABLE.values() for model in models)
_BY_KEY = {model_key(model.name): (model, family) for family, models in _TABLE.items() for model in models}

# CP-8841-3PCC, CP-7941G, Cisco SPA508G, Linksys SPA-942, DP-9861: how labels, agents and DHCP write a model.
_AROUND = re.compile(r"\A(?:cisco|linksys)?(?:cp|dp)?(?P<name>.+?)(?:3pcc|mpp)?\Z")


@lru_cache(maxsize=1024)  # asked for many rows of every file; the names are what people typed
def _find(name: str | None) -> tuple[Model | None, Family | None]:
    around = _AROUND.match(model_key(name or ""))
    if around is None:
        return None, None
    bare = around["name"]
    found = _BY_KEY.get(bare) or _BY_KEY.get(f"{bare}g")
    if found is not None:
        return found
    if bare.startswith(("spa", "wip")):
        return None, Family.SPA
    return None, None


def find_model(name: str | None) -> Model | None:
    """The model called *name* in any spelling (``CP-8841-3PCC``, ``SPA-942``); None when it is not in the table."""
    return _find(name)[0]


def family_of(name: str | None) -> Family | None:
    """The family of *name*; None when that is not known, so that a phone has to be told in all words there are."""
    return _find(name)[1]


def lines_of(name: str | None) -> int:
    """How many accounts a phone may have, so that those without a line can be switched off."""
    model = find_model(name)
    return model.lines if model is not None and model.lines is not None else LINES_AT_MOST
