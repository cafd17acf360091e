"""What each setting becomes in an AudioCodes file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.errors import InvalidValue
from provserver.vendors.audiocodes import VENDOR
from tests.vendors.audiocodes.phone import BENCH, SECRETS, WRITTEN
from tests.vendors.summers import ZONES, is_true, nth_weekday
from tests.vendors.workbench import LINE, catalogue_name

DST = "system/daylight_saving"
DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
ELSEWHERE = {"resync_until"}  # it means nothing without resync_from


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert BENCH.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_nothing_else(name: str) -> None:
    assert BENCH.written(secrets={f"setting.{name}": "s3cret"}) == SECRETS[name]


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    assert {catalogue_name(name) for name in WRITTEN} | set(SECRETS) | ELSEWHERE == BENCH.supported()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"srtp": "off"}, {"voip/media/srtp/enabled": "0"}),
        ({"srtp": "optional"}, {}),
        ({"srtp": "zrtp"}, {}),
        ({"codecs": "speex"}, {}),
        ({"language": "hu"}, {}),
        ({"tone_country": "gb"}, {}),
        ({"date_format": "ymd"}, {}),
        ({"resync_minutes": "5"}, {"provisioning/period/type": "every5minutes"}),
        ({"resync_minutes": "59"}, {"provisioning/period/type": "every15minutes"}),
        (
            {"resync_minutes": "43200"},
            {"provisioning/period/type": "hourly", "provisioning/period/hourly/hours_interval": "168"},
        ),
        (
            {"resync_minutes": "60", "resync_from": "23:00", "resync_until": "01:30"},
            {
                "provisioning/period/type": "daily",
                "provisioning/period/daily/time": "23:00",
                "provisioning/random_provisioning_time": "150",
            },
        ),
        ({"resync_until": "04:00"}, {}),
        ({"discovery_dhcp": "off"}, {}),  # what is said anyway
        ({"discovery_dhcp_options": "66"}, {}),
        ({"raw.voip/auto_answer/enabled": "1"}, {"voip/auto_answer/enabled": "1"}),
        ({"raw.voip/line/0/description": "Mine"}, {"voip/line/0/description": "Mine"}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(values: dict[str, str], expected: dict[str, str]) -> None:
    assert BENCH.written(values) == expected


def test_a_line_says_everything_it_has() -> None:
    line = Line(
        number=2,
        user_name="1002",
        auth_name="a2",
        label="Desk",
        display_name="Reception",
        registrar=Endpoint.parse("pbx.example.com;transport=tls"),
        outbound_proxy=Endpoint.parse("proxy.example.com:5070;transport=tls"),
        voicemail="*97",
        expires_s=600,
    )

    found = BENCH.settings(BENCH.view(lines=(line,), held=("line.2.password",)), {"line.2.password": "s3cret"})

    assert {name: value for name, value in found.items() if name.startswith("voip/line/1/")} == {
        "voip/line/1/enabled": "1",
        "voip/line/1/id": "1002",
        "voip/line/1/auth_name": "a2",
        "voip/line/1/auth_password": "s3cret",
        "voip/line/1/description": "Reception",
        "voip/line/1/extension_display": "Desk",
    }
    assert {name.removeprefix("voip/signalling/sip/"): value for name, value in found.items() if "/sip/" in name} == {
        "use_proxy": "1",
        "proxy_address": "pbx.example.com",
        "proxy_port": "5061",
        "sip_registrar/enabled": "1",
        "sip_registrar/addr": "pbx.example.com",
        "sip_registrar/port": "5061",
        "proxy_timeout": "600",
        "transport_protocol": "TLS",
        "sip_outbound_proxy/enabled": "1",
        "sip_outbound_proxy/addr": "proxy.example.com",
        "sip_outbound_proxy/port": "5070",
    }
    assert found["voip/services/msg_waiting_ind/voice_mail_number"] == "*97"


def test_lines_that_are_not_used_are_switched_off() -> None:
    found = BENCH.settings(BENCH.view(lines=(LINE, replace(LINE, number=3))))

    on = {name for name, value in found.items() if name.endswith("/enabled") and "line" in name and value == "1"}
    off = {name for name, value in found.items() if name.endswith("/enabled") and "line" in name and value == "0"}
    assert on == {"voip/line/0/enabled", "voip/line/2/enabled"}
    assert len(off) == 28
    assert BENCH.settings(BENCH.view(lines=())).keys() == {"provisioning/method", "provisioning/configuration/url"}


def test_dns_leaves_transport_and_port_to_the_phone() -> None:
    line = replace(LINE, registrar=Endpoint.parse("pbx.example.com;transport=dns"))

    found = BENCH.settings(BENCH.view(lines=(line,)))

    assert not {name for name in found if name.endswith(("/proxy_port", "/transport_protocol"))}


@pytest.mark.parametrize(
    "change",
    [
        {"registrar": Endpoint(host="other.example.com")},
        {"outbound_proxy": Endpoint(host="proxy.example.com")},
        {"expires_s": 60},
    ],
)
def test_lines_that_differ_in_what_they_share_are_refused(change: dict[str, object]) -> None:
    assert VENDOR.check is not None
    other = replace(LINE, number=2, user_name="1002")

    VENDOR.check(BENCH.view(lines=(LINE, other)))
    with pytest.raises(InvalidValue, match=next(iter(change))):
        VENDOR.check(BENCH.view(lines=(LINE, replace(other, **change))))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ZONES)
def test_a_phone_changes_its_clock_when_the_law_does(name: str) -> None:
    found = BENCH.written({"timezone": name})
    hours, minutes = (int(part) for part in found["system/ntp/gmt_offset"][1:].split(":"))
    standard = timedelta(hours=hours, minutes=minutes) * (-1 if found["system/ntp/gmt_offset"].startswith("-") else 1)
    on = found[f"{DST}/activate"] == "ENABLE"

    def moment(edge: str, year: int) -> datetime:
        month, week, hour, minute = (int(found[f"{DST}/{edge}/{p}"]) for p in ("month", "week", "hour", "minute"))
        weekday = DAYS.index(found[f"{DST}/{edge}/day_of_week"])
        day = nth_weekday(year, month, weekday=weekday, week=-1 if week == 5 else week)
        return day + timedelta(hours=hour, minutes=minute)

    assert is_true(
        name,
        standard=standard,
        save=timedelta(minutes=int(found[f"{DST}/offset"])) if on else None,
        begins=lambda year: moment("start_date", year),
        ends=lambda year: moment("end_date", year),
    )


@pytest.mark.parametrize(
    ("name", "edge", "expected"),
    [
        ("America/Santiago", "start_date", ("1", "SATURDAY", "23", "59")),
        ("America/Nuuk", "start_date", ("5", "SUNDAY", "0", "0")),
        ("Africa/Cairo", "end_date", ("5", "THURSDAY", "23", "59")),
        ("Pacific/Chatham", "start_date", ("5", "SUNDAY", "2", "45")),
    ],
)
def test_a_moment_off_the_named_day_becomes_the_nearest_minute_of_it(
    name: str, edge: str, expected: tuple[str, ...]
) -> None:
    found = BENCH.written({"timezone": name})

    assert tuple(found[f"{DST}/{edge}/{part}"] for part in ("week", "day_of_week", "hour", "minute")) == expected
