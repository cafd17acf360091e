"""Algo's models, and how many extensions they have: one that is paged by, and up to ten that alert."""

from __future__ import annotations

from provserver.domain.vendor import Model

PAGE = 1  # the line that the device is paged by; those behind it are alert extensions 1, 2 …
MAX_ALERTS = 10  # sheet algo 5 (M)

_TEMPLATES = "fusionpbx algo/8180, 8301"


def _model(name: str, alerts: int | None = None) -> Model:
    source = _TEMPLATES if alerts else "sheet algo, title; fusionpbx algo"
    lines = PAGE + alerts if alerts else None
    return Model(
        name=name, number=name, lines=lines, keys=0, softkeys=0, modules=0, module_keys=0, source=source, confidence="M"
    )


MODELS = (
    _model("8103"),
    _model("8180", 5),  # older firmware: five alert extensions
    _model("8186"),
    _model("8188"),
    _model("8189"),
    _model("8196"),
    _model("8301", 10),
)
_ALERTS = {model.name: model.lines - PAGE for model in MODELS if model.lines}


def alerts(model: str | None) -> int | None:
    """How many alert extensions *model* has; None when that is not known."""
    return _ALERTS.get((model or "").upper().removeprefix("ALGO").strip(" -_"))
