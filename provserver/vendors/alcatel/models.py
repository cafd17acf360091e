"""ALE's models: Myriad and Halo, which take XML, and IP Touch, which takes an ini file; `is_touch`."""

from __future__ import annotations

from provserver.domain.vendor import Model, model_key

_GUIDE = "ALE M3-M5-M7-M8 administrator guide, account parameters (accounts)"
_KEYS = "wazo wazo_alcatel v2_13_02 (keys)"
_MODULES = 3  # Aom1 to Aom3 in wazo's template; how many keys they have is not known
_TOUCH_NAMES = ("4008", "4018", "4028", "4038", "4068")  # sheet alcatel-lucent B; wazo v2_01_10, v2_01_20
_TOUCH_KEYS = 4  # speed_dial_1 to speed_dial_4 (wazo, M)
DEFAULT_ACCOUNTS = 8  # of M3, M5 and M7 (guide, H); those of the Halo series are not known


def _myriad(name: str, accounts: int | None, keys: int | None) -> Model:
    return Model(
        name=name,
        lines=accounts,
        keys=keys,
        modules=_MODULES if keys else None,
        source=f"{_GUIDE}; {_KEYS}",
        confidence="M",
    )


MODELS: tuple[Model, ...] = (
    _myriad("M3", 8, 20),
    _myriad("M5", 8, 28),
    _myriad("M7", 8, 28),
    _myriad("M8", 20, None),
    _myriad("H2", None, None),
    _myriad("H2P", None, None),
    _myriad("H3", None, None),
    _myriad("H3P", None, None),
    _myriad("H3G", None, None),
    *(
        Model(name=name, lines=1, keys=_TOUCH_KEYS, modules=0, source="wazo wazo_alcatel v2_01_10, v2_01_20")
        for name in _TOUCH_NAMES
    ),
)
_TOUCH = frozenset(_TOUCH_NAMES)
_ACCOUNTS = {model_key(model.name): model.lines for model in MODELS}


def is_touch(model: str | None) -> bool:
    """Whether *model* is an IP Touch."""
    return model in _TOUCH


def is_known(model: str | None) -> bool:
    """Whether *model* is in the table."""
    return model_key(model or "") in _ACCOUNTS


def accounts(model: str | None) -> int:
    """How many accounts *model* has, at least."""
    return _ACCOUNTS.get(model_key(model or "")) or DEFAULT_ACCOUNTS
