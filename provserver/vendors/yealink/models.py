"""Yealink's models: accounts, keys, the number in the common file's name, and which firmware they can run."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from provserver.domain.parameters import Confidence
from provserver.domain.vendor import Model, model_key

_SHEET = "sheet yealink 1"
_WAZO = "wazo wazo_yealink/common.py, v80–v87/entry.py"
_TANCREDI = "tancredi data/scopes/yealink-*.ini"


class Generation(IntEnum):
    """
    The firmware a model can run, as far as it decides about parameter names.

    V81 put ``static.`` before the names of what users may not change; V83 named codecs that were numbered before. The
    firmware of a phone is not known when its file is made, only its model. Source: wazo lists per firmware version
    which models have it (M); sheet yealink 5 for the two changes (H).
    """

    BEFORE_V81 = 1  # its last firmware is V80 or older
    ACROSS_V81 = 2  # sold with V7x or V80, updated to V81 and later
    SINCE_V81 = 3  # first firmware is V81 or V82
    SINCE_V83 = 4


def generation(model: str | None) -> Generation:
    """
    The generation of *model*.

    Unknown (None) means that the phone may be anything: it gets all spellings. A name that is not in the table is a
    newer model than this table: old ones are not made any more.
    """
    if model is None:
        return Generation.ACROSS_V81
    return _GENERATIONS.get(_key(model), Generation.SINCE_V83)


def accounts(model: str | None) -> int | None:
    """How many SIP accounts *model* has; None when that is not known."""
    return _ACCOUNTS.get(_key(model))


def line_keys(model: str | None) -> int | None:
    """How many of the model's keys are line keys, where memory keys follow them; None for all other models."""
    return _LINE_KEYS_BEFORE_MEMORY_KEYS.get(_key(model))


def counts_lines_from_zero(model: str | None) -> bool:
    """Whether keys of *model* name the first line 0."""
    return _key(model) in _LINES_FROM_ZERO


def common_number(model: str) -> str | None:
    """The number by which *model* calls its common file, three digits; None when that is not known."""
    return _NUMBERS.get(_key(model))


@lru_cache(maxsize=1024)  # asked for every key of every phone; the names are what people typed
def _key(model: str | None) -> str:
    return model_key(model or "").removeprefix("sip")


# Ten memory keys beside the display come after the line keys. Source: wazo common.py _NB_MEMORYKEY (M).
_LINE_KEYS_BEFORE_MEMORY_KEYS = {"t26p": 3, "t28p": 6, "t38g": 6}
_LINES_FROM_ZERO = frozenset({"t32g", "t38g"})  # wazo common.py, BLF keys of these two (M)

_EXP40 = (6, 40)  # EXP20 has 38 of the 40, without 1 and 21. wazo _NB_EXPMODKEY (M), tancredi yealink.tmpl (M)
_EXP50 = (3, 60)  # EXP43 and EXP50. tancredi scopes (M)
_EXP_T7 = (3, 78)  # tancredi scopes of T7x and T8x (M)
_NO_MODULE = (0, 0)  # tancredi scopes (M)
_UNKNOWN = (None, None)

# Highest X of programablekey.X. Source: comment in Yealink's own file, kept in tancredi yealink.tmpl (M):
# 1–10 and 12–14 on T46/T48, 1–10 and 13 on T40–T42, 1–14 on T27/T29, up to 14 on T19–T23.
_SOFTKEYS_T4X, _SOFTKEYS = 13, 14


def _row(  # the columns of the table below, in its order
    names: str,
    common: str | None,
    lines: int | None,
    keys: int | None,
    modules: tuple[int | None, int | None] = _UNKNOWN,
    *,
    softkeys: int | None = None,
    confidence: Confidence = "M",
) -> tuple[Model, ...]:
    source = _SHEET if confidence == "H" else f"{_SHEET}; {_WAZO}; {_TANCREDI}"
    return tuple(
        Model(
            name=name,
            number=common,
            lines=lines,
            keys=keys,
            softkeys=softkeys,
            modules=modules[0],
            module_keys=modules[1],
            source=source,
            confidence=confidence,
        )
        for name in names.split()
    )


