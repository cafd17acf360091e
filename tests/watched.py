"""
A watch over the whole suite: whatever was a secret in a test is in nothing that the server said during it.

Secret is every text that became a `Secret` and every token in a URL; said are log lines, audit entries, events of
devices, errors and metrics. Loaded by the suite's conftest. A test that says a secret on purpose carries the marker
`says_secrets`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import pytest

from provserver.errors import ProvserverError
from provserver.log.output import Sink
from provserver.metrics import Metrics
from provserver.secret import Secret
from provserver.storage import audit, events
from provserver.storage.hot import Statement
from provserver.vault.tokens import TokenKey

SHORTEST = 8  # characters: shorter ones are in other words by chance, and "secret" is a word
MOST_SECRETS = 300  # of one test: property tests make thousands
MOST_SAID = 4_000_000  # characters of one test


@dataclass(slots=True)
class Watch:
    """What one test has made secret, and what was said."""

    secrets: dict[str, None] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    size: int = 0
    metrics: list[Metrics] = field(default_factory=list)

    def hide(self, text: str) -> None:
        """*text* must not be said from now on; what was said before is looked through as well."""
        if len(text) >= SHORTEST and not _NAME.fullmatch(text) and len(self.secrets) < MOST_SECRETS:
            self.secrets[text] = None

    def hear(self, text: str) -> None:
        """*text* has been said."""
        if self.size < MOST_SAID:
            self.said.append(text)
            self.size += len(text)

    def slips(self) -> list[str]:
        """What was said although it was secret, with what stood around it."""
        said = "\n".join([*self.said, *(_rendered(metrics).decode() for metrics in self.metrics)])
        found = []
        for secret in self.secrets:
            at = said.find(secret)
            if at >= 0:
                found.append(f"{secret!r} in {said[max(0, at - 80) : at + len(secret) + 40]!r}")
        return found


_NAME = re.compile(r"(line|setting)\.[a-z0-9_.]+")  # of a secret, which tests put in its place
_watch = Watch()
_rendered = Metrics.render  # as it is, whatever a test puts in its place


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch."""
    config.addinivalue_line("markers", "says_secrets(reason): says a secret on purpose, to show that it is noticed")
    _after(Secret, "__init__", lambda _result, _self, text: _watch.hide(text))
    _after(TokenKey, "_token", lambda result, *_arguments: _watch.hide(result))
    _after(Sink, "append", lambda _result, _self, line: _watch.hear(bytes(line).decode(errors="replace")))
    _after(ProvserverError, "__init__", lambda _result, _self, *arguments: _watch.hear(repr(arguments)))
    _after(Metrics, "__init__", lambda _result, self, *_arguments, **_options: _watch.metrics.append(self))
    _after(audit, "append", lambda _result, _tx, **entry: _watch.hear(repr(entry)))
    _after(Statement, "bind", _hear_event)


def _hear_event(_result: object, statement: Statement, **values: object) -> None:
    if statement is events.ADD_EVENT:
        _watch.hear(repr(values))


def _after(owner: object, name: str, note: Callable[..., None]) -> None:
    """Have *note* called with the result and the arguments of each call."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def noted(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the original takes and gives
        result = original(*arguments, **options)
        note(result, *arguments, **options)
        return result

    setattr(owner, name, noted)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test during which a secret was said."""
    yield
    if item.get_closest_marker("says_secrets") is None:
        slips = _watch.slips()
        if slips:
            pytest.fail("a secret was said: " + "; ".join(slips[:3]), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    """Forget the last test; what fixtures do belongs to the one that is set up."""
    global _watch  # noqa: PLW0603 - one test at a time, and what is wrapped knows no test
    _watch = Watch()
    yield
