"""What these phones cannot do although each single value is fine: `check` says it when the setting is entered."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.timezones import load_zone
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.polycom.flash import keeps_credentials
from provserver.vendors.polycom.keys import MAX_MACROS, placed, position
from provserver.vendors.polycom.macros import macro
from provserver.vendors.polycom.system import ACTIONS
from provserver.vendors.polycom.zones import can_say

# Kinds that a line key has a category for; all others need a macro.
_CATEGORIES = frozenset({KeyKind.NONE, KeyKind.LINE, KeyKind.BLF, KeyKind.BLF_LIST})


def check(view: DeviceView) -> None:
    """Raise InvalidValue, naming the setting, for what a phone of this maker cannot do."""
    _check_storage(view)
    _check_zone(view)
    _check_actions(view)
    _check_keys(view)


def _check_storage(view: DeviceView) -> None:
    wanted = view.settings.get("credential_storage") == "flash"
    if wanted and len(view.lines) > 1 and not keeps_credentials(view):
        raise InvalidValue("credential_storage", "the flash of these phones keeps the credentials of one line only")


def _check_zone(view: DeviceView) -> None:
    name = view.settings.get("timezone")
    if isinstance(name, str) and not can_say(load_zone(name)):
        raise InvalidValue("timezone", f"these phones cannot be told the summer time of {name!r}")


def _check_actions(view: DeviceView) -> None:
    first = None
    for setting in ACTIONS:
        url = view.settings.get(setting)
        if url is None:
            continue
        if first is not None and url != first:
            raise InvalidValue(setting, "these phones call one address for all events")
        first = url


def _check_keys(view: DeviceView) -> None:
    macros, watching = 0, set()
    for setting, key in _keys(view):
        is_soft = setting.startswith("softkey.")
        if not is_soft and position(setting, view.model) is None:
            raise InvalidValue(setting, "the place of this key is not known for this model")
        if macro(key) is None and (is_soft or key.kind not in _CATEGORIES) and key.kind is not KeyKind.NONE:
            raise InvalidValue(setting, f"these phones have nothing for {key.kind.value!r} with such a value")
        macros += not is_soft and key.kind not in _CATEGORIES
        if key.kind in {KeyKind.BLF, KeyKind.BLF_LIST}:
            watching.add(key.line)
        if macros > MAX_MACROS:
            raise InvalidValue(setting, f"these phones have {MAX_MACROS} keys other than lines and watched extensions")
        if len(watching) > 1:
            raise InvalidValue(setting, "these phones watch extensions by one line only")
    if len(placed(view)) != sum(not setting.startswith("softkey.") for setting, _ in _keys(view)):
        raise InvalidValue("key", "a key of the phone and one of a module have the same place")


def _keys(view: DeviceView) -> Iterator[tuple[str, Key]]:
    for setting, value in sorted(view.settings.items()):
        if isinstance(value, Key):
            yield setting, value
