"""
`FileAnswer`: a stored file over HTTP, whole or in part, without reading it into this process where the system can send.

Firmware has tens of megabytes and a hundred phones want it at once. The kernel copies it from the file to the socket
(sendfile); over TLS, and on an event loop that has no sendfile, it passes through in pieces.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from multidict import CIMultiDictProxy

from provserver.domain.stored_file import StoredFile, matches
from provserver.http.answers import DateHeader, PhoneAnswer
from provserver.http.request import PhoneRequest
from provserver.metric_labels import Outcome
from provserver.services.requests.answers import Answer

_READ_BYTES = 262_144  # at once, where the system does not send by itself
_LONGEST_BYTES = 8_388_608  # for who takes that much in a blink
_BLINK = 1 / 16  # of the time limit: who becomes sixteen times as slow between two pieces is still in time
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)
_OK, _PARTIAL, _NOT_MODIFIED, _NOT_SATISFIABLE = 200, 206, 304, 416
_OUTCOMES: dict[int, Outcome] = {_NOT_MODIFIED: "not_modified", _NOT_SATISFIABLE: "bad_request"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What of a file is asked for: the status, and the bytes from *start* up to, and without, *stop*."""

    status: int
    start: int = 0
    stop: int = 0


def select(headers: CIMultiDictProxy[str], method: str, file: StoredFile) -> Selected:
    """
    Evaluate preconditions and range in the order of RFC 9110 13.2.2.

    A range that cannot be read, and several at once, get the whole file, as 14.2 allows.
    """
    if _is_known(headers, file):
        return Selected(status=_NOT_MODIFIED)
    whole = Selected(status=_OK, stop=file.size_bytes)
    wanted = headers.get("Range")
    if wanted is None or method != "GET" or not _still_the_same(headers.get("If-Range"), file):
        return whole
    match = _RANGE.fullmatch(wanted.strip())
    if match is None or match[0].endswith("=-"):
        return whole
    first, last = match.groups()
    if not first:  # the last so many bytes
        start, stop = max(0, file.size_bytes - int(last)), file.size_bytes
    else:
        start, stop = int(first), min(int(last) + 1 if last else file.size_bytes, file.size_bytes)
        if last and int(last) < int(first):
            return whole  # 14.1.1: invalid, not unsatisfiable
    if start >= stop:
        return Selected(status=_NOT_SATISFIABLE)
    return Selected(status=_PARTIAL, start=start, stop=stop)


class FileAnswer(PhoneAnswer):
    """
    An answer that is the content of *file*.

    *limit_s* bounds the time in which the other side takes a piece, of *piece_bytes* at first; *goes_on* is called
    before each. `sent_bytes` says how many bytes of it have been handed to the system.
    """

    def __init__(
        self, file: StoredFile, *, date: DateHeader, limit_s: float, piece_bytes: int, goes_on: Callable[[], None]
    ) -> None:
        super().__init__(status=_OK, date=date)
        self._file = file
        self._limit_s = limit_s
        self._piece_bytes = max(1, piece_bytes)
        self._goes_on = goes_on
        self.sent_bytes = 0

    async def send(self, request: PhoneRequest) -> None:
        """Send it. Raises OSError for a file that is not there, ConnectionError when the other side has gone."""
        selected = select(request.headers, request.method, self._file)
        self._describe(selected)
        size_bytes = selected.stop - selected.start
        if request.method == "HEAD" or not size_bytes:
            await super().send(request)
            return
        content = await asyncio.to_thread(_opened, self._file.path, selected.start)
        try:
            await super().send(request)
            await self._send(request, content, selected)
        finally:
            await asyncio.to_thread(content.close)

    def _describe(self, selected: Selected) -> None:
        file = self._file
        self.status = selected.status
        fields = [f"ETag: {file.etag}", f"Last-Modified: {file.changed_text}", "Cache-Control: no-cache"]
        if selected.status != _NOT_MODIFIED:
            fields += ["Accept-Ranges: bytes", f"Content-Type: {file.content_type}"]
        if selected.status == _PARTIAL:
            fields.append(f"Content-Range: bytes {selected.start}-{selected.stop - 1}/{file.size_bytes}")
        if selected.status == _NOT_SATISFIABLE:
            fields.append(f"Content-Range: bytes */{file.size_bytes}")
        self._fields = "".join(f"{field}\r\n" for field in fields)
        self._length = selected.stop - selected.start

    async def _send(self, request: PhoneRequest, content: BinaryIO, selected: Selected) -> None:
        """Send piece by piece: a limit for the whole would end slow downloads, none would let them stand for ever."""
        clock = asyncio.get_running_loop().time
        start, longest = selected.start, self._piece_bytes
        while start < selected.stop:
            size_bytes, began = min(longest, selected.stop - start), clock()
            self._goes_on()
            try:
                async with asyncio.timeout(self._limit_s):
                    await _send_piece(request, content, start, size_bytes)
            except TimeoutError as error:
                if request.connection.transport is not None:
                    request.connection.transport.abort()
                msg = "the client does not take what it asked for"
                raise ConnectionResetError(msg) from error
            self.sent_bytes += size_bytes
            start += size_bytes
            if clock() - began < self._limit_s * _BLINK:
                longest = min(longest * 2, _LONGEST_BYTES)


