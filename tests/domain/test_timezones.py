"""Time zones: what `load_zone` says of every zone is held against Python's reading of the same tz data."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.timezones import (
    ZONES_CACHED,
    DatedRule,
    DstRule,
    OnOrAfter,
    Transition,
    UnknownZone,
    YearDay,
    Zone,
    deviates,
    load_zone,
    parse_posix,
    posix_string,
    zone_names,
)
from provserver.errors import InvalidValue

YEARS = range(2026, 2030)  # with a leap year, 2028
PLACES = [
    "Africa/Cairo",
    "Africa/Ceuta",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Africa/Tunis",
    "America/Anchorage",
    "America/Argentina/Buenos_Aires",
    "America/Bogota",
    "America/Caracas",
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Miquelon",
    "America/New_York",
    "America/Nuuk",
    "America/Phoenix",
    "America/Port-au-Prince",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/McMurdo",
    "Antarctica/Troll",
    "Antarctica/Vostok",
    "Arctic/Longyearbyen",
    "Asia/Beirut",
    "Asia/Dubai",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Nicosia",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Asia/Yangon",
    "Atlantic/Azores",
    "Atlantic/Canary",
    "Atlantic/Reykjavik",
    "Atlantic/Stanley",
    "Australia/Adelaide",
    "Australia/Brisbane",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Australia/Perth",
    "Australia/Sydney",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Moscow",
    "Indian/Maldives",
    "Indian/Mauritius",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
    "Pacific/Norfolk",
]
EVERY_ZONE = sorted(zone_names())

Changes = list[tuple[datetime, timedelta]]  # when (UTC), and the offset from then on


@lru_cache(maxsize=ZONES_CACHED)
def reference(name: str) -> ZoneInfo:
    """Python's zone, from the package and not from the machine: both sides read the same release."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as tzif:
        return ZoneInfo.from_file(tzif, key=name)


def scanned(zone: ZoneInfo, year: int) -> Changes:
    """Every change of offset in *year* (UTC), found by looking twice a day and then halving down to the second."""

    def offset(moment: datetime) -> timedelta:
        found = moment.astimezone(zone).utcoffset()
        assert found is not None
        return found

    changes = []
    low, end, step = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC), timedelta(hours=12)
    while low < end:
        before, after, high = low, low + step, low + step
        if offset(before) != offset(after):
            while after - before > timedelta(seconds=1):
                middle = before + (after - before) // timedelta(seconds=2) * timedelta(seconds=1)
                before, after = (middle, after) if offset(middle) == offset(before) else (before, middle)
            changes.append((after, offset(after)))
        low = high
    return changes


def derived(zone: Zone, year: int) -> Changes:
    """The changes in *year* as the rule of *zone* has them."""
    if zone.rule is None:
        return []
    summer = zone.offset + zone.rule.save
    start, end = zone.rule.start.on(year) - zone.offset, zone.rule.end.on(year) - summer
    return sorted([(start.replace(tzinfo=UTC), summer), (end.replace(tzinfo=UTC), zone.offset)])


@contextmanager
def system_zone(posix: str) -> Iterator[None]:
    """
    Let the C library's local time follow the *posix* rule: a third implementation, which takes every notation.

    Python's zoneinfo would not do: 3.11 counts the days of ``n`` from 1, not 0, and takes ``J59`` for 29 February.
    """
    before = os.environ.get("TZ")
    os.environ["TZ"] = posix
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


# ---------------------------------------------------------------------------------------- against other implementations


@pytest.mark.parametrize("name", PLACES)
def test_every_change_of_the_coming_years_is_where_the_tz_data_have_it(name: str) -> None:
    zone = load_zone(name)

    for year in YEARS:
        assert scanned(reference(name), year) == derived(zone, year)


@pytest.mark.parametrize("name", PLACES)
def test_offsets_of_both_seasons_are_those_of_the_tz_data(name: str) -> None:
    zone = load_zone(name)

    for month in range(1, 13):
        moment = datetime(2028, month, 15, tzinfo=UTC)
        assert moment.astimezone(reference(name)).utcoffset() == zone.offset_at(moment)