# H: accounts and keys stand in the sheet (Wazo v87) and the number in its table; M: some column from a single source.
_BEFORE_V81 = (
    _row("T28P", "000", 6, 16),
    _row("T26P", "004", 3, 13),
    _row("T22P", "005", 3, 3, _NO_MODULE),
    _row("T20P", "007", 2, 2, _NO_MODULE),
    _row("T19P", None, 1, 0, _NO_MODULE),
    _row("T21P", None, 2, 2, _NO_MODULE),
    _row("VP530 VP530P", "023", 4, None),
    _row("T32G", "032", 3, 3),
    _row("T38G", "038", 6, 16),
    _row("T49G", "051", 16, 29),
)
_ACROSS_V81 = (
    _row("W52P W56P", "025", 5, 0, _NO_MODULE),
    _row("T46G", "028", 16, 27, _EXP40, softkeys=_SOFTKEYS),
    _row("T42G", "029", 12, 15, _NO_MODULE, softkeys=_SOFTKEYS_T4X),
    _row("T48G", "035", 16, 29, _EXP40, softkeys=_SOFTKEYS),
    _row("T41P", "036", 6, 15, _NO_MODULE, softkeys=_SOFTKEYS_T4X),
    _row("CP860", "037", 1, 0, _NO_MODULE, confidence="H"),
    _row("T23P T23G", "044", 3, 3, _NO_MODULE, softkeys=_SOFTKEYS),
    _row("T27P", "045", 6, 21, _EXP40, softkeys=_SOFTKEYS),
    _row("T29G", "046", 16, 27, _EXP40, softkeys=_SOFTKEYS),
    _row("T21P_E2", "052", 2, 2, _NO_MODULE, softkeys=_SOFTKEYS),
    _row("T19P_E2", "053", 1, 0, _NO_MODULE, softkeys=_SOFTKEYS),
    _row("T40P", "054", 3, 3, _NO_MODULE, softkeys=_SOFTKEYS_T4X),
    _row("T56 T56A", "056", 16, 27, _EXP50),
    _row("T58 T58A T58V", "058", 16, 27, _EXP50),
    _row("CP960", "073", 1, None, _NO_MODULE),
)
_SINCE_V81 = (
    _row("T48S", "065", 16, 29, _EXP40, softkeys=_SOFTKEYS, confidence="H"),
    _row("T46S", "066", 16, 27, _EXP40, softkeys=_SOFTKEYS, confidence="H"),
    _row("T42S", "067", 12, 15, _NO_MODULE, softkeys=_SOFTKEYS_T4X, confidence="H"),
    _row("T41S", "068", 6, 15, _NO_MODULE, softkeys=_SOFTKEYS_T4X, confidence="H"),
    _row("T27G", "069", 6, 21, _EXP40, softkeys=_SOFTKEYS),
    _row("T54S", "070", 16, 27, _EXP50),
    _row("T52S", "074", 12, 21, _EXP50),
    _row("T40G", "076", 3, 3, _NO_MODULE, softkeys=_SOFTKEYS_T4X),
    _row("W60B", "077", 8, 0, _NO_MODULE, confidence="H"),
    _row("CP920", "078", 1, 0, _NO_MODULE, confidence="H"),
)
_SINCE_V83 = (
    _row("VP59", "091", 16, 27, _EXP50),
    _row("T53 T53W", "095", 12, 21, _EXP50, confidence="H"),
    _row("T53C", None, 12, 21, _EXP50),
    _row("T54W", "096", 16, 27, _EXP50, confidence="H"),
    _row("T57 T57W", "097", 16, 29, _EXP50, confidence="H"),
    _row("W80DM", "103", 30, 0, _NO_MODULE),
    _row("W80B", "103", None, 0, _NO_MODULE),  # accounts are the manager's; the same box can be either
    _row("T43U", "107", 12, 15, _EXP50, confidence="H"),
    _row("T46U", "108", 16, 27, _EXP50, confidence="H"),
    _row("T48U", "109", 16, 29, _EXP50, confidence="H"),
    _row("T42U", "116", 12, 15, _NO_MODULE, confidence="H"),
    _row("T41U", None, 6, 15, _NO_MODULE),
    _row("T31G", "123", 2, 2, _NO_MODULE),  # another source says 124
    _row("T30 T30P", "124", 1, 0, _NO_MODULE, confidence="H"),
    _row("T31 T31P", "124", 2, 2, _NO_MODULE, confidence="H"),
    _row("T33 T33G T33P", "124", 4, 12, _NO_MODULE, confidence="H"),
    _row("W90DM", "130", 250, 0, _NO_MODULE),
    _row("W90B", "130", None, 0, _NO_MODULE),
    _row("CP965", "143", 1, 0, _NO_MODULE, confidence="H"),
    _row("W70B", "146", 10, 0, _NO_MODULE, confidence="H"),
    _row("CP925", "148", 1, 0, _NO_MODULE, confidence="H"),
    _row("T58W", "150", 16, 27, _EXP50, confidence="H"),
    _row("T34W", "171", 4, 12, _NO_MODULE, confidence="H"),
    _row("T31W", "172", 2, 2, _NO_MODULE),
    _row("T44W", "174", 12, 24, _EXP50, confidence="H"),
    _row("T44U", None, 12, 24, _EXP50),
    _row("W75DM", "175", 20, 0, _NO_MODULE),
    _row("W75B", "175", None, 0, _NO_MODULE),
    _row("AX83H", "180", 4, 0, _NO_MODULE, confidence="H"),
    _row("AX86R", "182", 4, 0, _NO_MODULE, confidence="H"),
    _row("T73W", "183", 12, 48, _EXP_T7, confidence="H"),
    _row("T74W", "184", 16, 60, _EXP_T7, confidence="H"),
    _row("T73U", "186", 12, 48, _EXP_T7, confidence="H"),
    _row("T74U", "187", 16, 60, _EXP_T7, confidence="H"),
    _row("T77U", "188", 16, 95, _EXP_T7, confidence="H"),
    _row("T88W T88V", "192", 16, 95, _EXP_T7, confidence="H"),
    _row("T85W", "196", 16, 72, _EXP_T7, confidence="H"),
    _row("T87W", "197", 16, 95, _EXP_T7, confidence="H"),
)
_TABLE = {
    Generation.BEFORE_V81: _BEFORE_V81,
    Generation.ACROSS_V81: _ACROSS_V81,
    Generation.SINCE_V81: _SINCE_V81,
    Generation.SINCE_V83: _SINCE_V83,
}

MODELS: tuple[Model, ...] = tuple(model for rows in _TABLE.values() for row in rows for model in row)
_GENERATIONS = {_key(model.name): born for born, rows in _TABLE.items() for row in rows for model in row}
_ACCOUNTS = {_key(model.name): model.lines for model in MODELS}
_NUMBERS = {_key(model.name): model.number for model in MODELS}
