"""
Which devices have been served at which source lately? `Familiar`; their number raises what a source may do.

Only what was released makes entries, so no stranger can fill or empty it. Bounded by sources and devices all the same.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict

DAY_S = 86_400.0
_SOURCES = 65_536  # the latest ones
# MACs on either side: cartons hold 5 to 20 phones, and several come together. Not the whole block: who owns one phone
# could then walk through 4,096 MACs from its line, unseen.
_NEAR = 64
_DEVICES = 256  # of one source: beyond that many its allowance is large enough


class _Place:
    """
    One source: devices of today and yesterday; of each whether it has proven itself, or an open window let it in.

    A device is in one of the two. *proven* has, in order, those that have proven themselves: every stranger's MAC is
    compared with them.
    """

    __slots__ = ("began_at", "earlier", "proven", "today")

    def __init__(self, now: float) -> None:
        self.began_at = now
        self.today: dict[int, bool] = {}
        self.earlier: dict[int, bool] = {}
        self.proven: list[int] = []

    def note(self, mac: int, *, proven: bool) -> None:
        """*mac* was served here today."""
        known = self.today.get(mac)
        if known is None:
            if len(self.today) >= _DEVICES:
                return
            known = self.earlier.pop(mac, False)
        elif known or not proven:
            return
        self.today[mac] = proven or known
        if proven and not known:
            insort(self.proven, mac)

    def has_near(self, mac: int) -> bool:
        """Whether one that has proven itself stands within `_NEAR` of *mac*."""
        first = bisect_left(self.proven, mac - _NEAR)
        return first < len(self.proven) and self.proven[first] <= mac + _NEAR

    def turn(self, now: float) -> None:
        """Begin a new day; what was not served in the last one is forgotten."""
        self.earlier = self.today if now - self.began_at < 2 * DAY_S else {}
        self.today, self.began_at = {}, now
        self.proven = sorted(mac for mac, proven in self.earlier.items() if proven)


class Familiar:
    """Devices by source, of the last one to two days."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: OrderedDict[str, _Place] = OrderedDict()

    def note(self, source: str, mac: int, now: float, *, proven: bool) -> None:
        """A device was served at *source*; *proven*: not only because its window was open."""
        place = self._places.get(source)
        if place is None:
            place = self._places[source] = _Place(now)
            if len(self._places) > _SOURCES:
                self._places.popitem(last=False)
        elif now - place.began_at >= DAY_S:
            place.turn(now)
            self._places.move_to_end(source)
        place.note(mac, proven=proven)

    def count(self, source: str, now: float) -> int:
        """How many devices were served at *source*."""
        place = self._current(source, now)
        return len(place.today) + len(place.earlier) if place else 0

    def has_neighbour(self, source: str, mac: int, now: float) -> bool:
        """Whether one that has proven itself stands so near to *mac* that they came in one delivery."""
        place = self._current(source, now)
        return place is not None and place.has_near(mac)

    def _current(self, source: str, now: float) -> _Place | None:
        place = self._places.get(source)
        return place if place is not None and now - place.began_at < 2 * DAY_S else None