@pytest.mark.parametrize("name", PLACES)
def test_abbreviations_are_those_of_the_tz_data(name: str) -> None:
    zone = load_zone(name)

    seen = {datetime(2028, month, 15, tzinfo=UTC).astimezone(reference(name)).tzname() for month in range(1, 13)}

    assert seen == {zone.abbreviation, zone.dst_abbreviation} - {None}


@pytest.mark.parametrize("year", [2012, 2028])
def test_a_zone_either_follows_its_rule_or_is_said_to_deviate(year: int) -> None:
    """Over all zones, also in a year long ago when many had other rules; no zone may be wrong in silence."""
    silent, false_alarms = [], []

    for name in EVERY_ZONE:
        found = scanned(reference(name), year)
        start = datetime(year, 1, 1, tzinfo=UTC)
        same_offset = start.astimezone(reference(name)).utcoffset() == load_zone(name).offset_at(start)
        follows = same_offset and found == derived(load_zone(name), year)
        alarmed = deviates(name, year)
        if alarmed and follows:
            false_alarms.append(name)
        if not alarmed and not follows and not _differs_by_less_than_a_day(found, derived(load_zone(name), year)):
            silent.append(name)

    assert not silent
    assert not false_alarms


def _differs_by_less_than_a_day(found: Changes, expected: Changes) -> bool:
    return len(found) == len(expected) and all(
        abs(one - other) < hours(24) and offset == like
        for (one, offset), (other, like) in zip(found, expected, strict=True)
    )


_CLOCK = st.integers(-167 * 60, 167 * 60)  # minutes; RFC 8536 section 3.3.1


def _written(minutes: int) -> str:
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def _dates(months: range) -> st.SearchStrategy[str]:
    """A date in *months*, in each of the three ways to write one, with a time."""
    days = range(months[0] * 31 - 30, months[-1] * 29)  # inside these months, by either count
    weekly = st.builds("M{}.{}.{}".format, st.sampled_from(months), st.integers(1, 5), st.integers(0, 6))
    numbered = st.builds("{}{}".format, st.sampled_from(["J", ""]), st.sampled_from(days))
    return st.builds("{}/{}".format, weekly | numbered, _CLOCK.map(_written))


@settings(max_examples=150)
@given(
    spring=_dates(range(2, 6)),
    autumn=_dates(range(7, 11)),
    is_southern=st.booleans(),
    west=st.integers(-14 * 60, 12 * 60),
    save=st.sampled_from([-120, -60, 20, 30, 60, 120]),
    year=st.sampled_from([2027, 2028]),
)
def test_any_rule_reads_as_the_c_library_reads_it(
    *, spring: str, autumn: str, is_southern: bool, west: int, save: int, year: int
) -> None:
    start, end = (autumn, spring) if is_southern else (spring, autumn)
    posix = f"<+S0>{_written(west)}<-D1>{_written(west - save)},{start},{end}"
    first = datetime(year, 1, 1, 0, 30, tzinfo=UTC)
    moments = [first + timedelta(days=day, hours=day % 24) for day in range(364)]

    zone = parse_posix(posix, name="Test/Zone")
    read = [zone.offset_at(moment) for moment in moments]
    with system_zone(posix):
        expected = [timedelta(seconds=time.localtime(moment.timestamp()).tm_gmtoff) for moment in moments]

    assert expected == read
    rule = zone.rule or zone.dated
    assert rule is not None
    assert rule.save == timedelta(minutes=abs(save))


# -------------------------------------------------------------------------------------------------------- known values


def test_berlin_has_the_summer_time_of_the_european_union() -> None:
    zone = load_zone("Europe/Berlin")

    expected = Zone(
        name="Europe/Berlin",
        offset=hours(1),
        abbreviation="CET",
        dst_abbreviation="CEST",
        rule=DstRule(
            start=Transition(month=3, week=5, weekday=0, time=hours(2)),
            end=Transition(month=10, week=5, weekday=0, time=hours(3)),
            save=hours(1),
        ),
    )
    assert expected == zone


