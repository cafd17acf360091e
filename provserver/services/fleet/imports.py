"""
A file of devices becomes devices, all of them or none: `Imports.run`.

A device that exists already gets the lines of the file in place of its own. Whatever is wrong is said at once, cell by
cell, before anything is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from provserver.domain.catalogue import RAW_PREFIX
from provserver.domain.device import Device, Tenant
from provserver.domain.line import Endpoint, Transport
from provserver.domain.pbx import find_pbx
from provserver.domain.words import unsupported_of
from provserver.errors import ImportRefused, InvalidValue
from provserver.identify import Catalogue
from provserver.services.context import Context
from provserver.services.fleet.claims import Claims
from provserver.services.fleet.devices import Devices, Wanted
from provserver.services.fleet.import_3cx import THEIRS, from_3cx
from provserver.services.fleet.import_columns import KNOWN, SETTING_PREFIX, Problem
from provserver.services.fleet.import_devices import Entry, gather
from provserver.services.fleet.import_rows import Row, read_rows, without_echo
from provserver.services.sheets import HEADER_ROW, read_sheet
from provserver.storage import devices

Progress = Callable[[int, int], None]
_Settings = dict[str, set[str]]  # names of settings by the slug of the maker
_AT_ONCE = 200  # devices, then the loop gets its turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """
    What an import did, or would do: numbers of devices and lines, and by row the ids made for softphones.

    *unsupported* are, by maker, settings of the file that it has no word for; they are kept, and do nothing.
    *left_out* are accounts of a PBX's list that have no phone.
    """

    new: int
    changed: int
    lines: int
    left_out: int = 0
    generated: Mapping[int, str] = field(default_factory=dict)
    unsupported: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Layout(StrEnum):
    """Whose columns a file has: our own, or those of the account list that a 3CX exports."""

    OWN = "own"
    THREE_CX = "3cx"


GIVEN = ("pbx", "registrar", "transport", "outbound_proxy")  # columns that can be given for all rows of a file


class Imports:
    """Imports files."""

    def __init__(self, *, context: Context, catalogue: Catalogue, devices_service: Devices, claims: Claims) -> None:
        self._context = context
        self._catalogue = catalogue
        self._devices = devices_service
        self._claims = claims

    async def run(
        self,
        content: bytes,
        *,
        tenant: Tenant,
        layout: Layout = Layout.OWN,
        given: Mapping[str, str] = MappingProxyType({}),
        dry_run: bool = False,
        arm: bool = True,
        progress: Progress | None = None,
    ) -> ImportReport:
        """
        Import the devices of *content* for *tenant*; a *dry_run* checks everything and changes nothing.

        *given* are cells of the columns in `GIVEN` for rows that have nothing there. Raises InvalidValue for one that
        cannot be; ImportRefused with every problem as ``row N, column C: what is wrong``, and the store is as it was.
        *progress* is told how many of how many steps are done.
        """
        tell = progress or (lambda _done, _total: None)
        cells = _checked_cells(layout, given)
        problems: list[Problem] = []
        rows, left_out = await asyncio.to_thread(_read, content, layout, cells, problems)
        settings: _Settings = {}
        entries = await self._checked(rows, problems, tenant=tenant, settings=settings, layout=layout, tell=tell)
        changed = sum(entry.known is not None for entry in entries)
        report = ImportReport(
            new=len(entries) - changed,
            changed=changed,
            lines=sum(len(entry.row_of_line) for entry in entries),
            unsupported=self._unsupported(settings),
            left_out=left_out,
        )
        if dry_run:
            return report
        total = 2 * len(entries)
        made = await self._devices.put(
            [entry.wanted for entry in entries], arm=arm, progress=lambda done: tell(len(entries) + done, total)
        )
        tell(total, total)
        return replace(report, generated=_generated(entries, made))

    def _unsupported(self, settings: _Settings) -> dict[str, tuple[str, ...]]:
        vendors = self._catalogue.vendors
        found = {slug: unsupported_of(vendors[slug], names) for slug, names in sorted(settings.items())}
        return {slug: names for slug, names in found.items() if names}

    async def _checked(
        self,
        rows: list[Row],
        problems: list[Problem],
        *,
        tenant: Tenant,
        settings: _Settings,
        layout: Layout,
        tell: Progress,
    ) -> list[Entry]:
        """The devices of the rows, every one of them possible. What they are given goes to *settings*, by maker."""
        async with self._context.storage.read() as tx:
            existing = await devices.owners_of(tx, list({row.mac for row in rows if row.mac is not None}))
        entries = gather(rows, tenant=tenant, existing=existing, problems=problems)
        await self._claims.tell_foreign([(entry.wanted.tenant, entry.wanted.mac) for entry in entries], existing)
        for position, entry in enumerate(entries):
            if position % _AT_ONCE == 0:
                tell(position, 2 * len(entries))
                await asyncio.sleep(0)
            problems += self._problems_of(entry, settings)
        if not entries and not problems:
            raise ImportRefused([f"row {HEADER_ROW}: is followed by no device"])
        if problems:
            names = THEIRS if layout is Layout.THREE_CX else {}
            named = {replace(problem, column=names.get(problem.column, problem.column)) for problem in problems}
            raise ImportRefused([str(problem) for problem in sorted(named)])
        return entries

    def _problems_of(self, entry: Entry, settings: _Settings) -> Iterator[Problem]:
        """What this device cannot have; of another tenant's device nothing but that it is not to be had."""
        if entry.known is not None and entry.known.tenant_id != entry.wanted.tenant.id:
            for row in entry.rows:  # whose it is, is not this tenant's business
                yield Problem(row.row, "mac", "belongs to another tenant")
            return
        if not self._devices.refusal(entry.wanted):
            yield from _lacking(entry)
        try:
            slug = self._devices.check(entry.wanted)
            settings.setdefault(slug, set()).update(entry.wanted.settings, entry.wanted.secret_settings)
        except InvalidValue as error:
            yield from list(self._one_by_one(entry)) or [_blame(error, entry.rows[0])]

    def _one_by_one(self, entry: Entry) -> Iterator[Problem]:
        """Check the device without anything, then each line and each setting alone, to find which of them are wrong."""
        bare = replace(entry.wanted, lines=(), passwords={}, settings={}, secret_settings={})
        try:
            self._devices.check(bare)
        except InvalidValue as error:  # of no known maker: nothing else can be judged
            yield _blame(error, next((row for row in entry.rows if error.field in row.about), entry.rows[0]))
            return
        for row, part in _parts(entry, bare):
            try:
                self._devices.check(part)
            except InvalidValue as error:
                yield _blame(error, row)


