"""
VTech's models, and the families whose settings differ.

A phone skips every setting of a module in which one is unknown to it (sheet vtech 4, H). So the family decides what may
be written: a setting that only some families know is never sent to the others.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from provserver.domain.parameters import Confidence
from provserver.domain.vendor import Model, model_key


class Family(Enum):
    """Phones that know the same settings."""

    DESK = "desk"
    CORDLESS = "cordless"
    CONFERENCE = "conference"
    BRANDED_CONFERENCE = "branded conference"  # sold as Snom, with a file in XML
    BRANDED_BASE = "branded base"  # the same, a DECT base


BRANDED = frozenset({Family.BRANDED_CONFERENCE, Family.BRANDED_BASE})

_SHEET = "sheet vtech 0"
_EXPORT = "exported configuration of a VSP735A, firmware 1.1.4.0-0 (in SARK)"
_FUSIONPBX = "fusionpbx vtech/vcs754, snom/M100KLE"


def _rows(names: str) -> tuple[Model, ...]:
    return tuple(Model(name=name, source=_SHEET, confidence="H") for name in names.split())


def _counted(name: str, *, lines: int, keys: int = 0, source: str, confidence: Confidence = "M") -> Model:
    return Model(
        name=name, lines=lines, keys=keys, softkeys=0, modules=0, module_keys=0, source=source, confidence=confidence
    )


# Accounts and keys only where a configuration of the model was seen; the others have 1 to 6 accounts.
_TABLE = {
    Family.DESK: (
        *_rows("VSP715 VSP715A VSP716 VSP716A VSP725 VSP726 VSP726A VSP735"),
        _counted("VSP735A", lines=5, keys=32, source=_EXPORT),
        *_rows("VSP736 VSP736A"),
    ),
    Family.CORDLESS: _rows("VSP600 VSP600A VSP601 VSP601A VSP608"),
    Family.CONFERENCE: (*_rows("VCS702 VCS704 VCS752"), _counted("VCS754", lines=3, source=_FUSIONPBX)),
    Family.BRANDED_CONFERENCE: _rows("C520-WiMi C620"),
    Family.BRANDED_BASE: (
        _counted("M100 KLE", lines=8, source=_FUSIONPBX),
        Model(name="M500 KLE", source=_SHEET, confidence="H"),
    ),
}
MODELS: tuple[Model, ...] = tuple(model for rows in _TABLE.values() for model in rows)

_FAMILIES = {model_key(model.name): family for family, rows in _TABLE.items() for model in rows}
_ACCOUNTS = {model_key(model.name): model.lines for model in MODELS}
_FILE_NAMES = {model_key(model.name): model.name.replace(" ", "") for model in MODELS}
_MAKERS = re.compile(r"(?:vtech|snom)[\s_-]*", re.IGNORECASE)
_NEWER = re.compile(r"V(?:SP|CS)\d{3}[A-Z]?")
_WITH_HANDSETS = frozenset({"vsp735a"})  # a desk phone whose export has the setting


@lru_cache(maxsize=256)  # asked for many rows of every file; the names are what people typed
def _key(model: str | None) -> str:
    return model_key(_MAKERS.sub("", model or ""))


def family(model: str | None) -> Family | None:
    """The family of *model*; None when it is not known, and then only what all phones know is written."""
    return _FAMILIES.get(_key(model))


def accounts(model: str | None) -> int | None:
    """How many SIP accounts *model* has; None when that is not known."""
    return _ACCOUNTS.get(_key(model))


def updates_handsets(model: str | None) -> bool:
    """Whether *model* passes firmware on to cordless handsets."""
    return family(model) in {Family.CORDLESS, Family.BRANDED_BASE} or _key(model) in _WITH_HANDSETS


def model_of(prefix: str) -> str:
    """The first model whose name begins with *prefix*."""
    return next(model.name for model in MODELS if model.name.startswith(prefix))


def file_model(model: str | None) -> str | None:
    """The model as file names have it; None when there is none to write."""
    key = _key(model)
    newer = key.upper()
    return _FILE_NAMES.get(key) or (newer if _NEWER.fullmatch(newer) else None)