def test_irish_winter_counts_as_standard_time() -> None:
    """The tz database says it the other way round, IST-1GMT0, which no phone can be told."""
    dublin, london = load_zone("Europe/Dublin"), load_zone("Europe/London")

    assert posix_string(dublin).startswith("IST-1GMT0,")
    assert (hours(0), "GMT", "IST") == (dublin.offset, dublin.abbreviation, dublin.dst_abbreviation)
    assert london.rule == dublin.rule


def test_south_of_the_equator_summer_starts_late_in_the_year() -> None:
    zone = load_zone("Australia/Sydney")

    assert zone.rule is not None
    assert datetime(2026, 10, 4, 2) == zone.rule.start.on(2026)  # noqa: DTZ001 - wall time
    assert datetime(2027, 4, 4, 3) == zone.rule.end.on(2027)  # noqa: DTZ001 - wall time
    assert hours(11) == zone.offset_at(datetime(2027, 1, 1, tzinfo=UTC))


def test_lord_howe_saves_half_an_hour_and_troll_two() -> None:
    half, two = load_zone("Australia/Lord_Howe").rule, load_zone("Antarctica/Troll").rule

    assert half is not None
    assert two is not None
    assert (hours(0.5), hours(2)) == (half.save, two.save)


@pytest.mark.parametrize(
    ("name", "offset", "abbreviation"),
    [
        ("Asia/Tokyo", 9, "JST"),
        ("Asia/Kathmandu", 5.75, "+0545"),
        ("Pacific/Marquesas", -9.5, "-0930"),
        ("UTC", 0, "UTC"),
    ],
)
def test_a_zone_without_summer_time_has_no_rule(name: str, offset: float, abbreviation: str) -> None:
    zone = load_zone(name)

    assert Zone(name=name, offset=hours(offset), abbreviation=abbreviation) == zone
    assert hours(offset) == zone.offset_at(datetime(2028, 7, 1, tzinfo=UTC))


def test_an_old_name_is_the_zone_it_stands_for() -> None:
    new, old = load_zone("Asia/Kolkata"), load_zone("Asia/Calcutta")

    assert (new.offset, new.rule) == (old.offset, old.rule)


def test_every_zone_of_the_tz_data_has_a_rule_in_weeks_or_none() -> None:
    """Makers' notations are made from `rule` alone; the day a government chooses dates, this test says so."""
    dated = [name for name in EVERY_ZONE if load_zone(name).dated is not None]

    assert len(EVERY_ZONE) > 500
    assert not dated


def test_the_posix_string_is_the_last_line_of_the_file_as_it_stands() -> None:
    assert posix_string(load_zone("Europe/London")) == "GMT0BST,M3.5.0/1,M10.5.0"
    assert posix_string(load_zone("Asia/Baghdad")) == "<+03>-3"


# --------------------------------------------------------------------------------------------------- deviation by year


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("Europe/Moscow", 2013, True),  # +04 all year until October 2014
        ("Europe/Moscow", 2020, False),
        ("America/Mexico_City", 2021, True),  # summer time until 2022
        ("America/Mexico_City", 2024, False),
        ("Africa/Casablanca", 2025, True),  # an hour back in Ramadan
        ("Australia/Sydney", 2006, True),  # a week longer, for the Commonwealth Games
        ("Europe/Berlin", 2020, False),
        ("UTC", 2020, False),
    ],
)
def test_years_in_which_clocks_did_otherwise_are_told(name: str, year: int, *, expected: bool) -> None:
    assert expected is deviates(name, year)


# ------------------------------------------------------------------------------------------- times outside the day


@pytest.mark.parametrize(
    ("name", "time", "as_date"),
    [
        ("America/Nuuk", hours(-1), OnOrAfter(month=3, day=24, weekday=6, time=hours(23))),
        ("America/Santiago", hours(24), OnOrAfter(month=9, day=2, weekday=0, time=hours(0))),
        ("Asia/Jerusalem", hours(26), OnOrAfter(month=3, day=23, weekday=5, time=hours(2))),
        ("Asia/Gaza", hours(50), OnOrAfter(month=3, day=24, weekday=6, time=hours(2))),
    ],
)
def test_a_time_outside_the_day_is_kept_and_can_be_said_by_date(name: str, time: timedelta, as_date: OnOrAfter) -> None:
    rule = load_zone(name).rule

    assert rule is not None
    assert time == rule.start.time
    assert not rule.start.is_plain
    assert as_date == rule.start.on_or_after()


