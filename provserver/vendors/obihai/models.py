"""OBi models: how many services (SIP accounts) each has, and how many profiles these can point at."""

from __future__ import annotations

from collections.abc import Iterable

from provserver.domain.parameters import Confidence
from provserver.domain.vendor import Model, model_key

_GUIDE = "Poly OBi Voice Adapter deployment guide 2019, product overview"
_PHONE_GUIDE = "Obihai IP Phone administration guide 2017"
_PROFILES = 4  # A to D on an OBi200 (public reference, tried there); the fewest of all but the OBi1xx
_DEFAULT_SERVICES = 4


def _models(
    names: Iterable[str], services: int | None, keys: int | None, *, source: str, confidence: Confidence
) -> tuple[Model, ...]:
    return tuple(
        Model(name=name, lines=services, keys=keys, modules=keys, source=source, confidence=confidence)
        for name in names
    )


# Adapters have no keys; how many a phone has is in no source found. Side cars exist, but not their parameters' names.
MODELS: tuple[Model, ...] = (
    *_models(("OBi100", "OBi110"), 2, 0, source="sheet obihai, title; OBi110 administration guide", confidence="L"),
    *_models(("OBi200", "OBi202"), 4, 0, source="public reference for the OBi200", confidence="M"),
    *_models(("OBi300", "OBi302", "OBi312"), 4, 0, source=_GUIDE, confidence="H"),
    *_models(("OBi504", "OBi508"), 9, 0, source=_GUIDE, confidence="M"),
    *_models(
        ("OBi1022", "OBi1032", "OBi1062", "OBi2062", "OBi2162", "OBi2182"),
        None,
        None,
        source=_PHONE_GUIDE,
        confidence="H",
    ),
    # Sold by Poly with the same software; nothing more of them is in a source found.
    *_models(
        ("EdgeB10", "EdgeB20", "EdgeB30", "RoveB1", "RoveB2", "RoveB4", "VVXD230"),
        None,
        None,
        source="Poly data sheets",
        confidence="L",
    ),
)
_SERVICES = {model_key(model.name): model.lines for model in MODELS}


def services(model: str | None) -> int:
    """How many services *model* has, at least."""
    return _SERVICES.get(model_key(model or "")) or _DEFAULT_SERVICES


def profiles(model: str | None) -> int:
    """How many profiles the services of *model* can point at, at least."""
    return min(services(model), _PROFILES)
