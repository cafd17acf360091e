"""
What the rows of an import ask for: `read_rows` gives one `Row` a line of the sheet, and every problem there is.

No problem quotes a cell: in a file whose columns have slipped any cell may hold a password. Row and column find it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from provserver.domain.line import EXPIRES_RANGE_S, EXPIRES_S, MAX_LINES, Endpoint, Line, Transport
from provserver.domain.mac import MacAddress
from provserver.domain.pbx import PBX, find_pbx
from provserver.domain.text import text_problem
from provserver.errors import InvalidValue
from provserver.secret import Secret
from provserver.services.fleet.import_columns import SETTING_PREFIX, Columns, Problem, read_columns
from provserver.services.sheets import Sheet, SheetRow

GENERATED = "auto"  # in the MAC column, like an empty cell: a softphone that gets its id from us
ABOUT_DEVICE = ("vendor", "model", "description", "site", "serial")
_OF_LINES = (  # cells that are about a line
    "line", "label", "user_name", "auth_name", "display_name", "password", "registrar", "port", "transport",
    "backup_registrar", "outbound_proxy", "expires", "voicemail", "pbx",
)  # fmt: skip
_LINE_TEXTS = ("label", "auth_name", "display_name", "voicemail")
_TRANSPORTS = tuple(transport.value for transport in Transport)
_SOME_HOST = Endpoint(host="localhost")  # stands in for a registrar that is wrong, so that the rest is checked too
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One line of a device. *line* has the number 1 where *number* is None: the next free one is wanted.

    *line* and *password* None: all their cells are empty, which is right for devices that take no line.
    """

    row: int
    mac: MacAddress | None
    about: Mapping[str, str]  # vendor, model, description, site, serial, as far as they are given
    number: int | None
    line: Line | None
    password: Secret | None
    settings: Mapping[str, str]
    secret_settings: Mapping[str, Secret]


def read_rows(sheet: Sheet, problems: list[Problem], *, given: Mapping[str, str] = MappingProxyType({})) -> list[Row]:
    """
    Read the rows of *sheet* that are in order; what is not is added to *problems*.

    *given* are cells by column, for rows that have nothing there. Raises ImportRefused for a header that does not say
    what the columns are.
    """
    reader = _Reader(read_columns(sheet.header, given=given), problems, given)
    return [row for row in map(reader.read, sheet.rows) if row is not None]


def without_echo(problem: str, cell: str) -> str:
    """*problem* without what it quotes of *cell*, in whatever spelling."""

    def judge(quoted: re.Match[str]) -> str:
        echo = str(ast.literal_eval(quoted[0]))
        return "" if echo in cell or _letters(echo) in _letters(cell) else quoted[0]

    problem = _QUOTED.sub(judge, problem)
    number = re.match(r"\d+", problem)
    if number and number[0] in cell:
        problem = problem[number.end() :].removeprefix(" s")
    return " ".join(problem.split())


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


