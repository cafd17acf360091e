"""
`Zone`: the standard offset of an IANA time zone and its lasting daylight-saving rule, to be put in any maker's words.

Phones do not know the tz database, or an old one; they take an offset and two dates that return every year. Both stand
in the last line of a zone's TZif file, a POSIX TZ string (RFC 8536 section 3.3, POSIX.1-2017 section 8.3). The file is
read from the package ``tzdata``, never from the machine: the same release gives the same bytes to a phone everywhere.
Reading that package is the only I/O here; it is data installed with the program, as a module is.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

from provserver.errors import InvalidValue

ZONES_CACHED = 700  # every name of the tz database (598 in release 2026f) and some growth
_QUOTED_CHARS = 40  # an unknown name is quoted in the error; the longest real one has 32 characters
_UNSPECIFIED = "Factory"  # tz database: "local time zone must be set", a marker and no place's time

_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_MAX_OFFSET = timedelta(hours=25)  # POSIX 8.3: hours 0 to 24 with up to 59 minutes and seconds, so less than 25 h
_FEBRUARY, _DECEMBER = 2, 12
_FIRST_AFTER_LEAP_DAY = 60  # 1 March in the count of 365 days
_COMMON_YEAR = 2025  # any without 29 February: the length of the other months is the same in all
_LEAP_CYCLE = range(2025, 2029)  # a rule by day of the year repeats its pattern with the leap years

_NAME = r"<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,}"
_HMS = r"[+-]?\d{1,3}(?::[0-5]\d){0,2}"
_DATE = rf"(?:M\d{{1,2}}\.\d\.\d|J?\d{{1,3}})(?:/{_HMS})?"
_POSIX = re.compile(
    rf"(?P<std>{_NAME})(?P<std_west>{_HMS})(?:(?P<dst>{_NAME})(?P<dst_west>{_HMS})?,(?P<start>{_DATE}),(?P<end>{_DATE}))?",
    re.ASCII,  # digits of other scripts are digits to int() too
)
_DEFAULT_TIME = "2"  # POSIX 8.3: "the default, if time is not given, shall be 02:00:00"


class UnknownZone(InvalidValue, ValueError):
    """There is no time zone called *name* in the tz database. Names are compared exactly, case included."""

    def __init__(self, name: str) -> None:
        super().__init__("timezone", f"no zone {name[:_QUOTED_CHARS]!r}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class OnOrAfter:
    """The first *weekday* (0 = Sunday) on or after *day* of *month*, at *time*, which is within 0:00 to 23:59:59."""

    month: int
    day: int
    weekday: int
    time: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """
    The moment in a year when clocks change: *weekday* (0 = Sunday) of *week* (5 = the last one) of *month*, at *time*.

    *time* is counted from 0:00 of that day on the clock as it stands before the change. RFC 8536 lets it run from
    -167 h to 167 h, and the real data use that: Greenland -1 h, Chile 24 h, Israel 26 h, Gaza 50 h. It is kept so
    because no other week and weekday says the same in every year (the day after the first Saturday is not always the
    first Sunday); see `is_plain` and `on_or_after` for what a maker's notation can do with it.
    """

    month: int
    week: int
    weekday: int
    time: timedelta

    def __post_init__(self) -> None:
        if not (1 <= self.month <= _DECEMBER and 1 <= self.week <= 5 and 0 <= self.weekday <= 6):  # noqa: PLR2004 - POSIX 8.3
            raise InvalidValue("timezone", f"M{self.month}.{self.week}.{self.weekday} is not a day of the year")
        _check_time(self.time)

    @property
    def is_plain(self) -> bool:
        """Whether *time* falls on the named day itself, 0:00 to 23:59:59, as most makers' notations need it."""
        return timedelta(0) <= self.time < _DAY

    def on(self, year: int) -> datetime:
        """The moment in *year*, naive: local wall time as it stands before the change."""
        first = datetime(year, self.month, 1)  # noqa: DTZ001 - wall time has no zone
        ahead = (self.weekday - first.isoweekday()) % 7  # ISO's Sunday is 7, POSIX's 0: the same modulo 7
        day = 1 + ahead + 7 * (self.week - 1)
        if day > monthrange(year, self.month)[1]:
            day -= 7  # week 5 means the last one, also where there are four
        return first + timedelta(days=day - 1) + self.time

    def on_or_after(self) -> OnOrAfter | None:
        """
        The same moment as the first weekday on or after a date, its *time* brought within the day; exact in every year.

        None where the length of February decides: no fixed date is right in both kinds of year.
        """
        days, time = divmod(self.time, _DAY)
        month, weekday = self.month, (self.weekday + days) % 7
        if self.week < 5:  # noqa: PLR2004 - 5 = last
            day = 7 * (self.week - 1) + 1 + days
        elif month != _FEBRUARY:
            day = monthrange(_COMMON_YEAR, month)[1] - 6 + days
        else:
            return None
        if day < 1:  # days are -7 to 6: it may fall before the month, never after its end
            month = (month - 2) % _DECEMBER + 1
            if month == _FEBRUARY:
                return None
            day += monthrange(_COMMON_YEAR, month)[1]
        return OnOrAfter(month=month, day=day, weekday=weekday, time=time)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearDay:
    """
    A change on a numbered day of the year, at *time* as in `Transition`.

    POSIX has two counts: ``Jn`` from 1 to 365, in which 29 February has no number, and plain ``n`` from 0 to 365, in
    which it *counts*. Iran had the former until 2022; no zone of release 2026f has either.
    """

    day: int
    counts_leap_day: bool
    time: timedelta

    def __post_init__(self) -> None:
        if not (0 if self.counts_leap_day else 1) <= self.day <= 365:  # noqa: PLR2004 - POSIX 8.3
            raise InvalidValue("timezone", f"{self.day} is not a day of the year")
        _check_time(self.time)

    def on(self, year: int) -> datetime:
        """The moment in *year*, naive: local wall time as it stands before the change."""
        days = self.day
        if not self.counts_leap_day and not (isleap(year) and self.day >= _FIRST_AFTER_LEAP_DAY):
            days -= 1
        return datetime(year, 1, 1) + timedelta(days=days) + self.time  # noqa: DTZ001 - wall time has no zone


