"""Which Panasonic models there are, and what differs between the families."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from provserver.domain.parameters import Confidence
from provserver.domain.vendor import Model, model_key


class Family(StrEnum):
    """KX-UT and KX-HDV name some keys differently; KX-TGP has another first line."""

    UT = "ut"
    HDV = "hdv"
    TGP = "tgp"


@lru_cache(maxsize=1024)  # asked for every key of every phone; the names are what people typed
def family(model: str | None) -> Family:
    """The family of *model* (``KX-HDV230``, ``hdv230``, ``KX-TGP600CEB``); unknown is the newest, HDV."""
    key = model_key(model or "").removeprefix("panasonic").removeprefix("kx")
    if key.startswith("tgp"):
        return Family.TGP
    return Family.UT if key.startswith("ut") else Family.HDV


def _row(name: str, lines: int | None, keys: int | None, *, source: str, confidence: Confidence) -> Model:
    return Model(name=name, lines=lines, keys=keys, softkeys=0, modules=0, source=source, confidence=confidence)


_FSPBX = "sheet panasonic; fusionpbx panasonic templates"
MODELS = (
    _row("KX-UT113", 2, None, source=_FSPBX, confidence="M"),
    _row("KX-UT123", 2, None, source=_FSPBX, confidence="M"),
    _row("KX-UT133", 4, 24, source=_FSPBX, confidence="M"),
    _row("KX-UT136", 4, 24, source=_FSPBX, confidence="M"),
    _row("KX-UT248", 6, 24, source="KX-UT administrator guide: lines 1 to 6", confidence="M"),
    _row("KX-UT670", 6, 24, source="KX-UT670 administrator guide 5.2.1: six lines", confidence="H"),
    # Lines and keys of these are in no source found: nothing is refused.
    *(
        _row(name, None, None, source="sheet panasonic: the series", confidence="M")
        for name in ("KX-HDV100", "KX-HDV130", "KX-HDV230", "KX-HDV330", "KX-HDV340", "KX-HDV430")
    ),
    _row("KX-TGP500", 8, 0, source=_FSPBX, confidence="M"),
    _row("KX-TGP550", 8, 0, source=_FSPBX, confidence="M"),
    _row("KX-TGP600", None, 0, source="sheet panasonic: the series", confidence="M"),
)
_BY_KEY = {model_key(model.name): model for model in MODELS}


def lines(model: str | None) -> int | None:
    """How many lines *model* has; None when that is not known."""
    found = _BY_KEY.get(model_key(model or ""))
    return found.lines if found else None


def header(model: str | None) -> str:
    """The first line of a file for *model*: without these very bytes it reads nothing (sheet panasonic 4, H)."""
    if family(model) is Family.TGP:
        return "# PCC Standard Format File #"
    return "# Panasonic SIP Phone Standard Format File #"