async def report_file(request: PhoneRequest, response: FileAnswer, answer: Answer) -> None:
    """Send *response*, and put into *answer* what became of it: its status, the bytes that left."""
    outcome, answer.outcome = answer.outcome, "broken"
    try:
        await response.send(request)
        answer.outcome = _OUTCOMES.get(response.status, outcome)
    finally:
        answer.status, answer.sent_bytes = response.status, response.sent_bytes


async def _send_piece(request: PhoneRequest, content: BinaryIO, start: int, size_bytes: int) -> None:
    transport = request.connection.transport
    if transport is None or transport.is_closing():
        msg = "the client has gone"
        raise ConnectionResetError(msg)
    sent = None
    if transport.get_extra_info("sslcontext") is None:
        with contextlib.suppress(NotImplementedError):  # uvloop has none
            sent = await asyncio.get_running_loop().sendfile(transport, content, start, size_bytes)
    if sent is None:
        sent = await _pass_through(request, transport, content, start, size_bytes)
    if sent != size_bytes:  # the length has been said: what is missing cannot be made good
        transport.abort()
        msg = f"{size_bytes - sent} bytes are missing in the file"
        raise ConnectionResetError(msg)


async def _pass_through(
    request: PhoneRequest, transport: asyncio.Transport, content: BinaryIO, start: int, size_bytes: int
) -> int:
    """Read and write, with little of it in memory at any time; says how many bytes there were."""
    sent = 0
    while sent < size_bytes:
        wanted = min(_READ_BYTES, size_bytes - sent)
        part = await asyncio.to_thread(os.pread, content.fileno(), wanted, start + sent)
        if not part:
            break
        transport.write(part)
        await request.connection.drain()
        sent += len(part)
    return sent


def _opened(path: Path, start: int) -> BinaryIO:
    content = path.open("rb", buffering=0)
    content.seek(start)
    return content


def _is_known(headers: CIMultiDictProxy[str], file: StoredFile) -> bool:
    """Whether the other side has this very content. Dates count only where no tags are given."""
    tags = headers.get("If-None-Match")
    if tags is not None:
        return matches(tags, file.etag)
    since = _moment(headers.get("If-Modified-Since"))
    return since is not None and file.changed_s <= since


def _still_the_same(validator: str | None, file: StoredFile) -> bool:
    """RFC 9110 13.1.5: a strong tag, or exactly the date; anything else, and the part might be another file's."""
    if validator is None or validator.strip() == file.etag:
        return True
    return _moment(validator) == file.changed_s


def _moment(text: str | None) -> int | None:
    """An HTTP date as seconds since 1970; None for anything else."""
    try:
        return int(parsedate_to_datetime(text).timestamp()) if text else None
    except (ValueError, OverflowError):
        return None