@dataclass(frozen=True, slots=True, kw_only=True)
class DstRule:
    """Summer time from *start* (standard time on the clock) to *end* (summer time on the clock), *save* ahead."""

    start: Transition
    end: Transition
    save: timedelta

    def __post_init__(self) -> None:
        _check_save(self.save)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRule:
    """Like `DstRule`, but at least one change has its date by the day of the year; few phones can be told so."""

    start: Transition | YearDay
    end: Transition | YearDay
    save: timedelta

    def __post_init__(self) -> None:
        _check_save(self.save)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """
    A time zone as a phone can be told it: *offset* east of UTC in standard time, and how summer time comes and goes.

    *rule* is None where clocks do not change; *dated* takes its place for a zone whose rule is no matter of weeks.
    *offset* is always the winter one: Ireland, whose law calls winter the exception, looks like Great Britain here.
    Abbreviations are the tz database's: letters ("CET") or digits with a sign ("+03") where there is no English usage.
    """

    name: str
    offset: timedelta
    abbreviation: str
    dst_abbreviation: str | None = None
    rule: DstRule | None = None
    dated: DatedRule | None = None

    def offset_at(self, moment: datetime) -> timedelta:
        """The offset east of UTC that the rule gives at the aware *moment*."""
        rule = self.rule or self.dated
        if rule is None:
            return self.offset
        standard = (moment.astimezone(UTC) + self.offset).replace(tzinfo=None)
        start, end = rule.start.on(standard.year), rule.end.on(standard.year) - rule.save
        # South of the equator summer runs across New Year: it is not summer between end and start.
        is_summer = start <= standard < end if start < end else not end <= standard < start
        return self.offset + rule.save if is_summer else self.offset


@lru_cache(maxsize=ZONES_CACHED)
def load_zone(name: str) -> Zone:
    """The zone with the IANA *name*, e.g. "Europe/Berlin". Raises UnknownZone for anything else."""
    return parse_posix(_footer(_tzif(name)), name=name)


def posix_string(zone: Zone) -> str:
    """The POSIX TZ string of *zone* as tz data has it, for phones that take one, e.g. "GMT0BST,M3.5.0/1,M10.5.0"."""
    return _footer(_tzif(zone.name))


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All names that `load_zone` takes, old ones ("Asia/Calcutta") and links ("GB") included."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(listed.split()) - {_UNSPECIFIED}


