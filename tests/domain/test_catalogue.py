"""Every row of the catalogue takes a good value and refuses a bad one; names outside it are refused."""

from __future__ import annotations

import pytest

from provserver.domain.catalogue import SPECS, find_spec, indices
from provserver.domain.key import Key, KeyKind
from provserver.domain.setting import SettingSpec, SettingValue
from provserver.errors import InvalidValue
from tests.domain.authority import AUTHORITY

# A good and a bad text for each kind; numbers and choices have theirs in the row itself.
GOOD = {
    "text": "Reception & Co",
    "switch": "on",
    "host": "ntp.example.com",
    "URL": "https://files.example.com/a?b=c",
    "key": "blf 1002 Front desk",
    "time zone": "Europe/London",
    "time of day": "02:30",
    "login name": "operator",
    "word": "W73H",
    "certificate": AUTHORITY,
}
BAD = {
    "text": "a\nb",
    "switch": "perhaps",
    "host": "no host",
    "URL": "files.example.com",
    "key": "lamp 1002",
    "time zone": "Europe/Atlantis",
    "time of day": "25:00",
    "choice": "neither of them",
    "list": "neither of them",
    "number": "many",
    "numbers": "66, 67",
    "login name": "root:x",
    "word": "W73H = 1",
    "certificate": "-----BEGIN CERTIFICATE-----",
}
PLAIN = [spec for spec in SPECS if not spec.secret]


def indexed(name: str) -> str:
    """The name with numbers in place of its Ns."""
    return ".".join("3" if part == "N" else part for part in name.split("."))


def good(spec: SettingSpec) -> str:
    if spec.kind in ("number", "numbers"):
        return spec.allowed[0].partition("–")[0]
    return spec.allowed[-1] if spec.kind in ("choice", "list") else GOOD[spec.kind]


def test_names_are_there_once() -> None:
    names = [spec.name for spec in SPECS]

    assert len(set(names)) == len(names) > 60


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_row_is_found_by_its_name_and_says_what_it_means(spec: SettingSpec) -> None:
    assert find_spec(indexed(spec.name)) is spec
    assert spec.meaning


@pytest.mark.parametrize("spec", PLAIN, ids=lambda spec: spec.name)
def test_a_good_value_is_read(spec: SettingSpec) -> None:
    value: SettingValue = find_spec(indexed(spec.name)).read(good(spec))

    expected_type = {"switch": bool, "number": int, "list": tuple, "numbers": tuple, "key": Key}.get(spec.kind, str)
    assert type(value) is expected_type


@pytest.mark.parametrize("spec", PLAIN, ids=lambda spec: spec.name)
def test_a_bad_value_is_refused_by_name(spec: SettingSpec) -> None:
    with pytest.raises(InvalidValue) as refused:
        spec.read(BAD[spec.kind])

    assert refused.value.field == spec.name


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.kind == "number"], ids=lambda spec: spec.name)
def test_a_number_has_two_ends(spec: SettingSpec) -> None:
    low, _, high = spec.allowed[0].partition("–")

    assert (spec.read(low), spec.read(high)) == (int(low), int(high))
    for beyond in (int(low) - 1, int(high) + 1):
        with pytest.raises(InvalidValue):
            spec.read(str(beyond))


@pytest.mark.parametrize(
    "spec", [spec for spec in SPECS if spec.kind in ("choice", "list")], ids=lambda spec: spec.name
)
def test_every_word_of_a_choice_is_taken(spec: SettingSpec) -> None:
    for word in spec.allowed:
        assert spec.read(word.upper()) in (word, (word,))


def test_every_password_of_the_catalogue_is_a_secret() -> None:
    secrets = {spec.name for spec in SPECS if spec.secret}

    assert secrets == {
        "admin_password",
        "user_password",
        "var_password",
        "provisioning_password",
        "ldap.password",
        "push.password",
        "state_polling.password",
        "dect_code",
        "config_key",
    }
    assert secrets - {"dect_code", "config_key"} == {spec.name for spec in SPECS if "password" in spec.name}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("off", "off"),
        ("no", "off"),
        ("FALSE", "off"),
        ("0", "off"),
        ("on", "ldaps"),
        ("Yes", "ldaps"),
        ("true", "ldaps"),
        ("1", "ldaps"),
        ("starttls", "starttls"),
        ("ldaps", "ldaps"),
    ],
)
def test_the_encryption_of_ldap_is_still_read_where_it_was_a_switch(text: str, expected: str) -> None:
    assert find_spec("ldap.tls").read(text) == expected


