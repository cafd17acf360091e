"""What each setting becomes in a VTech file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.errors import InvalidValue
from provserver.vendors.vtech import VENDOR
from provserver.vendors.vtech.models import MODELS, file_model
from tests.vendors.summers import ZONES, is_true, nth_weekday
from tests.vendors.vtech.phone import BENCH, BRANDED, BRANDED_WRITTEN, SECRETS, WRITTEN
from tests.vendors.workbench import LINE, URL, Workbench, catalogue_name


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert BENCH.written({name: text}) == expected


@pytest.mark.parametrize("name", BRANDED_WRITTEN)
def test_a_phone_of_snoms_name_has_settings_of_its_own(name: str) -> None:
    text, expected = BRANDED_WRITTEN[name]

    assert BRANDED.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("bench", [BENCH, BRANDED], ids=["text", "xml"])
def test_a_secret_writes_its_parameter_and_nothing_else(name: str, bench: Workbench) -> None:
    assert bench.written(secrets={f"setting.{name}": "4711"}) == SECRETS[name]


def test_the_tables_name_every_setting_that_is_supported() -> None:
    named = {catalogue_name(name) for name in (*WRITTEN, *BRANDED_WRITTEN)} | set(SECRETS)

    assert named == BENCH.supported()


@pytest.mark.parametrize(
    ("model", "name", "text"),
    [
        ("VCS754", "key.1", "line"),
        ("VSP600", "key.1", "line"),
        ("VCS754", "pc_vlan_id", "20"),
        ("VCS754", "pc_vlan_priority", "1"),
        ("VSP600", "pc_vlan_id", "20"),
        ("VCS754", "blf_pickup_code", "*8"),
        ("VSP600", "blf_pickup_code", "*8"),
        ("VSP735A", "dtmf_payload", "101"),
        ("VSP735A", "mac_in_register", "on"),
        ("VSP735A", "phonebook.2.url", "https://pb.example.com/"),
        ("VSP735A", "phonebook.1.name", "Company"),
        ("VSP726", "handset_firmware.1.url", "https://fw.example.com/h.bin"),
        ("VCS754", "handset_firmware.1.url", "https://fw.example.com/h.bin"),
        ("VSP600", "handset_firmware.2.url", "https://fw.example.com/h.bin"),
        ("VSP999", "pc_vlan_id", "20"),
        ("VSP999", "blf_pickup_code", "*8"),
    ],
)
def test_no_phone_gets_a_setting_that_its_family_may_not_know(model: str, name: str, text: str) -> None:
    """One unknown setting makes the phone skip the whole module."""
    assert BENCH.written({name: text}, model=model) == {}


@pytest.mark.parametrize("name", ["key.1", "pc_vlan_id", "blf_pickup_code", "handset_firmware.1.url"])
def test_nor_does_a_phone_of_snoms_name(name: str) -> None:
    text = {"key.1": "line", "pc_vlan_id": "20", "blf_pickup_code": "*8"}.get(name, "https://fw.example.com/h.bin")

    assert BRANDED.written({name: text}) == {}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"srtp": "off"}, {"sip_account.1.voice_encryption_enable": "0"}),
        ({"srtp": "optional"}, {"sip_account.1.voice_encryption_enable": "1"}),
        ({"srtp": "zrtp"}, {}),
        ({"dtmf": "rfc2833"}, {"sip_account.1.dtmf_transport_method": "rfc2833"}),
        ({"dtmf": "info"}, {"sip_account.1.dtmf_transport_method": "info"}),
        ({"dtmf": "rfc2833_info"}, {}),
        ({"codecs": "opus speex ilbc"}, {}),
        ({"language": "fr"}, {}),
        ({"date_format": "ymd"}, {"time_date.date_format": "YY/MM/DD"}),
        ({"ip_by_dhcp": "off"}, {}),
        ({"ldap.tls": "starttls"}, {}),
        ({"ldap.tls": "off"}, {"remoteDir.ldap_authentication_type": "simple"}),
        ({"tone_country": "gb"}, {}),
        (
            {"ldap.name_attributes": "cn"},
            {"remoteDir.ldap_firstname_attribute": "cn", "remoteDir.ldap_lastname_attribute": ""},
        ),
        (
            {"resync_from": "02:00", "resync_until": "02:59", "resync_minutes": "60"},
            {
                "provisioning.resync_time": "60",
                "provisioning.schedule_mode": "weekday",
                "provisioning.weekdays": "0,1,2,3,4,5,6",
                "provisioning.weekdays_start_hr": "2",
                "provisioning.weekdays_end_hr": "3",
            },
        ),
        ({"raw.network.rtp.port_start": "18000"}, {"network.rtp.port_start": "18000"}),
        ({"raw.network.user_class": ""}, {"network.user_class": ""}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(values: dict[str, str], expected: dict[str, str]) -> None:
    assert BENCH.written(values) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("line@3", {"feature": "line", "account": "3"}),
        ("blf 1002", {"feature": "busy lamp field", "account": "1", "blf": "1002"}),
        ("speed_dial@2 0800123 Support", {"feature": "quick dial", "account": "2", "quick_dial": "0800123"}),
        ("retrieve_park 701", {"feature": "quick dial", "account": "1", "quick_dial": "701"}),
        ("pickup 1002", {"feature": "quick dial", "account": "1", "quick_dial": "*81002"}),
        ("group_pickup *7", {"feature": "quick dial", "account": "1", "quick_dial": "*7"}),
        ("voicemail *98", {"feature": "quick dial", "account": "1", "quick_dial": "*98"}),
        ("voicemail", {"feature": "quick dial", "account": "1", "quick_dial": "*97"}),
        ("voicemail@2", {}),
        ("group_pickup", {}),
        ("none", {}),
        ("dnd", {}),
        ("park 700", {}),
    ],
)
def test_a_key_is_a_line_watches_or_dials(key: str, expected: dict[str, str]) -> None:
    lines = (replace(LINE, voicemail="*97"), replace(LINE, number=2, user_name="1002"))
    bare = BENCH.written({"blf_pickup_code": "*8"}, lines=lines)

    found = BENCH.written({"key.4": key, "blf_pickup_code": "*8"}, lines=lines)

    assert dict(found.items() - bare.items()) == {f"pfk.4.{name}": value for name, value in expected.items()}


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

    found = BENCH.settings(
        BENCH.view(lines=(line,), held=("line.2.password",), model="VSP726"), {"line.2.password": "s3cret"}
    )

    assert {name.removeprefix("sip_account.2."): value for name, value in found.items() if ".2." in name} == {
        "sip_account_enable": "1",
        "label": "Desk",
        "display_name": "Reception",
        "user_id": "1002",
        "authentication_name": "a2",
        "authentication_access_password": "s3cret",
        "primary_sip_server_address": "pbx.example.com",
        "primary_sip_server_port": "5061",
        "primary_registration_server_address": "pbx.example.com",
        "primary_registration_server_port": "5061",
        "primary_registration_expires": "600",
        "transport_mode": "tls",
        "primary_outbound_proxy_server_address": "2001:db8::1",
        "primary_outbound_proxy_server_port": "5070",
        "backup_outbound_proxy_server_address": "b.example.com",
        "backup_outbound_proxy_server_port": "5099",
        "access_code_retrieve_voicemail": "*97",
    }


@pytest.mark.parametrize(
    ("transport", "expected"),
    [("udp", ("udp", "5060")), ("tcp", ("tcp", "5060")), ("tls", ("tls", "5061")), ("dns", (None, None))],
)
def test_a_transport_has_its_word_and_its_port(transport: str, expected: tuple[str | None, str | None]) -> None:
    line = replace(LINE, registrar=Endpoint.parse(f"pbx.example.com;transport={transport}"))

    found = BENCH.settings(BENCH.view(lines=(line,)))

    told = found.get("sip_account.1.transport_mode"), found.get("sip_account.1.primary_registration_server_port")
    assert told == expected


@pytest.mark.parametrize(
    ("model", "off"), [("VSP735A", {1, 3, 4, 5}), ("VCS754", {1, 3}), ("VSP726", set()), (None, set())]
)
def test_accounts_without_a_line_are_switched_off_where_they_are_counted(model: str | None, off: set[int]) -> None:
    view = replace(BENCH.view(lines=(replace(LINE, number=2),)), model=model)

    found = BENCH.settings(view)

    assert {number for number in range(1, 9) if found.get(f"sip_account.{number}.sip_account_enable") == "0"} == off
    assert found["sip_account.2.sip_account_enable"] == "1"


def test_a_device_without_lines_switches_nothing_off() -> None:
    assert not [name for name in BENCH.settings(BENCH.view(lines=())) if name.startswith("sip_account")]


@pytest.mark.parametrize(
    ("model", "file"),
    [
        ("VSP726", "VSP726_0011A0AABBCC.cfg"),
        ("vtech vsp726a", "VSP726A_0011A0AABBCC.cfg"),
        ("VSP861", "VSP861_0011A0AABBCC.cfg"),
        ("Snom M100 KLE", "M100KLE_0011A0AABBCC.cfg"),
        ("something", "vtech_0011A0AABBCC.cfg"),
        (None, "vtech_0011A0AABBCC.cfg"),
    ],
)
def test_the_pointer_names_a_file_that_is_served(model: str | None, file: str) -> None:
    found = BENCH.settings(replace(BENCH.view(), model=model))

    assert found["provisioning.server_address"] == URL + file
    assert BENCH.rule_of(file) is not None


def test_every_model_asks_by_a_name_that_is_served() -> None:
    for model in MODELS:
        name = file_model(model.name)
        assert name is not None
        assert BENCH.rule_of(f"{name}.cfg") is not None
        assert BENCH.rule_of(f"{name}_0011A0AABBCC.cfg") is not None


@pytest.mark.parametrize(
    "name",
    ["features", "1network.x", "network..x", "network.1x", "network.x-y", "a b.c", "provisioning.server_address"],
)
@pytest.mark.parametrize("model", ["VSP726", "C520-WiMi"])
def test_a_raw_parameter_that_is_no_setting_is_refused(name: str, model: str) -> None:
    view = replace(BENCH.view(), model=model, raw={name: "x"})
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue):
        VENDOR.check(view)


@pytest.mark.parametrize("name", ["sip_account.1", "sip_account.1.label.text"])
def test_a_raw_parameter_that_does_not_fit_into_the_xml_is_refused(name: str) -> None:
    view = replace(BRANDED.view(), raw={name: "x"})
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue):
        VENDOR.check(view)
    VENDOR.check(replace(BENCH.view(), raw={name: "x"}))


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
UNTOLD = {"Pacific/Chatham", "Asia/Jerusalem", "America/Santiago", "America/Nuuk", "Asia/Gaza", "Africa/Cairo"}


@pytest.mark.parametrize("name", ZONES)
def test_the_dates_that_are_told_are_the_laws(name: str) -> None:
    found = {key.removeprefix("time_date."): value for key, value in BENCH.written({"timezone": name}).items()}
    standard, has_summer = _standard(name)

    assert found["selected_timezone"] == name
    assert (found["daylight_saving_auto_adjust"] == "1") is has_summer
    assert found["daylight_saving_user_defined"] == found["daylight_saving_auto_adjust"]
    amount = found.get("daylight_saving_amount")
    assert is_true(
        name,
        standard=standard,
        save=timedelta(minutes=int(amount)) if amount else None,
        begins=lambda year: _moment(found, "start", year),
        ends=lambda year: _moment(found, "end", year),
    )


@pytest.mark.parametrize("name", sorted(UNTOLD))
def test_dates_without_words_are_left_to_the_firmware(name: str) -> None:
    assert BENCH.written({"timezone": name}) == {
        "time_date.selected_timezone": name,
        "time_date.daylight_saving_auto_adjust": "1",
        "time_date.daylight_saving_user_defined": "0",
    }


def _standard(name: str) -> tuple[timedelta, bool]:
    """The smallest offset of a year in the tz database, and whether there is another."""
    zone = ZoneInfo.from_file(BytesIO(files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()), key=name)
    offsets = {datetime(2027, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}
    return min(offset for offset in offsets if offset is not None), len(offsets) > 1


def _moment(found: dict[str, str], edge: str, year: int) -> datetime:
    month, week, day, hour = (found[f"daylight_saving_{edge}_{part}"] for part in ("month", "week", "day", "hour"))
    place = -1 if week == "5" else int(week)
    midnight = nth_weekday(year, _MONTHS.index(month) + 1, weekday=_DAYS.index(day), week=place)
    return midnight + timedelta(hours=int(hour))
