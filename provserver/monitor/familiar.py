"""
Which devices have been served at which source lately? `Familiar`; their number raises what a source may do.

Only what was released makes entries, so no stranger can fill or empty it. Bounded by sources and devices all the same.
"""

from __future__ import annotations

from collections import OrderedDict

DAY_S = 86_400.0
_SOURCES = 65_536  # the latest ones
_DEVICES = 256  # of one source: beyond that many its allowance is large enough


class _Place:
    """
    One source: devices of today and yesterday; of each whether it has proven itself, or an open window let it in.

    A device is in one of the two, and *blocks* has the blocks of 4,096 of those that have proven themselves: both are
    asked for every stranger's MAC.
    """

    __slots__ = ("began_at", "blocks", "earlier", "today")

    def __init__(self, now: float) -> None:
        self.began_at = now
        self.today: dict[int, bool] = {}
        self.earlier: dict[int, bool] = {}
        self.blocks: set[int] = set()

    def note(self, mac: int, *, proven: bool) -> None:
        """*mac* was served here today."""
        known = self.today.get(mac)
        if known is None:
            if len(self.today) >= _DEVICES:
                return
            known = self.earlier.pop(mac, False)
        elif known or not proven:
            return
        self.today[mac] = known = proven or known
        if known:
            self.blocks.add(mac >> 12)

    def turn(self, now: float) -> None:
        """Begin a new day; what was not served in the last one is forgotten."""
        self.earlier = self.today if now - self.began_at < 2 * DAY_S else {}
        self.today, self.began_at = {}, now
        self.blocks = {mac >> 12 for mac, proven in self.earlier.items() if proven}


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
        """Whether one that has proven itself stands in the same block of 4,096 as *mac*."""
        place = self._current(source, now)
        return place is not None and mac >> 12 in place.blocks

    def _current(self, source: str, now: float) -> _Place | None:
        place = self._places.get(source)
        return place if place is not None and now - place.began_at < 2 * DAY_S else None
