"""What the columns of an import are: `read_columns` knows their names, or says which it does not know."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from provserver.domain.catalogue import find_spec
from provserver.domain.setting import SettingSpec
from provserver.errors import ImportRefused, InvalidValue
from provserver.services.sheets import HEADER_ROW

REQUIRED = ("mac", "user_name", "password", "registrar")
KNOWN = (
    "mac", "vendor", "model", "description", "site", "serial", "line", "label", "user_name", "auth_name",
    "display_name", "password", "registrar", "port", "transport", "backup_registrar", "outbound_proxy", "expires",
    "voicemail", "pbx",
)  # fmt: skip
SETTING_PREFIX = "set:"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in which cell. Never holds what stands there: in slipped columns any cell may be a password."""

    row: int
    column: str
    what: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The *names* from left to right, "" for one without, and the settings among them by the column's name."""

    names: tuple[str, ...]
    settings: Mapping[str, SettingSpec]


def read_columns(header: tuple[str, ...], *, given: Collection[str] = ()) -> Columns:
    """
    Read the first row; columns that are *given* for all rows may be missing in it.

    Raises ImportRefused with every name that is missing, unknown or there twice.
    """
    names = tuple(_name(cell) for cell in header)
    missing = [name for name in REQUIRED if name not in names and name not in given]
    if not set(REQUIRED) & set(names):  # most likely no header at all, and the cells of a device are not to be quoted
        raise ImportRefused([f"row {HEADER_ROW}: holds no column names; {', '.join(REQUIRED)} must be there"])
    problems = [Problem(HEADER_ROW, name, "is missing") for name in missing]
    settings: dict[str, SettingSpec] = {}
    for name in dict.fromkeys(filter(None, names)):
        if names.count(name) > 1:
            problems.append(Problem(HEADER_ROW, name, "is there twice"))
        if name.startswith(SETTING_PREFIX):
            try:
                settings[name] = find_spec(name.removeprefix(SETTING_PREFIX))
            except InvalidValue as error:
                problems.append(Problem(HEADER_ROW, name, error.problem))
        elif name not in KNOWN:
            problems.append(Problem(HEADER_ROW, name, f"is not known; settings are named {SETTING_PREFIX}<setting>"))
    if problems:
        raise ImportRefused([str(problem) for problem in problems])
    return Columns(names=names, settings=settings)


def _name(cell: str) -> str:
    """The name of a column: ``User name`` is user_name; the names of raw parameters keep their case."""
    cell = cell.strip()
    if cell.lower().startswith(SETTING_PREFIX):
        return SETTING_PREFIX + cell[len(SETTING_PREFIX) :].strip()
    return re.sub(r"[\s_-]+", "_", cell.lower())