def _checked_cells(layout: Layout, given: Mapping[str, str]) -> dict[str, str]:
    """What is given for all rows, looked at once and not in every row; a 3CX's list is of lines at a 3CX."""
    cells = dict(given)
    if layout is Layout.THREE_CX:
        cells.setdefault("pbx", "3cx")
        if "registrar" not in cells:
            raise InvalidValue("registrar", "is needed; a 3CX's list does not say where the 3CX is")
    for name, cell in cells.items():
        if name not in GIVEN:
            raise InvalidValue(name, f"is not one of {', '.join(GIVEN)}")
        if name == "pbx":
            find_pbx(cell)
        elif name == "transport":
            if cell.lower() not in set(Transport):
                raise InvalidValue(name, f"{cell!r} is not one of {', '.join(Transport)}")
        else:
            try:
                Endpoint.parse(cell)
            except InvalidValue as error:
                raise InvalidValue(name, error.problem) from None
    return cells


def _read(content: bytes, layout: Layout, given: Mapping[str, str], problems: list[Problem]) -> tuple[list[Row], int]:
    sheet = read_sheet(content)
    if layout is Layout.OWN:
        return read_rows(sheet, problems, given=given), 0
    accounts = from_3cx(sheet, problems)
    return read_rows(accounts.sheet, problems, given=given), accounts.left_out


def _lacking(entry: Entry) -> Iterator[Problem]:
    """Rows without a line, of a device that takes some."""
    for row in entry.rows:
        if row.line is None:
            for column in ("user_name", "password", "registrar"):
                yield Problem(row.row, column, "is empty")


def _parts(entry: Entry, bare: Wanted) -> Iterator[tuple[Row, Wanted]]:
    for line in entry.wanted.lines:
        row = entry.row_of_line[line.number]
        yield row, replace(bare, lines=(line,), passwords={line.number: row.password} if row.password else {})
    for row in entry.rows:
        for name, value in row.settings.items():
            yield row, replace(bare, settings={name: value})
        for name, secret in row.secret_settings.items():
            yield row, replace(bare, secret_settings={name: secret})


def _blame(error: InvalidValue, row: Row) -> Problem:
    """A refusal as a problem of the column that the field stands in."""
    if error.field in KNOWN:
        return Problem(row.row, error.field, without_echo(error.problem, row.about.get(error.field, "")))
    cell = row.settings.get(error.field, "") if error.field.startswith(RAW_PREFIX) else ""
    return Problem(row.row, SETTING_PREFIX + error.field, without_echo(error.problem, cell))


def _generated(entries: list[Entry], made: list[Device]) -> dict[int, str]:
    """The ids of devices that came without one, by row; *made* begins with the new ones, in the order of the file."""
    new = [entry for entry in entries if entry.known is None]
    return {
        entry.rows[0].row: device.mac.value
        for entry, device in zip(new, made, strict=False)
        if entry.wanted.mac is None
    }