@given(
    month=st.integers(1, 12),
    week=st.integers(1, 5),
    weekday=st.integers(0, 6),
    minutes=_CLOCK,
    year=st.integers(1990, 2090),
)
def test_weekday_on_or_after_a_date_is_the_same_moment_in_every_year(
    *, month: int, week: int, weekday: int, minutes: int, year: int
) -> None:
    transition = Transition(month=month, week=week, weekday=weekday, time=timedelta(minutes=minutes))

    by_date = transition.on_or_after()

    assert transition.is_plain is (0 <= minutes < 24 * 60)
    if by_date is None:
        assert month in {2, 3}
        return
    assert timedelta(0) <= by_date.time < hours(24)
    moment = transition.on(year)
    year_of_date = year - (by_date.month == 12 and month == 1) + (by_date.month == 1 and month == 12)
    first = datetime(year_of_date, by_date.month, by_date.day)  # noqa: DTZ001 - wall time
    behind = moment - by_date.time - first
    assert timedelta(0) <= behind < timedelta(days=7)
    assert timedelta(0) == behind % timedelta(days=1)
    assert by_date.weekday == (moment - by_date.time).isoweekday() % 7


@pytest.mark.parametrize(("week", "expected"), [(4, 22), (5, None)])
def test_only_the_last_week_of_february_has_no_date(week: int, expected: int | None) -> None:
    by_date = Transition(month=2, week=week, weekday=0, time=hours(2)).on_or_after()

    assert expected == (by_date.day if by_date else None)


def test_no_date_is_made_up_across_the_end_of_february() -> None:
    assert Transition(month=3, week=1, weekday=0, time=hours(-1)).on_or_after() is None


# ----------------------------------------------------------------------------------------------------- other notations


def test_summer_time_starts_at_two_and_saves_an_hour_unless_said_otherwise() -> None:
    zone = parse_posix("EST5EDT,M3.2.0,M11.1.0", name="Test/Zone")

    assert hours(-5) == zone.offset
    assert zone.rule is not None
    assert (hours(2), hours(2), hours(1)) == (zone.rule.start.time, zone.rule.end.time, zone.rule.save)


def test_quoted_names_signs_minutes_and_seconds_are_read() -> None:
    zone = parse_posix("<-0330>+3:30:15<-02>2:30,M3.2.0/-1:30,M11.1.0/0:00:01", name="Test/Zone")

    assert (zone.abbreviation, zone.dst_abbreviation) == ("-0330", "-02")
    assert -timedelta(hours=3, minutes=30, seconds=15) == zone.offset
    assert zone.rule is not None
    assert -timedelta(minutes=90) == zone.rule.start.time
    assert timedelta(seconds=1) == zone.rule.end.time
    assert timedelta(hours=1, seconds=15) == zone.rule.save


@pytest.mark.parametrize(
    ("date", "common_year", "leap_year"),
    [
        ("J1/0", "2027-01-01", "2028-01-01"),
        ("J59/0", "2027-02-28", "2028-02-28"),
        ("J60/0", "2027-03-01", "2028-03-01"),
        ("J365/0", "2027-12-31", "2028-12-31"),
        ("0/0", "2027-01-01", "2028-01-01"),
        ("59/0", "2027-03-01", "2028-02-29"),
        ("60/0", "2027-03-02", "2028-03-01"),
        ("J79/24", "2027-03-21", "2028-03-21"),  # Iran until 2022
    ],
)
def test_days_of_the_year_are_counted_with_and_without_the_leap_day(
    date: str, common_year: str, leap_year: str
) -> None:
    rule = parse_posix(f"AAA0BBB,{date},M10.5.0", name="Test/Zone").dated

    assert rule is not None
    assert isinstance(rule.start, YearDay)
    assert datetime.fromisoformat(common_year) == rule.start.on(2027)
    assert datetime.fromisoformat(leap_year) == rule.start.on(2028)


