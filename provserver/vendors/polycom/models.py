"""Which models there are, and how many accounts, line keys and expansion modules each of them has."""

from __future__ import annotations

from provserver.domain.vendor import Model, model_key

# Guide addendum "VVX Expansion Module", UC Software 4.1.6, <lineKey/>: a VVX 600 with three colour modules has
# 16 + 252 line keys. A paper module has 40; which kind is plugged in cannot be known here, the colour one sells.
COLOUR_MODULE_KEYS = 84
BACKLIT_MODULE_KEYS = 14  # SoundPoint IP: three modules make 48 keys of 6 (Wazo counts 47 beside the first line)
MODULES = 3

_WAZO = "Wazo wazo_polycom: function keys by model; the maker sells them as n-line phones"
_ADDENDUM = "VVX Expansion Module addendum, UC Software 4.1.6: registrations 1 to 34, modules; Wazo: keys"

_REGISTRATIONS = 34  # the same addendum, lineKey.x.index of a line


def _extendable(name: str, keys: int, module_keys: int) -> Model:
    return Model(
        name=name,
        lines=_REGISTRATIONS,
        keys=keys,
        softkeys=10,
        modules=MODULES,
        module_keys=module_keys,
        source=_ADDENDUM,
        confidence="M",
    )


def _plain(name: str, keys: int) -> Model:
    return Model(name=name, lines=keys, keys=keys, softkeys=10, modules=0, source=_WAZO, confidence="M")


def _unmeasured(name: str) -> Model:
    return Model(
        name=name, source="User-Agents and public template folders name it; its keys are not known", confidence="L"
    )


MODELS: tuple[Model, ...] = (
    *(_extendable(f"VVX {number}", 6, COLOUR_MODULE_KEYS) for number in (300, 301, 310, 311)),
    *(_extendable(f"VVX {number}", 12, COLOUR_MODULE_KEYS) for number in (400, 401, 410, 411, 500, 501)),
    *(_extendable(f"VVX {number}", 16, COLOUR_MODULE_KEYS) for number in (600, 601)),
    *(_extendable(f"SPIP {number}", 6, BACKLIT_MODULE_KEYS) for number in (650, 670)),
    *(_plain(f"VVX {number}", 2) for number in (101, 150, 200, 201)),
    _plain("VVX 250", 4),
    *(_plain(f"VVX {number}", 6) for number in (350, 1500)),
    # A VVX 450 takes modules (EM50) whose key count no source here gives: its module keys cannot be placed.
    Model(name="VVX 450", lines=12, keys=12, softkeys=10, source=_WAZO, confidence="M"),
    *(_plain(f"SPIP {number}", 2) for number in (321, 331, 335)),
    _plain("SPIP 450", 3),
    *(_plain(f"SPIP {number}", 4) for number in (550, 560)),
    *(_unmeasured(f"SSIP {number}") for number in (5000, 6000, 7000)),
    *(_unmeasured(f"Trio {number}") for number in (8300, 8500, 8800, "C60")),
    *(_unmeasured(f"CCX {number}") for number in (350, 400, 500, 505, 600, 700)),
    *(
        _unmeasured(f"Edge {number}")
        for number in ("E100", "E220", "E300", "E320", "E350", "E400", "E450", "E500", "E550")
    ),
)

_BY_KEY = {model_key(model.name): model for model in MODELS}


def find_model(name: str | None) -> Model | None:
    """The model called *name* in any spelling (``VVX_450``, ``vvx450``); None when it is not in the table."""
    return _BY_KEY.get(model_key(name)) if name else None
