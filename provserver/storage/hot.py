"""
Statements of the request path: written with SQLAlchemy, compiled once, run on the bare driver.

SQLAlchemy's own execution costs twenty times a look-up (about 200 µs against 10); its language does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement, bindparam

from provserver.storage.sqlite import DIALECT

_BULK_SIZES = (500, 50, 5, 1)  # rows; 500 of the request log are 7,500 parameters, of 32,766 that SQLite takes


class Statement:
    """One compiled statement; `bind` orders named values as its text wants them."""

    __slots__ = ("_constants", "names", "text")

    def __init__(self, clause: ClauseElement) -> None:
        compiled = clause.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
        self.text = str(compiled)
        self.names: Sequence[str] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        binds = compiled.binds  # type: ignore[attr-defined]
        self._constants: Mapping[str, Any] = {name: bind.value for name, bind in binds.items() if not bind.required}

    def bind(self, **values: Any) -> tuple[Any, ...]:  # noqa: ANN401 - whatever the driver takes
        """The positional parameters for *values*; a name that the statement needs and nobody gave is a KeyError."""
        constants = self._constants
        return tuple(values[name] if name in values else constants[name] for name in self.names)


class Bulk:
    """
    One insert for many rows, in a few sizes.

    The driver lets go of the interpreter once for each step of a statement, and has to wait to get it back. A thousand
    rows in one statement are one step; a thousand statements would stall the event loop and themselves.
    """

    __slots__ = ("_columns", "_statements")

    def __init__(self, make: Callable[[list[dict[str, Any]]], ClauseElement], columns: Sequence[str]) -> None:
        """Use *make*, which gives the insert for a list of rows; *columns* are in the order of each row's values."""
        self._columns = tuple(columns)
        self._statements = {size: self._compiled(make, size) for size in _BULK_SIZES}

    def calls(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Text and parameters of each statement that together insert *rows*."""
        start = 0
        for size in _BULK_SIZES:
            while len(rows) - start >= size:
                values = itertools.chain.from_iterable(rows[start : start + size])
                yield self._statements[size].text, tuple(values)
                start += size

    def _compiled(self, make: Callable[[list[dict[str, Any]]], ClauseElement], size: int) -> Statement:
        rows: list[dict[str, Any]] = [
            {name: bindparam(f"{name}_{number}") for name in self._columns} for number in range(size)
        ]
        statement = Statement(make(rows))
        if statement.names != tuple(f"{name}_{number}" for number in range(size) for name in self._columns):
            raise ValueError("the columns are not in the order of the table")
        return statement
