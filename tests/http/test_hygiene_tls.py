"""What is said behind a handshake is treated as without one: the same answers, and no line that is too long."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from tests.http.door import Door, open_door
from tests.http.junk import HOSTILE, MALFORMED, MARK, METHODS, ODD
from tests.http.test_hygiene import BAD_REQUEST, NOT_ALLOWED, REFUSED, written
from tests.http.tls import NAME, make, phone, settings_of

AT_ONCE = 32  # handshakes; more take no less time


async def answers(door: Door, junk: dict[str, bytes], *, whole: bool = True) -> dict[str, bytes]:
    """All that comes back for each over TLS, without the dates; without *whole*, the handshake is left out."""
    turns, tls = asyncio.Semaphore(AT_ONCE), phone()

    async def answer(content: bytes) -> bytes:
        async with turns, door.connected("tls", tls=tls if whole else None) as wire:
            with suppress(ConnectionError):
                await wire.send(content)
            received = await wire.rest()
        return b"\r\n".join(line for line in received.split(b"\r\n") if not line.startswith(b"Date: "))

    return dict(zip(junk, await asyncio.gather(*map(answer, junk.values())), strict=True))


async def test_the_corpus_gets_the_same_answers_over_tls(data: Path, tmp_path: Path) -> None:
    async with open_door(data, idle_s=0.5, tls=settings_of(make(tmp_path, NAME))) as door:
        malformed = await answers(door, MALFORMED)
        hostile = await answers(door, HOSTILE)
        odd = await answers(door, ODD)
        methods = await answers(door, METHODS)

        lost = {name for name, answer in malformed.items() if not answer}
        assert lost <= {"header without an end"}, "its answer may be lost while it is still sending"
        assert set(malformed.values()) <= {BAD_REQUEST, b""}
        assert door.malformed() == len(MALFORMED)
        assert set(hostile.values()) == {b"HTTP/1.1 " + REFUSED}
        assert {answer.partition(b" ")[2] for answer in odd.values()} == {REFUSED}
        assert set(methods.values()) == {NOT_ALLOWED}
        assert MARK not in b"".join((*malformed.values(), *hostile.values(), *methods.values()))
        assert {row["tls_version"] for row in await door.requests()} == {"TLSv1.3"}
        written(door)


async def test_the_corpus_without_a_handshake_is_closed_without_a_word(data: Path, tmp_path: Path) -> None:
    everything = {**MALFORMED, **HOSTILE, **ODD, **METHODS}
    async with open_door(data, tls=settings_of(make(tmp_path, NAME), handshake_s=0.5)) as door:
        found = await answers(door, everything, whole=False)

        assert {answer[:1] for answer in found.values()} <= {b"", b"\x15"}, "nothing, or an alert of TLS"
        assert door.count("handshake_failures_total", listener="tls") == len(everything)
        assert await door.requests() == []
        assert len(door.lines()) < 50, "one for an address and a reason in a while"
        written(door)
