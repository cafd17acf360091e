"""How a setting is found by its name, the maker's own (raw) parameters included: `find_spec`."""

from __future__ import annotations

import re

from provserver.domain.catalogue_specs import SPECS
from provserver.domain.setting import SettingSpec, SettingValue, secret
from provserver.domain.text import check_text
from provserver.errors import InvalidValue

__all__ = ["RAW_PREFIX", "SPECS", "find_spec", "indices", "read_setting"]

RAW_PREFIX = "raw."
_INDEX = re.compile(r"(?<=\.)(?:0|[1-9][0-9]{0,3})(?=\.|$)")  # 03 would be a second name of 3
# A raw parameter with such a name is taken for a credential: sealed, deleted, never shown. Rather too many than few.
_RAW_SECRET = re.compile(
    r"pass(?!ive|through)|pwd|secret|\bpin\b|(?:\b|_)pin_|_pin\b|ha1|psk|(?:\b|_)ac_code(?![a-z])"
    r"|(?:private|aes|cert|device)_?key(?![a-z])|encryption\.?key(?![a-z])",
    re.IGNORECASE,
)
_RAW_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/@]{0,127}")

_BY_NAME = {spec.name: spec for spec in SPECS}


def find_spec(name: str) -> SettingSpec:
    """
    Find the catalogue row of the setting *name* (``key.3``, ``vlan_id``, ``raw.account.1.nat.rport``).

    Raises InvalidValue when there is none. Raw parameters exist under every name a maker could use.
    """
    spec = _BY_NAME.get(_INDEX.sub("N", name))
    if spec is not None and "N" not in name.split("."):
        if any(not 1 <= index <= 999 for index in indices(name)):  # noqa: PLR2004 - no phone has a thousand keys
            raise InvalidValue(name, "counts from 1")
        return spec
    if name.startswith(RAW_PREFIX) and _RAW_NAME.fullmatch(name.removeprefix(RAW_PREFIX)):
        if _RAW_SECRET.search(name):
            return secret(name, "raw parameter of the maker, taken for a credential by its name")
        return _raw(name)
    raise InvalidValue(name, "is not a known setting")


def read_setting(name: str, value: str) -> SettingValue:
    """The value of the setting *name* from a person's text. Raises InvalidValue naming it with its numbers."""
    try:
        return find_spec(name).read(value)
    except InvalidValue as error:
        raise InvalidValue(name, error.problem) from error


def indices(name: str) -> tuple[int, ...]:
    """The numbers in a setting's name, in order: ``module.1.key.4`` → (1, 4). Raw parameters have none of ours."""
    if name.startswith(RAW_PREFIX):
        return ()
    return tuple(int(part) for part in _INDEX.findall(name))


def _raw(name: str) -> SettingSpec:
    return SettingSpec(
        name=name, kind="raw", meaning="raw parameter of the maker", read=lambda value: check_text(name, value)
    )
