"""When a phone asks again: every so often, or once a day within a stretch of time."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import At, Entry, Parameter

_SOURCE = "Trio guide p. 174 and maker's FAQ 68444: prov.polling.*"
_MIN_PERIOD_S = 3601  # "integer > 3600": a shorter wish is met as nearly as the phone can
_DAY_S = 86_400
_DAY_MIN = 1440


def _interval(minutes: int, at: At) -> Iterator[Entry]:
    if _window(at) is None:  # a phone has one mode, and a daily hour is the closer wish
        yield Entry("prov.polling.enabled", "1")
        yield Entry("prov.polling.mode", "rel")
        yield Entry("prov.polling.period", str(max(_MIN_PERIOD_S, minutes * 60)))


def _daily(_start: str, at: At) -> Iterator[Entry]:
    """
    Poll once a day at a moment of the window, which is the phone's own: its MAC spreads phones over the window.

    The mode "random" with prov.polling.timeRandomEnd is no daily window: up to a day of period it ignores the times,
    and beyond, it polls on one day in several (Trio guide p. 174).
    """
    window = _window(at)
    if window is None:
        return
    start, length = window
    hours, minutes = divmod((start + int(at.view.mac.value, 16) % length) % _DAY_MIN, 60)
    yield Entry("prov.polling.enabled", "1")
    yield Entry("prov.polling.mode", "abs")
    yield Entry("prov.polling.period", str(_DAY_S))
    yield Entry("prov.polling.time", f"{hours:02}:{minutes:02}")


def _window(at: At) -> tuple[int, int] | None:
    """Start and length in minutes. Without an end it is the start alone; it may go past midnight."""
    start, end = at.view.settings.get("resync_from"), at.view.settings.get("resync_until")
    if not isinstance(start, str):
        return None
    first = _minutes(start)
    return first, ((_minutes(end) - first) % _DAY_MIN or 1) if isinstance(end, str) else 1


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


POLLING: tuple[Parameter, ...] = (
    Parameter(setting="resync_minutes", write=_interval, source=_SOURCE, confidence="H"),
    Parameter(setting="resync_from", write=_daily, source=_SOURCE, confidence="H"),
    Parameter(setting="resync_until", write=_daily, source=_SOURCE, confidence="H"),
)
