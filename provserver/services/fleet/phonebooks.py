"""
Phone books of tenants and sites: `Phonebooks` imports, lists, exports and removes them.

A file of people becomes a phone book, all of it or nothing; whatever is wrong is said at once, cell by cell. A file
replaces the book that is there: it is the book.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from provserver.domain.device import Scope, Tenant
from provserver.domain.phonebook import MAX_ENTRIES, MAX_NUMBERS, Number, NumberKind, PhonebookEntry, ordered
from provserver.domain.text import check_text
from provserver.errors import ImportRefused, InvalidValue, NotFound
from provserver.services.context import Context
from provserver.services.fleet.import_columns import Problem
from provserver.services.sheets import HEADER_ROW, Sheet, SheetRow, read_sheet
from provserver.storage import changes, phonebooks, tenants
from provserver.storage.database import Transaction
from provserver.storage.tables import new_id

NAME, GROUP = "name", "group"
_COLUMN = re.compile(rf"(?:{'|'.join(NumberKind)})(?:_[2-{MAX_NUMBERS}])?")  # mobile, mobile_2 …
_FORMULA = ("=", "+", "-", "@", "\t")  # with which a cell becomes a formula in a spreadsheet


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSummary:
    """Whose phone book it is, and how many entries it has. *site* None: the tenant's own."""

    tenant: str
    site: str | None
    entries: int


class Phonebooks:
    """Keeps phone books."""

    def __init__(self, *, context: Context) -> None:
        self._context = context

    async def import_file(
        self, content: bytes, *, tenant: Tenant, site: str | None = None, dry_run: bool = False
    ) -> int:
        """
        Make *content* (CSV) the phone book of *tenant*, or of one of its sites; says how many entries it has.

        A *dry_run* checks everything and changes nothing. Raises ImportRefused with every problem as ``row N, column C:
        what is wrong``, and the old book is still there.
        """
        entries = read_book(read_sheet(content))
        if dry_run:
            return len(entries)
        async with self._context.storage.transaction() as tx:
            owner = await self._owner(tx, tenant, site, make=True)
            await phonebooks.put_book(tx, owner, entries, at_ms=self._context.clock.now_ms())
            await self._record(tx, "phonebook.imported", owner, tenant, len(entries))
        self._context.settled((changes.EVERYTHING,))
        return len(entries)

    async def entries(self, *, tenant: Tenant, site: str | None = None) -> tuple[PhonebookEntry, ...]:
        """Who is in the phone book, by name. Raises NotFound when there is none."""
        async with self._context.storage.read() as tx:
            owner = await self._owner(tx, tenant, site)
            found = await phonebooks.entries_of(tx, [owner])
        if not found:
            raise NotFound("phone book of", site or tenant.name)
        return ordered(found)

    async def list(self, *, tenant: Tenant | None = None) -> list[BookSummary]:
        """The phone books there are, of all tenants or of one."""
        async with self._context.storage.read() as tx:
            counts = await phonebooks.counts(tx)
            found = []
            for one in [tenant] if tenant else await tenants.all_tenants(tx):
                named: list[tuple[str | None, str]] = [(None, f"{Scope.TENANT}:{one.id}")]
                sites = await tenants.site_ids(tx, one.id)
                named += [(name, f"{Scope.SITE}:{sites[name]}") for name in sorted(sites)]
                found += [
                    BookSummary(tenant=one.name, site=name, entries=counts[owner])
                    for name, owner in named
                    if owner in counts
                ]
        return found

    async def export(self, *, tenant: Tenant, site: str | None = None) -> str:
        """The phone book as CSV that `import_file` takes. Raises NotFound."""
        return write_book(await self.entries(tenant=tenant, site=site))

    async def remove(self, *, tenant: Tenant, site: str | None = None) -> int:
        """Remove the phone book, and say how many entries it had. Raises NotFound."""
        count = len(await self.entries(tenant=tenant, site=site))
        async with self._context.storage.transaction() as tx:
            owner = await self._owner(tx, tenant, site)
            await phonebooks.put_book(tx, owner, (), at_ms=self._context.clock.now_ms())
            await self._record(tx, "phonebook.removed", owner, tenant, count)
        self._context.settled((changes.EVERYTHING,))
        return count

    async def _owner(self, tx: Transaction, tenant: Tenant, site: str | None, *, make: bool = False) -> str:
        if site is None:
            return f"{Scope.TENANT}:{tenant.id}"
        found = (await tenants.site_ids(tx, tenant.id)).get(site)
        if found is None:
            if not make:
                raise NotFound("site", site)
            found = new_id(self._context.clock.now_ms())
            if not site:
                raise InvalidValue("site", "is empty")
            await tenants.insert_site(tx, site_id=found, tenant_id=tenant.id, name=check_text("site", site))
        return f"{Scope.SITE}:{found}"

    async def _record(self, tx: Transaction, action: str, owner: str, tenant: Tenant, count: int) -> None:
        """Write it down, without anybody's name or number: the trail cannot be taken back."""
        await self._context.record(
            tx,
            action,
            object_=owner,
            tenant_id=tenant.id,
            changed=(changes.EVERYTHING,),
            detail={"entries": count},
        )