def test_a_rule_by_dates_is_kept_apart_from_one_by_weeks() -> None:
    zone = parse_posix("<+0330>-3:30<+0430>,J79/24,J263/24", name="Test/Zone")

    assert zone.rule is None
    assert isinstance(zone.dated, DatedRule)
    assert hours(4.5) == zone.offset_at(datetime(2027, 7, 1, tzinfo=UTC))
    assert hours(3.5) == zone.offset_at(datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", ["EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23"])
def test_summer_time_that_never_ends_is_the_standard(text: str) -> None:
    """The two ways of RFC 8536 section 3.3.1 to say so, the second with a negative saving."""
    zone = parse_posix(text, name="Test/Zone")

    assert Zone(name="Test/Zone", offset=hours(-4), abbreviation="EDT") == zone


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Atlantis",
        "europe/berlin",
        "Europe",
        "Europe/",
        "Europe/Berlin/",
        "Europe//Berlin",
        "Europe/Berlin\n",
        " Europe/Berlin",
        "",
        ".",
        "Factory",
        "zones",
        "../zones",
        "__init__.py",
        "Europe/__init__.py",
        "../../etc/passwd",
        "../../../../../../../../etc/passwd",
        "/etc/passwd",
        "Europe/../../__init__.py",
        "Europe/../Europe/Berlin",
        "Europe\\Berlin",
        "Europe/Berlin\0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
    ],
)
def test_a_name_that_the_tz_data_do_not_list_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone) as refused:
        load_zone(name)
    with pytest.raises(UnknownZone):
        deviates(name, 2028)
    with pytest.raises(UnknownZone):
        posix_string(Zone(name=name, offset=hours(0), abbreviation="UTC"))

    assert name == refused.value.name
    assert refused.value.field == "timezone"


def test_the_refusal_of_a_name_is_a_value_error_and_an_answer_to_a_person() -> None:
    with pytest.raises(ValueError, match="no zone 'Mars/Olympus'"):
        load_zone("Mars/Olympus")
    with pytest.raises(InvalidValue, match="timezone: no zone"):
        load_zone("Mars/Olympus")


def test_a_refusal_does_not_quote_endless_names() -> None:
    with pytest.raises(UnknownZone) as refused:
        load_zone("A" * 100_000)

    assert len(str(refused.value)) < 100


def test_names_that_do_not_exist_take_no_place_in_the_cache() -> None:
    before = load_zone.cache_info().currsize
    for number in range(50):
        with pytest.raises(UnknownZone):
            load_zone(f"Nowhere/{number}")

    assert before == load_zone.cache_info().currsize
    assert load_zone.cache_info().maxsize == ZONES_CACHED >= len(EVERY_ZONE)


def test_a_zone_is_read_once() -> None:
    assert load_zone("Europe/Paris") is load_zone("Europe/Paris")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CET",
        "CE-1",
        "-1",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3,",
        "CET-1CEST,M3.5.0,M10.5.0/3\n",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0/-168,M10.5.0",
        "CET-1CEST,M3.5.0/2:60,M10.5.0",
        "CET-1CEST,J0,M10.5.0",
        "CET-1CEST,J366,M10.5.0",
        "CET-1CEST,366,M10.5.0",
        "CET-1CEST-1,M3.5.0,M10.5.0",
        "CET-25",
        "CET-1:60",
        "<+1>-1",
        "<CET-1",
        "CET-\u0661",
        ":Europe/Berlin",
    ],
)
def test_what_is_no_posix_rule_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="timezone"):
        parse_posix(text, name="Test/Zone")


@pytest.mark.parametrize("save", [hours(0), hours(-1)])
def test_summer_time_cannot_be_behind_standard_time(save: timedelta) -> None:
    change = Transition(month=3, week=5, weekday=0, time=hours(2))

    for kind in (DstRule, DatedRule):
        with pytest.raises(InvalidValue, match="ahead of standard time"):
            kind(start=change, end=change, save=save)
