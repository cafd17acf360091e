"""What each setting becomes in a Mitel file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.errors import InvalidValue
from provserver.vendors.mitel import VENDOR
from provserver.vendors.mitel.models import MODELS
from tests.vendors.mitel.phone import BENCH, SECRETS, WRITTEN
from tests.vendors.summers import ZONES, is_true, nth_weekday
from tests.vendors.workbench import LINE, catalogue_name

ELSEWHERE = {"resync_until"}  # it means nothing without resync_from


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert {key: value for key, value in BENCH.written({name: text}).items() if value} == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_nothing_else(name: str) -> None:
    assert BENCH.written(secrets={f"setting.{name}": "4711"}) == SECRETS[name]


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    assert {catalogue_name(name) for name in WRITTEN} | set(SECRETS) | ELSEWHERE == BENCH.supported()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"srtp": "mandatory"}, {"sip line1 srtp mode": "2"}),
        ({"srtp": "off"}, {"sip line1 srtp mode": "0"}),
        ({"srtp": "zrtp"}, {}),
        ({"dtmf": "inband"}, {"sip out-of-band dtmf": "0", "sip line1 dtmf method": "0"}),
        ({"dtmf": "rfc2833"}, {"sip out-of-band dtmf": "1", "sip line1 dtmf method": "0"}),
        ({"dtmf": "rfc2833_info"}, {"sip out-of-band dtmf": "1", "sip line1 dtmf method": "1"}),
        ({"codecs": "opus"}, {}),
        ({"tone_country": "pl"}, {}),
        ({"phonebook.3.url": "http://a.example.com/", "phonebook.3.name": "C"}, {}),
        ({"resync_minutes": "60"}, {"auto resync mode": "1", "auto resync days": "0"}),
        ({"resync_until": "04:00"}, {}),
        (
            {"resync_from": "23:30", "resync_until": "01:00"},
            {"auto resync mode": "1", "auto resync time": "23:30", "auto resync max delay": "90"},
        ),
        (
            {"resync_from": "02:00", "firmware_url": "https://fw.example.com/"},
            {"auto resync mode": "3", "auto resync time": "02:00", "firmware server": "https://fw.example.com"},
        ),
        (
            {"vlan_id": "20", "pc_vlan_id": "30"},
            {"tagging enabled": "1", "vlan id": "20", "vlan id port 1": "30"},
        ),
        ({"discovery_dhcp": "on"}, {"dhcp config option override": "0"}),
        ({"raw.sip_dial_plan": "x+#|xx+*"}, {"sip dial plan": "x+#|xx+*"}),
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
        backup_registrar=Endpoint.parse("b.example.com:5099;transport=tls"),
        outbound_proxy=Endpoint.parse("[2001:db8::1]:5070;transport=tls"),
        voicemail="*97",
        expires_s=600,
    )

    found = BENCH.settings(BENCH.view(lines=(line,), held=("line.2.password",)), {"line.2.password": "s3cret"})

    assert {name: value for name, value in found.items() if name.startswith("sip ")} == {
        "sip line2 user name": "1002",
        "sip line2 auth name": "a2",
        "sip line2 password": "s3cret",
        "sip line2 display name": "Reception",
        "sip line2 screen name": "Desk",
        "sip line2 screen name 2": "1002",
        "sip line2 proxy ip": "pbx.example.com",
        "sip line2 proxy port": "5061",
        "sip line2 registrar ip": "pbx.example.com",
        "sip line2 registrar port": "5061",
        "sip line2 backup proxy ip": "b.example.com",
        "sip line2 backup proxy port": "5099",
        "sip line2 backup registrar ip": "b.example.com",
        "sip line2 backup registrar port": "5099",
        "sip line2 outbound proxy": "2001:db8::1",
        "sip line2 outbound proxy port": "5070",
        "sip line2 registration period": "600",
        "sip line2 vmail": "*97",
        "sip transport protocol": "4",
    }


@pytest.mark.parametrize(("transport", "word", "port"), [("udp", "1", "5060"), ("tcp", "2", "5060"), ("dns", "0", "0")])
def test_the_transport_is_one_for_all_lines(transport: str, word: str, port: str) -> None:
    line = replace(LINE, registrar=Endpoint.parse(f"pbx.example.com;transport={transport}"))

    found = BENCH.settings(BENCH.view(lines=(line,)))

    assert (found["sip transport protocol"], found["sip line1 registrar port"]) == (word, port)


def test_lines_with_different_transports_are_refused() -> None:
    other = replace(LINE, number=2, registrar=Endpoint.parse("pbx.example.com;transport=tls"))
    assert VENDOR.check is not None

    VENDOR.check(BENCH.view())
    with pytest.raises(InvalidValue, match="tls, udp"):
        VENDOR.check(BENCH.view(lines=(LINE, other)))


@pytest.mark.parametrize(
    ("model", "setting", "name"),
    [
        ("6755i", "key.6", "prgkey6"),
        ("6755i", "key.7", None),
        ("6755i", "softkey.20", "softkey20"),
        ("6757i", "key.10", "topsoftkey10"),
        ("57i", "key.10", "topsoftkey10"),
        ("6739i", "key.55", "softkey55"),
        ("6739i", "key.56", None),
        ("6863i", "key.3", "prgkey3"),
        ("6863i", "softkey.1", None),
        ("6940w", "key.24", "topsoftkey24"),
        ("6999", "key.60", "topsoftkey60"),
        ("6930", "module.3.key.84", "expmod3 key84"),
    ],
)
def test_keys_are_called_as_the_model_has_them(model: str, setting: str, name: str | None) -> None:
    found = BENCH.written({setting: "dnd"}, model=model)

    assert {key.removesuffix(" type") for key in found if key.endswith(" type")} == ({name} if name else set())


@pytest.mark.parametrize(
    ("key", "type_", "value"),
    [
        ("none", "none", None),
        ("line@2", "line", ""),
        ("park 700", "park", "asterisk;700"),
        ("pickup *8", "speeddial", "*8"),
        ("voicemail *98", "speeddial", "*98"),
        ("voicemail", "speeddial", "*97"),
        ("conference", "conf", ""),
        ("transfer", "xfer", ""),
        ("directory", "directory", ""),
        ("xml http://x.example.com/", "xml", "http://x.example.com/"),
        ("blf_list 7000", "list", "7000"),
        ("forward", "callforward", ""),
        ("intercom 1003", "icom", "1003"),
        ("record", None, None),
        ("paging", None, None),
    ],
)
def test_a_kind_of_key_has_its_word_or_is_left_out(key: str, type_: str | None, value: str | None) -> None:
    lines = (replace(LINE, voicemail="*97"), replace(LINE, number=2))

    found = BENCH.written({"key.1": key}, lines=lines)

    assert found.get("topsoftkey1 type") == type_
    assert found.get("topsoftkey1 value", "" if type_ not in {None, "none"} else None) == value


def test_softkeys_of_the_6800_series_do_not_watch() -> None:
    assert BENCH.written({"softkey.1": "blf 1002"})["softkey1 type"] == "speeddial"
    assert BENCH.written({"softkey.1": "blf 1002"}, model="6757i")["softkey1 type"] == "blf"


def test_a_line_key_is_called_like_its_line() -> None:
    assert BENCH.written({"key.1": "line"}, lines=(replace(LINE, label="Desk"),))["topsoftkey1 label"] == "Desk"


def test_a_model_has_keys_beside_the_screen_or_under_it() -> None:
    assert {model.name: model.keys for model in MODELS}["6739i"] == 55
    assert all(model.keys for model in MODELS if model.name not in {"6751i", "51i"})


@pytest.mark.parametrize("name", ZONES)
def test_a_phone_changes_its_clock_when_the_law_does(name: str) -> None:
    found = BENCH.written({"timezone": name})
    on = found["dst config"] == "3"

    def moment(edge: str, year: int) -> datetime:
        month, week, day, hour = (int(found[f"dst {edge} {part}"]) for part in ("month", "week", "day", "hour"))
        return nth_weekday(year, month, weekday=day - 1, week=week) + timedelta(hours=hour)

    assert is_true(
        name,
        standard=-timedelta(minutes=int(found["time zone minutes"])),
        save=timedelta(minutes=int(found["dst minutes"])) if on else None,
        begins=lambda year: moment("start", year),
        ends=lambda year: moment("end", year),
    )


@pytest.mark.parametrize(
    ("name", "week", "day", "hour"),
    [("America/Santiago", "1", "7", "23"), ("America/Nuuk", "-1", "1", "0"), ("Asia/Jerusalem", "4", "5", "23")],
)
def test_a_moment_off_the_named_day_becomes_the_nearest_hour_of_it(name: str, week: str, day: str, hour: str) -> None:
    found = BENCH.written({"timezone": name})

    assert tuple(found[f"dst start {part}"] for part in ("week", "day", "hour")) == (week, day, hour)


def test_two_hours_of_summer_time_become_one() -> None:
    assert BENCH.written({"timezone": "Antarctica/Troll"})["dst minutes"] == "60"
