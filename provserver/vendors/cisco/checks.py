"""What these phones cannot do although each single value is fine: `check` says it when the setting is entered."""

from __future__ import annotations

from provserver.ciphers.aes128gcm import AES128GCM, AES128GCM_BASE64URL
from provserver.domain.key import Key, KeyKind
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.cisco.keys import function
from provserver.vendors.cisco.models import Family, family_of
from provserver.vendors.cisco.places import place_raw

_WITH_FUNCTION = frozenset({KeyKind.BLF, KeyKind.SPEED_DIAL})
_OF_MPP = frozenset({AES128GCM.name, AES128GCM_BASE64URL.name})
_OF_RULES = frozenset("[]\"' $")  # what a rule's options are made of


def check(view: DeviceView) -> None:
    """Raise InvalidValue, naming the setting, for what a phone of this maker cannot do."""
    for name, value in view.raw.items():
        place_raw(name, value)
    user = view.settings.get("provisioning_user")
    if isinstance(user, str) and _OF_RULES & {*user}:
        raise InvalidValue("provisioning_user", "holds a character that means something in the phone's rule")
    if view.settings.get("config_encryption") in _OF_MPP and family_of(view.model) not in (Family.MPP, None):
        raise InvalidValue("config_encryption", "is known to multiplatform phones (3PCC) only; others know openssl")
    if family_of(view.model) in (Family.ENTERPRISE, Family.CNF):
        return
    for name, key in view.settings.items():
        if isinstance(key, Key) and key.kind in _WITH_FUNCTION and function(key) is None:
            raise InvalidValue(name, "holds ';', '=' or '$', which end a part of a key's function on these phones")
