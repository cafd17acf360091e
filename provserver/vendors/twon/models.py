"""2N's models, and by which prefix each asks for its files."""

from __future__ import annotations

from provserver.domain.vendor import Model, model_key

_RECALLED = "sheet 2n 1 (prefix: recollection)"
_FUSIONPBX = "fusionpbx 2n/ipsolo, ipstyle: four accounts"


def _model(name: str, *, lines: int | None = None, source: str = _RECALLED) -> Model:
    return Model(
        name=name, lines=lines, softkeys=0, modules=0, module_keys=0, source=source, confidence="M" if lines else "L"
    )


MODELS = (
    _model("IP Vario"),
    _model("IP Verso"),
    _model("IP Solo", lines=4, source=_FUSIONPBX),
    _model("IP Style", lines=4, source=_FUSIONPBX),
    _model("IP Force"),
    _model("IP Uni"),
    _model("IP Safety"),
    _model("IP One", source="fusionpbx 2n/ipone"),
)
MAX_LINES = 4  # accounts of the firmware that configurations were seen of; older has two

_PREFIXES = {
    "vario": "hipv",
    "verso": "hipve",
    "solo": "hipso",
    "force": "hipf",
    "uni": "hipu",
    "safety": "hipsf",
}
COMMON_PREFIXES = tuple(_PREFIXES.values())


_ACCOUNTS = {model_key(model.name).removeprefix("ip"): model.lines for model in MODELS}


def prefix(model: str | None) -> str | None:
    """What file names of *model* begin with; None where nobody remembers it."""
    return _PREFIXES.get(_key(model))


def accounts(model: str | None) -> int | None:
    """How many SIP accounts *model* has; None when that is not known."""
    return _ACCOUNTS.get(_key(model))


def _key(model: str | None) -> str:
    return model_key(model or "").removeprefix("2n").removeprefix("helios").removeprefix("ip")
