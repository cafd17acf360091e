"""
A file of devices becomes devices, all of them or none: `Imports.run`.

A device that exists already gets the lines of the file in place of its own. Whatever is wrong is said at once, cell by
cell, before anything is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from provserver.domain.catalogue import RAW_PREFIX
from provserver.domain.device import Device, Tenant
from provserver.errors import ImportRefused, InvalidValue
from provserver.services.context import Context
from provserver.services.devices import Devices, Wanted
from provserver.services.import_columns import KNOWN, SETTING_PREFIX, Problem
from provserver.services.import_devices import Entry, gather
from provserver.services.import_rows import Row, read_rows, without_echo
from provserver.services.sheets import HEADER_ROW, read_sheet
from provserver.storage import devices

Progress = Callable[[int, int], None]
_AT_ONCE = 200  # devices, then the loop gets its turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do: numbers of devices and lines, and by row the ids made for softphones."""

    new: int
    changed: int
    lines: int
    generated: Mapping[int, str] = field(default_factory=dict)


class Imports:
    """Imports files."""

    def __init__(self, *, context: Context, devices_service: Devices) -> None:
        self._context = context
        self._devices = devices_service

    async def run(
        self,
        content: bytes,
        *,
        tenant: Tenant,
        dry_run: bool = False,
        arm: bool = True,
        progress: Progress | None = None,
    ) -> ImportReport:
        """
        Import the devices of *content* for *tenant*; a *dry_run* checks everything and changes nothing.

        Raises ImportRefused with every problem as ``row N, column C: what is wrong``, and the store is as it was.
        *progress* is told how many of how many steps are done.
        """
        tell = progress or (lambda _done, _total: None)
        entries = await self._checked(content, tenant, tell)
        changed = sum(entry.known is not None for entry in entries)
        report = ImportReport(
            new=len(entries) - changed, changed=changed, lines=sum(len(entry.row_of_line) for entry in entries)
        )
        if dry_run:
            return report
        total = 2 * len(entries)
        made = await self._devices.put(
            [entry.wanted for entry in entries], arm=arm, progress=lambda done: tell(len(entries) + done, total)
        )
        tell(total, total)
        return replace(report, generated=_generated(entries, made))

    async def _checked(self, content: bytes, tenant: Tenant, tell: Progress) -> list[Entry]:
        """The devices of the file, every one of them possible."""
        problems: list[Problem] = []
        rows = await asyncio.to_thread(lambda: read_rows(read_sheet(content), problems))
        async with self._context.storage.read() as tx:
            existing = await devices.owners_of(tx, list({row.mac for row in rows if row.mac is not None}))
        entries = gather(rows, tenant=tenant, existing=existing, problems=problems)
        for position, entry in enumerate(entries):
            if position % _AT_ONCE == 0:
                tell(position, 2 * len(entries))
                await asyncio.sleep(0)
            problems += self._problems_of(entry)
        if not entries and not problems:
            raise ImportRefused([f"row {HEADER_ROW}: is followed by no device"])
        if problems:
            raise ImportRefused([str(problem) for problem in sorted(set(problems))])
        return entries

    def _problems_of(self, entry: Entry) -> Iterator[Problem]:
        """What this device cannot have; of another tenant's device nothing but that it is not to be had."""
        if entry.known is not None and entry.known.tenant_id != entry.wanted.tenant.id:
            for row in entry.rows:  # whose it is, is not this tenant's business
                yield Problem(row.row, "mac", "belongs to another tenant")
            return
        if not self._devices.refusal(entry.wanted):
            yield from _lacking(entry)
        try:
            self._devices.check(entry.wanted)
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
