"""What belongs to one device alone: its own URL, and the names and passwords that open it; `ACCESS_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from provserver.vendors.yealink.spelling import SHEET, row, spellings, static

ACCESS = "access"  # the section of these rows

_LEVELS = ("admin", "user", "var")  # also the factory names of the three
_USER_NAME = "security.user_name.{level}"
# Names by which somebody logs in at the phone; "name:password" follows in one value.
_LOGIN_NAMES = frozenset(f"{prefix}{_USER_NAME.format(level=level)}" for prefix in ("", "static.") for level in _LEVELS)


def check_login_names(view: DeviceView) -> None:
    """Refuse a login name with a colon: the phone ends the name there, and the rest would become the password."""
    for name in _LOGIN_NAMES & view.raw.keys():
        value = view.raw[name]
        if isinstance(value, str) and ":" in value:
            raise InvalidValue(f"raw.{name}", "holds a colon, which is where the phone ends the name")


def login_name(level: str, view: DeviceView) -> str:
    """
    What the *level* is called on this phone: as a raw parameter or a setting says, else as it was made.

    Raises UnfitValue for a colon.
    """
    for name in spellings(_USER_NAME.format(level=level), view.model):
        renamed = view.raw.get(name)
        if isinstance(renamed, str) and renamed:
            if ":" in renamed:
                raise UnfitValue(f"raw.{name}", "holds a colon, which is where the phone ends the name")
            return renamed
    return str(view.settings.get(f"{level}_user") or level)


def _write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The device's own URL: with its token, it is what proves later requests."""
    for spelled in spellings("auto_provision.server.url", view.model):
        yield Entry(spelled, view.provisioning_url)


def _write_name(_name: str, at: At, *, level: str) -> Iterator[Entry]:
    """The name stays when the password is gone: then the phone has it already, and a file says the same again."""
    for spelled in spellings(_USER_NAME.format(level=level), at.view.model):
        yield Entry(spelled, login_name(level, at.view))


def _write_login(password: SecretSlot, at: At, *, level: str) -> Iterator[Entry]:
    """
    ``security.user_password = name:password``, a line a level: the one parameter that may be repeated (sheet 4, H).

    The index keeps the levels apart, where equal names would replace one another. The name comes first, so that the
    phone knows it when it reads the password.
    """
    name = login_name(level, at.view)
    yield from _write_name(name, at, level=level)
    for spelled in spellings("security.user_password", at.view.model):
        yield Entry(spelled, password.framed(before=f"{name}:"), index=_LEVELS.index(level))


ACCESS_ROWS: tuple[Parameter, ...] = (
    row(DEVICE, _write_url, section=ACCESS),
    static("provisioning_user", "auto_provision.server.username", section=ACCESS, source=SHEET, confidence="H"),
    static("provisioning_password", "auto_provision.server.password", section=ACCESS, source=SHEET, confidence="H"),
    row("admin_user", partial(_write_name, level="admin"), section=ACCESS),
    row("user_user", partial(_write_name, level="user"), section=ACCESS),
    *(row(f"{level}_password", partial(_write_login, level=level), section=ACCESS) for level in _LEVELS),
)