def test_dhcp_options_are_those_that_may_name_a_server() -> None:
    spec = find_spec("discovery_dhcp_options")

    assert spec.read("160, 66 43") == (160, 66, 43)
    for text in ("42", "44", "65", "127", "255", "66,66", "", "66;160"):
        with pytest.raises(InvalidValue):
            spec.read(text)


@pytest.mark.parametrize(
    "name",
    ["", "vlan", "VLAN_ID", "vlan_id ", "key", "key.", "key.N", "key.x", "key.1.2", "key.-1", "key.01", "key.٣",
     "module.1.key", "module.N.key.3", "phonebook.1", "phonebook..url", "raw.", "raw.1a", "raw.a b", "raw.a=b",
     "raw.a\nb", "raw.<a>", "raw." + "a" * 129, "line.1.password", "setting.vlan_id", "url.provisioning"],
)  # fmt: skip
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        find_spec(name)

    assert refused.value.field == name


@pytest.mark.parametrize("name", ["key.0", "key.1000", "module.0.key.1", "module.1.key.0"])
def test_indices_count_from_one(name: str) -> None:
    with pytest.raises(InvalidValue, match="counts from 1"):
        find_spec(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vlan_id", ()),
        ("key.3", (3,)),
        ("key.999", (999,)),
        ("module.2.key.40", (2, 40)),
        ("phonebook.1.url", (1,)),
        ("raw.account.1.nat.rport", ()),
    ],
)
def test_indices_are_the_numbers_of_our_own_names(name: str, expected: tuple[int, ...]) -> None:
    assert find_spec(name).name.count("N") == len(expected)
    assert indices(name) == expected


@pytest.mark.parametrize(
    "name", ["account.1.nat.rport", "user_server_type.1", "voIpProt.SIP.local.port", "sip/x@1", "a-b"]
)
def test_a_raw_parameter_takes_any_text_a_file_can_carry(name: str) -> None:
    spec = find_spec(f"raw.{name}")

    assert (spec.kind, spec.secret) == ("raw", False)
    assert spec.read("1 & <2>") == "1 & <2>"
    with pytest.raises(InvalidValue) as refused:
        spec.read("a\nb")
    assert refused.value.field == f"raw.{name}"


@pytest.mark.parametrize(
    "name",
    ["account.1.password", "user_pass1", "security.user_password", "reg.1.auth.password", "adminPwd", "http_pass",
     "SIP.Secret", "static.auto_provision.server.password", "ha1", "sip_private_key", "wifi.psk",
     "static.auto_provision.aes_key.16", "phone_pin", "bluetooth.pin", "device.auth.localAdminPassword", "passwd",
     "ac_code", "ac_code@1", "subscr_dect_ac_code@12", "dect.ac_code", "base_AC_code1",
     "device.sec.configEncryption.key", "sec.TLS.customDeviceKey.1", "auth_info_0/client_cert_key",
     "features.pin_code"],
)  # fmt: skip
def test_a_raw_parameter_that_looks_like_a_credential_is_one(name: str) -> None:
    assert find_spec(f"raw.{name}").secret


@pytest.mark.parametrize(
    "name",
    [
        "features.passive_mode",
        "passthrough",
        "voice.ping",
        "pinyin",
        "opinion",
        "compass.x",
        "mac_code",
        "ac_codec",
        "zodiac_codes",
        "linekey.1.type",
        "device.keyboard",
        "programablekey.3.value",
    ],
)
def test_a_raw_parameter_that_only_sounds_like_one_is_not(name: str) -> None:
    # "compass" is taken for one: rather too many than too few.
    assert find_spec(f"raw.{name}").secret is name.startswith("compass")


def test_a_key_is_read_as_a_key() -> None:
    assert find_spec("module.1.key.2").read("line@2") == Key(kind=KeyKind.LINE, line=2)
