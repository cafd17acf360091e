"""
Which devices have been served at which source lately? `Familiar`; their number raises what a source may do.

Only what was released makes entries, so no stranger can fill or empty it. Bounded by sources and devices all the same.
"""

from __future__ import annotations

from collections import OrderedDict

DAY_S = 86_400.0
_SOURCES = 65_536  # the latest ones
# MACs on either side: cartons hold 5 to 20 phones, and several come together. Not the whole block: who owns one phone
# could then walk through 4,096 MACs from its line, unseen.
_NEAR = 64
_DEVICES = 256  # of one source: beyond that many its allowance is large enough


class _Place:
    """One source: devices of today and yesterday; of each whether it has proven itself, or an open window let it in."""

    __slots__ = ("began_at", "earlier", "today")

    def __init__(self, now: float) -> None:
        self.began_at = now
        self.today: dict[int, bool] = {}
        self.earlier: dict[int, bool] = {}


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
            place.earlier = place.today if now - place.began_at < 2 * DAY_S else {}
            place.today, place.began_at = {}, now
            self._places.move_to_end(source)
        today = place.today
        if mac in today or len(today) < _DEVICES:
            today[mac] = proven or today.get(mac, False)

    def count(self, source: str, now: float) -> int:
        """How many devices were served at *source*."""
        place = self._current(source, now)
        return len(place.today.keys() | place.earlier.keys()) if place else 0

    def has_neighbour(self, source: str, mac: int, now: float) -> bool:
        """Whether one that has proven itself stands so near to *mac* that they came in one delivery."""
        place = self._current(source, now)
        if place is None:
            return False
        days = (place.today, place.earlier)
        return any(proven and abs(known - mac) <= _NEAR for day in days for known, proven in day.items())

    def _current(self, source: str, now: float) -> _Place | None:
        place = self._places.get(source)
        return place if place is not None and now - place.began_at < 2 * DAY_S else None
