"""Mitel's models: which kinds of keys each has, and how the catalogue's keys are spread over them."""

from __future__ import annotations

from dataclasses import dataclass

from provserver.domain.vendor import Model, model_key

_WAZO = "sheet mitel-aastra 2, 5; wazo wazo_aastra/common.py"
_LINES = 9  # sip line1 to line9: guides 2.3 to 4.2, "Configuring Per-Line SIP Settings" (M)
_MODULE_KEYS = 60  # M675, the larger of the two for the 6700 series
_MODULE_KEYS_68 = 84  # M685; the M680 has 16
_MODULES = 3
_SHORT_NAMES = {"51i": "6751i", "53i": "6753i", "55i": "6755i", "57i": "6757i"}  # in older User-Agents (H)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """How many keys of each kind a model has: beside the screen (*programmable*, *top*), and *soft* under it."""

    programmable: int = 0
    top: int = 0
    soft: int = 0
    module_keys: int = 0


_KEYS = {
    "6730i": Keys(programmable=8),
    "6731i": Keys(programmable=8),
    "6735i": Keys(programmable=6, soft=20, module_keys=_MODULE_KEYS),
    "6737i": Keys(top=10, soft=20, module_keys=_MODULE_KEYS),
    "6739i": Keys(soft=55, module_keys=_MODULE_KEYS),
    "6751i": Keys(),
    "6753i": Keys(programmable=6, module_keys=_MODULE_KEYS),
    "6755i": Keys(programmable=6, soft=20, module_keys=_MODULE_KEYS),
    "6757i": Keys(top=10, soft=20, module_keys=_MODULE_KEYS),
    "6863i": Keys(programmable=3),
    "6865i": Keys(programmable=8, module_keys=_MODULE_KEYS_68),
    "6867i": Keys(top=20, soft=18, module_keys=_MODULE_KEYS_68),
    "6869i": Keys(top=44, soft=24, module_keys=_MODULE_KEYS_68),
    "6873i": Keys(top=48, soft=24, module_keys=_MODULE_KEYS_68),
    "6905": Keys(programmable=3),
    "6910": Keys(programmable=8),
    "6915": Keys(top=10, module_keys=_MODULE_KEYS_68),
    "6920": Keys(top=10, module_keys=_MODULE_KEYS_68),
    "6920w": Keys(top=10, module_keys=_MODULE_KEYS_68),
    "6930": Keys(top=22, module_keys=_MODULE_KEYS_68),
    "6930w": Keys(top=22, module_keys=_MODULE_KEYS_68),
    "6940": Keys(top=24, module_keys=_MODULE_KEYS_68),
    "6940w": Keys(top=24, module_keys=_MODULE_KEYS_68),
    "6970": Keys(top=24),
    "9143i": Keys(programmable=7),
    "9480i": Keys(soft=6),
}
_UNKNOWN = Keys(top=999, soft=999, module_keys=999)  # newer than this table: those all have top softkeys


def keys_of(model: str | None) -> Keys:
    """The keys of *model*, under any of its names."""
    return _BY_NAME.get(model_key(model or ""), _UNKNOWN)


def line_key(model: str | None, number: int) -> str | None:
    """
    What key *number* beside the screen is called; None beyond the last.

    Where there is none beside the screen, the softkeys stand in.
    """
    keys = keys_of(model)
    if number <= keys.programmable:
        return f"prgkey{number}"
    if number - keys.programmable <= keys.top:
        return f"topsoftkey{number - keys.programmable}"
    if keys.programmable + keys.top == 0 and number <= keys.soft:
        return f"softkey{number}"
    return None


def soft_key(model: str | None, number: int) -> str | None:
    """What softkey *number* is called; None beyond the last."""
    return f"softkey{number}" if number <= keys_of(model).soft else None


def softkeys_watch(model: str | None) -> bool:
    """Whether softkeys of *model* can be busy lamp fields; those of the 6800 series cannot (wazo, M)."""
    return not (model or "").startswith("68")


def _model(name: str, keys: Keys) -> Model:
    beside = keys.programmable + keys.top
    return Model(
        name=name,
        lines=_LINES,
        keys=beside or keys.soft,
        softkeys=keys.soft,
        modules=_MODULES if keys.module_keys else 0,
        module_keys=keys.module_keys,
        source=_WAZO,
        confidence="M",
    )


_BY_NAME = {
    **{model_key(name): keys for name, keys in _KEYS.items()},
    **{model_key(short): _KEYS[name] for short, name in _SHORT_NAMES.items()},
}
MODELS: tuple[Model, ...] = (
    *(_model(name, keys) for name, keys in _KEYS.items()),
    *(_model(short, _KEYS[name]) for short, name in _SHORT_NAMES.items()),
)
