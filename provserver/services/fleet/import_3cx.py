"""
The account list that a 3CX exports (Users, Export) as a sheet of our own: `from_3cx`.

Columns are found by their names: the list has grown from version to version, and v20 may order it otherwise. Only what
a line needs is read: of the secrets in a row (SIP, voicemail, the phone's web page, services) one.
Source: 3CX, "How to Create Extensions in Bulk using a .csv file" (v15, M); the headers of three lists that
administrators exported, of 59, 61 and 65 columns (M; of v15 and later). One of v20 was not seen (L).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provserver.domain.mac import MacAddress
from provserver.errors import ImportRefused, InvalidValue
from provserver.services.fleet.import_columns import Problem
from provserver.services.sheets import HEADER_ROW, Sheet, SheetRow

_NUMBER, _AUTH_ID, _PASSWORD = "Number", "AuthID", "AuthPassword"
_NAMES = ("FirstName", "LastName")
_MODEL = "PhoneModel14"
_MAC = re.compile(r"mac_?[0-9]*", re.IGNORECASE)  # MAC_0; an extension with more phones has MAC_1 … (L)
_REQUIRED = (_NUMBER, _AUTH_ID, _PASSWORD)
_OURS = ("mac", "user_name", "auth_name", "password", "display_name", "model")
# What a problem of one of our columns is called in the file of somebody who has never seen ours.
THEIRS: Mapping[str, str] = {
    "mac": "MAC_0",
    "user_name": _NUMBER,
    "auth_name": _AUTH_ID,
    "password": _PASSWORD,
    "display_name": "FirstName, LastName",
    "model": _MODEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts that have a phone, as a *sheet* of our own, and how many without one were *left_out*."""

    sheet: Sheet
    left_out: int


def from_3cx(sheet: Sheet, problems: list[Problem]) -> Accounts:
    """
    Read the accounts of *sheet*; each MAC of an account is a row. What is wrong with a row is added to *problems*.

    Raises ImportRefused for a header that is not that of such a list, and when no account has a phone.
    """
    columns = _Columns(sheet.header)
    rows: list[SheetRow] = []
    left_out = 0
    for row in sheet.rows:
        if len(row.cells) > columns.count and any(cell.strip() for cell in row.cells[columns.count :]):
            problems.append(Problem(row.number, str(columns.count + 1), "has no name in the header, and is not empty"))
            continue
        found = list(columns.phones(row))
        left_out += not found
        for name, cell in found:
            try:
                mac = MacAddress.parse(cell)
            except InvalidValue:
                problems.append(Problem(row.number, name, "is not a MAC address"))
            else:
                rows.append(SheetRow(number=row.number, cells=(mac.value, *columns.account(row))))
    if not rows and not problems:
        raise ImportRefused([f"row {HEADER_ROW}: is followed by no account that has a phone's MAC"])
    return Accounts(sheet=Sheet(header=_OURS, rows=tuple(rows)), left_out=left_out)


class _Columns:
    """Where in a row what stands."""

    def __init__(self, header: tuple[str, ...]) -> None:
        names = [cell.strip() for cell in header]
        self.count = len(names)
        self._at = {name.lower(): position for position, name in reversed(list(enumerate(names)))}
        self._macs = [(name, position) for position, name in enumerate(names) if _MAC.fullmatch(name)]
        missing = [name for name in _REQUIRED if name.lower() not in self._at]
        missing += [] if self._macs else ["MAC_0"]
        if missing:
            raise ImportRefused([f"row {HEADER_ROW}, column {name}: is missing" for name in missing])
        twice = [name for name in _REQUIRED if [n.lower() for n in names].count(name.lower()) > 1]
        if twice:
            raise ImportRefused([f"row {HEADER_ROW}, column {name}: is there twice" for name in twice])

    def phones(self, row: SheetRow) -> Iterator[tuple[str, str]]:
        """The MACs of an account, each with its column's name."""
        for name, position in self._macs:
            cell = row.cells[position].strip() if position < len(row.cells) else ""
            if cell:
                yield name, cell

    def account(self, row: SheetRow) -> tuple[str, ...]:
        """The cells of our columns after the MAC; the password as it stands there, blanks included."""
        number, auth_id = (self._cell(row, name).strip() for name in (_NUMBER, _AUTH_ID))
        display_name = " ".join(filter(None, (self._cell(row, name).strip() for name in _NAMES)))
        return number, auth_id, self._cell(row, _PASSWORD), display_name, _model(self._cell(row, _MODEL).strip())

    def _cell(self, row: SheetRow, name: str) -> str:
        position = self._at.get(name.lower())
        return row.cells[position] if position is not None and position < len(row.cells) else ""


def _model(text: str) -> str:
    """The model of "Yealink T46S": 3CX writes the maker before it (L), which the MAC tells already."""
    maker, _, model = text.partition(" ")
    return model.strip() or maker
