"""Which devices the rows of an import make: `gather` puts rows of one MAC together and numbers their lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from provserver.domain.device import Device, Tenant
from provserver.domain.line import MAX_LINES
from provserver.domain.mac import MacAddress
from provserver.services.fleet.devices import Wanted
from provserver.services.fleet.import_columns import SETTING_PREFIX, Problem
from provserver.services.fleet.import_rows import ABOUT_DEVICE, Row

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One device of the file: what is wanted, which rows say so, and the row of each line by its number."""

    wanted: Wanted
    rows: tuple[Row, ...]
    row_of_line: Mapping[int, Row]
    known: Device | None  # as it is in the store, whoever it belongs to


def gather(rows: list[Row], *, tenant: Tenant, existing: Mapping[str, Device], problems: list[Problem]) -> list[Entry]:
    """
    Put together what belongs together, in the order of the file; rows that contradict each other go to *problems*.

    A row without a MAC is a device of its own. *existing* (by MAC) fills in the maker and model that no row names.
    """
    groups: dict[MacAddress | int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.mac or row.row, []).append(row)
    return [_entry(tuple(group), tenant, existing, problems) for group in groups.values()]


def _entry(rows: tuple[Row, ...], tenant: Tenant, existing: Mapping[str, Device], problems: list[Problem]) -> Entry:
    mac = rows[0].mac
    known = existing.get(mac.value) if mac else None
    about = _agreed(rows, lambda row: row.about, problems)
    if known is not None and known.tenant_id == tenant.id:
        about.setdefault("vendor", known.vendor)
        if known.model is not None:
            about.setdefault("model", known.model)
    row_of_line = _numbered(rows, problems)
    wanted = Wanted(
        tenant=tenant,
        mac=mac,
        **{name: about.get(name) for name in ABOUT_DEVICE},
        lines=tuple(replace(row.line, number=number) for number, row in row_of_line.items() if row.line),
        passwords={number: row.password for number, row in row_of_line.items() if row.password},
        settings=_agreed(rows, lambda row: row.settings, problems, prefix=SETTING_PREFIX),
        secret_settings=_agreed(rows, lambda row: row.secret_settings, problems, prefix=SETTING_PREFIX),
    )
    return Entry(wanted=wanted, rows=rows, row_of_line=row_of_line, known=known)


def _agreed(
    rows: tuple[Row, ...], part: Callable[[Row], Mapping[str, Value]], problems: list[Problem], *, prefix: str = ""
) -> dict[str, Value]:
    """What the rows say together; an empty cell says nothing, and two that differ are a problem."""
    agreed: dict[str, Value] = {}
    said_in: dict[str, int] = {}
    for row in rows:
        for name, value in part(row).items():
            if name not in agreed:
                agreed[name], said_in[name] = value, row.row
            elif agreed[name] != value:
                problems.append(Problem(row.row, prefix + name, f"is not the same as in row {said_in[name]}"))
    return agreed


def _numbered(rows: tuple[Row, ...], problems: list[Problem]) -> dict[int, Row]:
    """The rows by the number of their line, ascending; those without a number get the lowest that are free."""
    rows = tuple(row for row in rows if row.line is not None)
    numbered: dict[int, Row] = {}
    for row in rows:
        if row.number in numbered:
            problems.append(Problem(row.row, "line", f"{row.number} is the line of row {numbered[row.number].row} too"))
        elif row.number is not None:
            numbered[row.number] = row
    free = (number for number in range(1, MAX_LINES + 1) if number not in numbered)
    for row in [row for row in rows if row.number is None]:
        number = next(free, None)
        if number is None:
            problems.append(Problem(row.row, "line", f"is empty, and no number up to {MAX_LINES} is left"))
        else:
            numbered[number] = row
    return dict(sorted(numbered.items()))