def read_book(sheet: Sheet) -> tuple[PhonebookEntry, ...]:
    """Read the rows of *sheet*. Raises ImportRefused with everything that is wrong; it quotes no cell."""
    columns = _columns(sheet.header)
    problems: list[Problem] = []
    if len(sheet.rows) > MAX_ENTRIES:
        problems.append(Problem(HEADER_ROW, NAME, f"stands above more than {MAX_ENTRIES} entries"))
    if not sheet.rows:
        problems.append(Problem(HEADER_ROW, NAME, "stands above no entry"))
    entries = [_entry(row, columns, problems) for row in sheet.rows[:MAX_ENTRIES]]
    if problems:
        raise ImportRefused([str(problem) for problem in sorted(problems)])
    return tuple(entry for entry in entries if entry is not None)


def write_book(entries: tuple[PhonebookEntry, ...]) -> str:
    """Write *entries* as CSV, with as many columns of each kind as the one with the most numbers needs."""
    most = {kind: max((len(e.of_kinds(kind)) for e in entries), default=0) for kind in NumberKind}
    columns = [(kind, count) for kind, most_of in most.items() for count in range(1, most_of + 1)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([NAME, GROUP, *(_column(kind, count) for kind, count in columns)])
    for entry in entries:
        numbers = {kind: entry.of_kinds(kind) for kind in NumberKind}
        cells = [numbers[kind][count - 1] if len(numbers[kind]) >= count else "" for kind, count in columns]
        writer.writerow([_disarmed(entry.name), _disarmed(entry.group), *cells])
    return text.getvalue()


def _columns(header: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(re.sub(r"[\s_-]+", "_", cell.strip().lower()) for cell in header)
    known = {NAME, GROUP} | {name for name in names if _COLUMN.fullmatch(name)}
    if NAME not in names and not known.intersection(names) - {GROUP}:  # most likely no header, and cells name people
        raise ImportRefused(
            [f"row {HEADER_ROW}: holds no column names; {NAME} and a number such as work must be there"]
        )
    problems = [] if NAME in names else [Problem(HEADER_ROW, NAME, "is missing")]
    problems += [Problem(HEADER_ROW, name, "is there twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [
        Problem(HEADER_ROW, str(names.index(name) + 1), f"is not {NAME}, {GROUP} or one of {', '.join(NumberKind)}")
        for name in dict.fromkeys(filter(None, names))
        if name not in known
    ]
    if not any(_COLUMN.fullmatch(name) for name in names):
        problems.append(Problem(HEADER_ROW, NumberKind.WORK, "is missing, and so is every other number"))
    if problems:
        raise ImportRefused([str(problem) for problem in problems])
    return names


def _entry(row: SheetRow, columns: tuple[str, ...], problems: list[Problem]) -> PhonebookEntry | None:
    before = len(problems)
    for position, cell in enumerate(row.cells):
        if cell.strip() and (position >= len(columns) or not columns[position]):
            problems.append(Problem(row.number, str(position + 1), "has no name in the header, and holds something"))
            return None
    cells = {name: cell.strip() for name, cell in zip(columns, row.cells, strict=False) if name}
    numbers = []
    for name in (name for name in columns if _COLUMN.fullmatch(name) and cells.get(name)):
        try:
            numbers.append(Number.read(NumberKind(name.partition("_")[0]), cells[name]))
        except InvalidValue as error:
            problems.append(Problem(row.number, name, error.problem))
    if len(problems) > before:
        return None
    if not numbers:
        problems.append(Problem(row.number, NumberKind.WORK, "is empty, and so is every other number"))
        return None
    try:
        group = _rearmed(cells.get(GROUP, ""))
        return PhonebookEntry(name=_rearmed(cells.get(NAME, "")), group=group, numbers=tuple(numbers))
    except InvalidValue as error:
        problems.append(Problem(row.number, error.field, error.problem))
        return None


def _column(kind: NumberKind, count: int) -> str:
    return kind.value if count == 1 else f"{kind.value}_{count}"


def _disarmed(text: str) -> str:
    """*text* so that a spreadsheet takes it for text: whoever names somebody ``=cmd|…`` runs nothing by it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rearmed(text: str) -> str:
    """What `_disarmed` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
