"""What a phone keeps in flash: the ``device.*`` parameters, and on request the credentials of its one account."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provserver.domain.parameters import At, Entry, Written
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import AfterDeletion
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

# Place of every device.* parameter but device.set itself: it is ignored unless its own ".set" stands beside it
# (administrator's guides, "Types of device parameters"), which the template therefore writes with it.
FLASH = "flash"
_CHOSEN = "flash"  # the value of credential_storage
_PREFIX = "device."
_SET = ".set"
_USERS_OF_FILES = ("ldap", "push", "state_polling")  # settings whose credentials stand in a file only

# XML 1.0 names, as far as raw parameters can have them; "xml…" and a colon mean something to every parser.
_ATTRIBUTE = re.compile(r"(?!xml)[A-Za-z][A-Za-z0-9_.\-]*", re.IGNORECASE)


def raw_entry(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*. Raises InvalidValue for a name that no attribute can have.

    ``device.vlan.set`` and its like are refused: they come with their parameter, and an attribute that stands twice
    makes the phone ignore the file.
    """
    field = f"raw.{name}"
    if not _ATTRIBUTE.fullmatch(name):
        raise InvalidValue(field, "is not a name that an XML attribute can have")
    if not name.lower().startswith(_PREFIX):
        return Entry(name, value)
    if name.lower().endswith(_SET):
        raise InvalidValue(field, "is written of itself beside its parameter")
    return Entry(name, value, FLASH)


def keeps_credentials(view: DeviceView) -> bool:
    """
    Whether this phone is told to register with the credentials in its flash.

    It has one pair of them, so a phone with several accounts stays with the file whatever the setting says.
    """
    return view.settings.get("credential_storage") == _CHOSEN and len(view.lines) == 1


def after_deletion(view: DeviceView, _user_agent: str = "") -> AfterDeletion:
    """
    What is safe for *view* once its passwords are gone: flash survives a file that does not mention it.

    The passwords of directory and applications are never in flash; a phone that has one keeps the files it has.
    """
    needs_files = any(f"{user}.{what}" in view.settings for user in _USERS_OF_FILES for what in ("user", "password"))
    return AfterDeletion.OMIT if keeps_credentials(view) and not needs_files else AfterDeletion.NOT_FOUND


def write_storage(_value: str, at: At) -> Iterator[Entry]:
    """Where line *at.line* takes its credentials from; it stays so after the password is gone."""
    if at.line is not None:
        used = "1" if keeps_credentials(at.view) else "0"
        yield Entry(f"reg.{at.line.number}.auth.useLoginCredentials", used)


def write_auth_user(name: str, at: At) -> Iterator[Entry]:
    """The name of the digest answer: for flash it comes and goes with the password, in the file it is the line's."""
    if at.line is None:
        return
    if not keeps_credentials(at.view):
        yield Entry(f"reg.{at.line.number}.auth.userId", name)
    elif at.line.password is not None:
        yield Entry("device.logincred.user", name, FLASH)


def write_password(password: SecretSlot, at: At) -> Iterator[Entry]:
    """The SIP password, in the place that `keeps_credentials` says."""
    if keeps_credentials(at.view):
        yield Entry("device.logincred.password", password, FLASH)
    elif at.line is not None:
        yield Entry(f"reg.{at.line.number}.auth.password", password)
