"""
`BatchedRead`: look-ups of many requests, one query.

Every hop to the database's thread costs more than the look-up itself. While one query runs, the next look-ups gather,
and go together: the busier the server, the cheaper each of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam
from sqlalchemy.sql.elements import ColumnElement

from provserver.storage.hot import Statement

Row = tuple[Any, ...]
_SIZES = (1, 4, 16, 64)  # compiled once each; the places left over repeat the last key, which costs nothing


class BatchedRead:
    """
    Reads the rows of *select* by *key*, which must be its first column.

    *run_query* takes a text and its parameters. `run` is the one task, owned by the composition root; without it
    (on the command line) every look-up is a query of its own.
    """

    def __init__(
        self,
        select: Select[Any],
        key: ColumnElement[Any],
        run_query: Callable[[str, tuple[Any, ...]], Awaitable[list[Row]]],
    ) -> None:
        self._texts = {size: _text(select, key, size) for size in _SIZES}
        self._run_query = run_query
        self._waiting: dict[Any, list[asyncio.Future[list[Row]]]] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None  # while `run` runs; asking for it is a system call (3.11)

    def rows(self, key: Any) -> Awaitable[list[Row]]:  # noqa: ANN401 - whatever the column holds
        """
        All rows whose key is *key*, with the key as first column.

        The look-up is asked for at once, before the answer is awaited. Each caller has a future of its own: one who
        gives up must not take the answer from the others.
        """
        if self._loop is None:
            return self._run_query(self._texts[1], (key,))
        future: asyncio.Future[list[Row]] = self._loop.create_future()
        self._waiting.setdefault(key, []).append(future)
        self._wake.set()
        return future

    async def run(self) -> None:
        """Answer look-ups, until cancelled."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await self._answer()
        finally:
            self._loop = None
            for futures in self._waiting.values():
                for future in futures:
                    future.cancel()
            self._waiting.clear()

    async def _answer(self) -> None:
        keys = list(self._waiting)[: _SIZES[-1]]
        asked = {key: self._waiting.pop(key) for key in keys}
        size = next(size for size in _SIZES if size >= len(keys))
        found: dict[Any, list[Row]] = {key: [] for key in keys}
        try:
            for row in await self._run_query(self._texts[size], (*keys, *[keys[-1]] * (size - len(keys)))):
                found[row[0]].append(row)
        except BaseException as error:
            for futures in asked.values():
                for future in futures:
                    _fail(future, error)
            if not isinstance(error, Exception):
                raise
            return
        for key, futures in asked.items():
            for future in futures:
                if not future.done():
                    future.set_result(found[key])


def _fail(future: asyncio.Future[list[Row]], error: BaseException) -> None:
    if future.done():
        return
    if isinstance(error, Exception):
        future.set_exception(error)
        future.exception()  # those who wait get it; if nobody does any more, it is no news
    else:
        future.cancel()


@cache  # compiling takes milliseconds, and people's side makes readers of its own for every look
def _text(select: Select[Any], key: ColumnElement[Any], size: int) -> str:
    names: list[BindParameter[Any]] = [bindparam(f"key_{position}") for position in range(size)]
    return Statement(select.where(key.in_(names) if size > 1 else key == names[0])).text