def deviates(name: str, year: int) -> bool:
    """
    Whether clocks in the zone *name* differ in *year*, for a day or more, from what its lasting rule says.

    A phone that was told the rule is then wrong for a while: the law changes during that year or later (Morocco until
    20 September 2026), or makes an exception (Cuba keeps summer time in winter 2026/27).
    """
    zone = load_zone(name)
    actual = ZoneInfo.from_file(BytesIO(_tzif(name)), key=name)
    noon = datetime(year, 1, 1, 12, tzinfo=UTC)
    moments = (noon + timedelta(days=days) for days in range(365 + isleap(year)))
    return any(moment.astimezone(actual).utcoffset() != zone.offset_at(moment) for moment in moments)


def parse_posix(text: str, *, name: str) -> Zone:
    """
    Read a POSIX TZ string with the extensions of RFC 8536, e.g. "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", as zone *name*.

    Winter time that the text calls a saving (negative DST) is turned round, and summer time that never ends becomes
    the standard. Raises InvalidValue for anything else, also for a summer time without dates.
    """
    found = _POSIX.fullmatch(text)
    if found is None:
        raise InvalidValue("timezone", f"{text!r} is not a POSIX TZ string")
    std, offset = found["std"].strip("<>"), _east(found["std_west"])
    if found["dst"] is None:
        return Zone(name=name, offset=offset, abbreviation=std)
    dst, summer = found["dst"].strip("<>"), _east(found["dst_west"]) if found["dst_west"] else offset + _HOUR
    start, end = _parse_date(found["start"]), _parse_date(found["end"])
    if _never_ends(start, end, save=summer - offset):
        return Zone(name=name, offset=summer, abbreviation=dst)
    if summer < offset:  # Europe/Dublin: IST-1GMT0. Each change keeps its own clock, so only the names trade places.
        (std, offset, start), (dst, summer, end) = (dst, summer, end), (std, offset, start)
    save = summer - offset
    zone = Zone(name=name, offset=offset, abbreviation=std, dst_abbreviation=dst)
    if isinstance(start, Transition) and isinstance(end, Transition):
        return replace(zone, rule=DstRule(start=start, end=end, save=save))
    return replace(zone, dated=DatedRule(start=start, end=end, save=save))


def _tzif(name: str) -> bytes:
    """The TZif file of the zone. The list of names is the check: nothing else is ever looked for on disk."""
    if name not in zone_names():
        raise UnknownZone(name)
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def _footer(tzif: bytes) -> str:
    """The last line, which RFC 8536 section 3.3 puts between two newlines. Version 1 files have none."""
    if tzif[:4] != b"TZif" or tzif[4:5] < b"2" or not tzif.endswith(b"\n"):
        raise InvalidValue("timezone", "the tz database has a file without a rule for the future")
    return tzif[:-1].rpartition(b"\n")[2].decode("ascii")


def _parse_date(text: str) -> Transition | YearDay:
    """Read ``Mm.w.d``, ``Jn`` or ``n``, each with or without ``/time``."""
    date, _, clock = text.partition("/")
    time = _signed(clock or _DEFAULT_TIME)
    if date.startswith("M"):
        month, week, weekday = (int(part) for part in date[1:].split("."))
        return Transition(month=month, week=week, weekday=weekday, time=time)
    return YearDay(day=int(date.removeprefix("J")), counts_leap_day=not date.startswith("J"), time=time)


def _east(west: str) -> timedelta:
    """POSIX counts offsets westward; everybody else, and this module, eastward."""
    offset = -_signed(west)
    if abs(offset) >= _MAX_OFFSET:
        raise InvalidValue("timezone", f"{west!r} is not an offset from UTC")
    return offset


def _signed(text: str) -> timedelta:
    """Read ``[+-]h[:mm[:ss]]``; the sign goes for all of it."""
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -span if text.startswith("-") else span


def _never_ends(start: Transition | YearDay, end: Transition | YearDay, *, save: timedelta) -> bool:
    """Whether summer time ends no sooner than the next one starts: RFC 8536's way to write "EST5EDT,0/0,J365/25"."""
    return all(end.on(year) - save >= start.on(year + 1) for year in _LEAP_CYCLE)


def _check_time(time: timedelta) -> None:
    if abs(time) >= _WEEK:  # RFC 8536 section 3.3.1: hours from -167 to 167
        raise InvalidValue("timezone", f"{time} is not a time of change")


def _check_save(save: timedelta) -> None:
    if save <= timedelta(0):
        raise InvalidValue("timezone", f"summer time {save} ahead of standard time is none")
