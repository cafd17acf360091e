"""Whatever a service answers, a client gives a result or says that the service or the account is at fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from provserver.errors import RedirectError
from provserver.outbound.http import Outside
from provserver.redirect.channel import Channel
from provserver.redirect.pace import Pace
from tests.clocks import FakeClock
from tests.redirect.loopback import answer, loopback
from tests.redirect.recordings import Recording, client, perform, recordings

SCALARS: tuple[Any, ...] = (None, True, 0, -1, "", "x", [], {}, [None], [[]], [{}], {"": None})
PARTS: tuple[Any, ...] = (None, 7, "x", [7], {})
NAMED = [r for r in recordings() if "raises" not in r.facts and r.facts.get("exchange")]
# The longest of each operation of each service: it reads all the answers that shorter ones do.
NAMED.sort(key=lambda r: len(r.facts["exchange"]))
EACH = list({(r.service, r.facts["operation"]): r for r in NAMED}.values())


@pytest.fixture(autouse=True)
def _one_try() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def channel(outside: Outside, clock: FakeClock) -> Channel:
    """One that never has to wait for its turn: the clock stands still, and there are thousands of calls."""
    return Channel(outside, pace=Pace(per_s=1, burst=1_000_000, clock=clock), clock=clock)


def spoilt(text: str) -> Iterator[str]:
    """*text* cut short, and with each of its values replaced by what does not belong there."""
    yield from ("", text[: len(text) // 2], "<html>busy</html>", "\x00", "null")
    if text.startswith(("{", "[")):
        value = json.loads(text)
        yield from (json.dumps(scalar) for scalar in SCALARS)
        yield from (json.dumps(changed) for changed in _changed(value))
    else:
        for tag in ("boolean", "string", "int", "array", "value", "struct", "ErrorCode", "status"):
            if f"<{tag}>" in text:
                yield text.replace(f"<{tag}>", "<nil/>").replace(f"</{tag}>", "")
                yield text.replace(f"<{tag}>", "<double>").replace(f"</{tag}>", "</double>")


def _changed(value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """*value* with one of its parts, at any depth, replaced."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(parts):
        for other in PARTS:
            yield _with(value, key, other)
        for changed in _changed(part):
            yield _with(value, key, changed)


def _with(value: Any, key: Any, part: Any) -> Any:  # noqa: ANN401 - JSON
    copied = value.copy()
    copied[key] = part
    return copied


@pytest.mark.parametrize("recording", EACH, ids=lambda r: f"{r.service}-{r.name}")
async def test_junk_is_no_mistake_of_ours(recording: Recording, channel: Channel, clock: FakeClock) -> None:
    exchanges = recording.facts["exchange"]
    spoils = {
        (position, text) for position, exchange in enumerate(exchanges) for text in spoilt(exchange.get("reply", ""))
    }
    async with loopback() as service:
        for position, text in sorted(spoils):
            service.replies[:] = [*recording.replies[:position], answer(text), *recording.replies[position + 1 :]]
            service.replies.append(service.replies[-1])
            try:
                results = await perform(client(recording.service, channel, service.url, clock), recording)
            except RedirectError as error:
                assert str(error)  # noqa: PT017 - either is fine; nothing else is
                continue
            assert all(len(result.get("said", "")) <= 200 for result in results)
            assert all(result.get("said", "").isprintable() for result in results)