class _Reader:
    """Reads rows, and adds to *problems* what is wrong."""

    def __init__(self, columns: Columns, problems: list[Problem], given: Mapping[str, str]) -> None:
        self._given = given
        self._columns = columns.names
        self._specs = columns.settings
        self._problems = problems
        self._fine: set[tuple[str, str]] = set()  # settings that were read before: most rows have the same ones
        self._endpoints: dict[tuple[str, Transport], Endpoint] = {}  # most rows have the same ones of these, too
        self._row = 0

    def read(self, sheet_row: SheetRow) -> Row | None:
        """The row, or None when something in it is wrong."""
        self._row, before = sheet_row.number, len(self._problems)
        if self._has_slipped(sheet_row.cells):
            return None
        raw = dict(zip(self._columns, sheet_row.cells, strict=False))
        stripped = {name: cell.strip() for name, cell in raw.items()}
        cells = {**self._given, **{name: cell for name, cell in stripped.items() if cell}}
        if ";" in stripped.get("registrar", ""):  # it names its transport itself
            cells["transport"] = stripped.get("transport", "")
        number = self._number("line", cells, low=1, high=MAX_LINES)
        bare = not any(stripped.get(name) for name in _OF_LINES)
        pbx = self._attempt("pbx", cells["pbx"], lambda: find_pbx(cells["pbx"])) if "pbx" in cells else None
        line = None if bare else self._line(cells, number or 1, pbx)
        password = None if bare else self._secret("password", raw)
        mac = self._mac(cells.get("mac", ""))
        about = {name: text for name in ABOUT_DEVICE if (text := self._text(name, cells))}
        if "vendor" in about:
            about["vendor"] = about["vendor"].lower()
        settings, secret_settings = dict(self._settings(cells)), dict(self._secret_settings(raw))
        if pbx is not None and line is not None:
            settings = {**pbx.device_settings, **settings}
        if len(self._problems) > before:
            return None
        return Row(
            row=self._row,
            mac=mac,
            about=about,
            number=number,
            line=line,
            password=password,
            settings=settings,
            secret_settings=secret_settings,
        )

    def _has_slipped(self, cells: tuple[str, ...]) -> bool:
        """Whether something stands where no column is: then other cells are not where they belong, either."""
        for position, cell in enumerate(cells):
            if cell.strip() and (position >= len(self._columns) or not self._columns[position]):
                self._blame(str(position + 1), "has no name in the header, and there is something in it")
                return True
        return False

    def _mac(self, cell: str) -> MacAddress | None:
        if cell.lower() in ("", GENERATED):
            return None
        return self._attempt("mac", cell, lambda: MacAddress.parse(cell))

    def _number(self, column: str, cells: Mapping[str, str], *, low: int, high: int) -> int | None:
        cell = cells.get(column, "")
        if not cell:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", cell) or not low <= int(cell) <= high:
            self._blame(column, f"is not a whole number from {low} to {high}")
            return None
        return int(cell)

    def _line(self, cells: Mapping[str, str], number: int, pbx: PBX | None) -> Line | None:
        texts = {name: self._text(name, cells) for name in _LINE_TEXTS}
        registrar = self._registrar(cells) or _SOME_HOST
        expires_s = self._number("expires", cells, low=EXPIRES_RANGE_S.start, high=EXPIRES_RANGE_S.stop - 1)
        user_name = cells.get("user_name", "")
        line = self._attempt(
            "user_name",
            user_name,
            lambda: Line(
                number=number,
                user_name=user_name,
                registrar=registrar,
                backup_registrar=self._endpoint("backup_registrar", cells, registrar.transport),
                outbound_proxy=self._endpoint("outbound_proxy", cells, registrar.transport),
                expires_s=expires_s or EXPIRES_S,
                label=texts["label"],
                auth_name=texts["auth_name"],
                display_name=texts["display_name"],
                voicemail=texts["voicemail"],
            ),
        )
        if line is None or pbx is None:
            return line
        return self._attempt("auth_name", cells.get("auth_name", ""), lambda: pbx.fill(line))

    def _registrar(self, cells: Mapping[str, str]) -> Endpoint | None:
        """Host, port and transport: each from its own column, or all from the registrar's."""
        port = self._number("port", cells, low=1, high=65_535)
        word = cells.get("transport", "").lower()
        if word and word not in _TRANSPORTS:
            self._blame("transport", f"is not one of {', '.join(_TRANSPORTS)}")
            word = ""
        if not cells.get("registrar"):
            self._blame("registrar", "is empty")
            return None
        found = self._endpoint("registrar", cells, Transport(word or Transport.UDP))
        if found and word and found.transport != word:
            self._blame("transport", "is another one than the registrar's cell names")
        if found and port and found.port not in (None, port):
            self._blame("port", "is another one than the registrar's cell names")
        return replace(found, port=port) if found and port else found

    def _endpoint(self, column: str, cells: Mapping[str, str], transport: Transport) -> Endpoint | None:
        cell = cells.get(column, "")
        found = self._endpoints.get((cell, transport))
        if found is None and cell:
            found = self._attempt(column, cell, lambda: Endpoint.parse(cell, transport=transport))
            if found is not None:
                self._endpoints[cell, transport] = found
        return found

    def _settings(self, cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for column, spec in self._specs.items():
            cell = cells.get(column)
            if not cell or spec.secret:
                continue
            if (column, cell) not in self._fine:
                before = len(self._problems)
                self._attempt(column, cell, partial(spec.read, cell))
                if len(self._problems) == before:
                    self._fine.add((column, cell))
            yield column.removeprefix(SETTING_PREFIX), cell

    def _secret_settings(self, raw: Mapping[str, str]) -> Iterator[tuple[str, Secret]]:
        for column, spec in self._specs.items():
            if spec.secret and raw.get(column):
                secret = self._secret(column, raw)
                if secret is not None:
                    yield column.removeprefix(SETTING_PREFIX), secret

    def _secret(self, column: str, raw: Mapping[str, str]) -> Secret | None:
        """A secret as it stands there, blanks included: those at its ends are refused, not taken away."""
        text = raw.get(column, "")
        problem = text_problem(text) if text else "is empty"
        if problem:
            self._blame(column, problem)
            return None
        return Secret(text)

    def _text(self, column: str, cells: Mapping[str, str]) -> str | None:
        text = cells.get(column)
        problem = text_problem(text) if text else None
        if problem:
            self._blame(column, problem)
        return None if problem else text or None

    def _attempt(self, column: str, cell: str, read: Callable[[], T]) -> T | None:
        """What *read* gives, or None and a problem of *column*."""
        try:
            return read()
        except InvalidValue as error:
            what = without_echo(error.problem, cell)
            inside = "its port " if error.field == "port" else ""
            self._blame(column, inside + what)
            return None

    def _blame(self, column: str, what: str) -> None:
        self._problems.append(Problem(self._row, column, what))
