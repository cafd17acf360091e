"""The clock of a Gigaset: a word that stands for a zone has that zone's offset and changes when its law does."""

from __future__ import annotations

import pytest

from provserver.domain.timezones import deviates, load_zone, zone_names
from provserver.vendors.gigaset.zones import BASE_ZONES, MAXWELL_ZONES, base_zone, maxwell_zone, old_zone
from tests.vendors.gigaset.phones import MAXWELL, N510, N720, N870, written

THIRTY = (
    "Europe/Berlin", "Europe/London", "Europe/Lisbon", "Europe/Paris", "Europe/Athens", "Europe/Helsinki",
    "Europe/Dublin", "Europe/Kyiv", "Europe/Moscow", "Europe/Istanbul", "America/New_York", "America/Toronto",
    "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Halifax",
    "America/Sao_Paulo", "America/Bogota", "America/Santiago", "Asia/Dubai", "Asia/Kolkata", "Asia/Kathmandu",
    "Asia/Singapore", "Asia/Tokyo", "Asia/Beirut", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland",
    "Africa/Johannesburg",
)  # fmt: skip
YEARS = (2027, 2028, 2029)


@pytest.mark.parametrize("name", THIRTY)
def test_the_word_for_a_zone_has_its_clock(name: str) -> None:
    """Both are written from the same tz data; where data itself deviates from its lasting rule, so does the device."""
    zone = load_zone(name)

    for known in (base_zone(name), {word: key for key, word in MAXWELL_ZONES.items()}.get(maxwell_zone(name) or "")):
        if known is None:
            continue
        other = load_zone(known)
        assert (other.offset, other.rule) == (zone.offset, zone.rule)
        assert not any(deviates(known, year) or deviates(name, year) for year in YEARS)


@pytest.mark.parametrize(
    ("name", "base", "maxwell"),
    [
        ("Europe/Berlin", "Europe/Berlin", "GMT+1.Europe/Amsterdam"),
        ("Europe/Rome", "Europe/Rome", "GMT+1.Europe/Amsterdam"),
        ("Europe/London", "Europe/London", "GMT.Europe/London"),
        ("Europe/Kyiv", "Europe/Athens", None),
        ("America/Toronto", "America/New_York", None),
        ("Africa/Johannesburg", "Europe/Kaliningrad", None),
        ("Asia/Singapore", "Asia/Hong_Kong", None),
        ("Asia/Kathmandu", None, None),
        ("Pacific/Auckland", None, None),
        ("America/Santiago", None, None),
    ],
)
def test_a_zone_without_a_word_takes_that_of_one_with_the_same_clock(
    name: str, base: str | None, maxwell: str | None
) -> None:
    assert written({"timezone": name}, model=N870) == ({"DmGlobal.0.TimeZone": base} if base else {})
    assert written({"timezone": name}, model=MAXWELL) == (
        {
            "System.DateAndTime.TimeZone": maxwell,
            "System.DateAndTime.AutoAdjustClockForDST": "AutomatedDaylightSavingEnabled",
        }
        if maxwell
        else {}
    )


@pytest.mark.parametrize(
    ("name", "number", "summer"),
    [
        ("Europe/Berlin", "0x1b", "0x1"),
        ("Europe/London", "0x1a", "0x1"),
        ("UTC", "0x1a", "0x0"),
        ("America/New_York", "0xd", "0x1"),
        ("America/Bogota", "0xd", "0x0"),
        ("Asia/Kolkata", "0x30", "0x0"),
        ("Asia/Kathmandu", "0x31", "0x0"),
    ],
)
@pytest.mark.parametrize(("model", "block"), [(N510, "BS_IP_Data1"), (N720, "BS_IP_Data")])
def test_old_bases_take_the_number_of_an_offset(name: str, number: str, summer: str, model: str, block: str) -> None:
    found = written({"timezone": name}, model=model)

    assert found == {f"{block}.uiI_TIME_TIMEZONE": number, f"{block}.ucB_TIME_USE_AUTOMATIC_DST": summer}


def test_an_offset_without_a_number_is_not_written() -> None:
    assert old_zone("Australia/Lord_Howe") is None
    assert written({"timezone": "Australia/Lord_Howe"}, model=N510) == {}


def test_the_words_are_zones_of_today() -> None:
    assert set(BASE_ZONES) | set(MAXWELL_ZONES) <= zone_names()
