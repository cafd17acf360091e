"""Each kind of setting reads what people write, and refuses the rest by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain import setting
from provserver.domain.key import Key, KeyKind
from provserver.domain.setting import SettingSpec, SettingValue
from provserver.errors import InvalidValue
from tests.domain.authority import AUTHORITY

TEXT = setting.text("label", "")
SWITCH = setting.switch("lldp", "")
NUMBER = setting.number("vlan_id", "", low=1, high=4094)
CHOICE = setting.choice("dtmf", "", "inband", "info")
CHOICES = setting.choices("codecs", "", "g722", "pcma", "opus")
HOST = setting.host("ntp_server", "")
URL = setting.url("firmware_url", "")
KEY = setting.key("key.N", "")
ZONE = setting.zone("timezone", "")
TIME = setting.clock_time("resync_from", "")
NUMBERS = setting.numbers("discovery_dhcp_options", "", range(66, 67), range(128, 255))
WORD = setting.word("handset_firmware.N.model", "")
LOGIN = setting.login("admin_user", "")
CERTIFICATE = setting.certificate("trusted_ca", "")
ONCE_A_SWITCH = setting.choice("ldap.tls", "", "off", "ldaps", also=setting.switch_words(on="ldaps", off="off"))
KINDS = (
    TEXT, SWITCH, NUMBER, CHOICE, CHOICES, HOST, URL, KEY, ZONE, TIME, NUMBERS, WORD, LOGIN, CERTIFICATE, ONCE_A_SWITCH,
)  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "text", "expected"),
    [
        (TEXT, "Café & Söhne", "Café & Söhne"),
        *((SWITCH, text, True) for text in ("on", "ON", "yes", "true", "1", " on ")),
        *((SWITCH, text, False) for text in ("off", "No", "false", "0")),
        (NUMBER, "1", 1),
        (NUMBER, " 4094 ", 4094),
        (NUMBER, "007", 7),
        (CHOICE, " Inband ", "inband"),
        (CHOICES, "opus, PCMA g722", ("opus", "pcma", "g722")),
        (CHOICES, "pcma", ("pcma",)),
        (HOST, " ntp.example.com ", "ntp.example.com"),
        (HOST, "2001:db8::1", "2001:db8::1"),
        (URL, "https://fw.example.com/T54W.rom?a=1&b=2", "https://fw.example.com/T54W.rom?a=1&b=2"),
        (URL, "tftp://192.0.2.1/x", "tftp://192.0.2.1/x"),
        (KEY, "blf@2 1002 Front desk", Key(kind=KeyKind.BLF, value="1002", label="Front desk", line=2)),
        (ZONE, " Europe/London ", "Europe/London"),
        (TIME, "02:30", "02:30"),
        (TIME, " 23:59 ", "23:59"),
        (NUMBERS, "160", (160,)),
        (NUMBERS, " 254, 66 128", (254, 66, 128)),
        (WORD, " W73H ", "W73H"),
        (WORD, "t_54-w", "t_54-w"),
        (LOGIN, "chef de bureau", "chef de bureau"),
        (CERTIFICATE, AUTHORITY, AUTHORITY),
        (ONCE_A_SWITCH, "ON", "ldaps"),
        (ONCE_A_SWITCH, "no", "off"),
        (ONCE_A_SWITCH, "LDAPS", "ldaps"),
    ],
)
def test_what_people_write_is_read(spec: SettingSpec, text: str, expected: SettingValue) -> None:
    value = spec.read(text)

    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (TEXT, "a\nb"),
        (TEXT, "%NULL%"),
        *((SWITCH, text) for text in ("", "maybe", "2", "onn")),
        *((NUMBER, text) for text in ("", "0", "4095", "-1", "1.5", "1e3", "0x10", "1 2", "9" * 5000)),
        *((CHOICE, text) for text in ("", "rfc2833", "inband info")),
        *((CHOICES, text) for text in ("", ",", "g722,g722", "g722;pcma", "mp3")),
        *((HOST, text) for text in ("", "a b", "http://ntp.example.com", "ntp.example.com:123")),
        *(
            (URL, text)
            for text in (
                "",
                "fw.example.com/x",
                "javascript:alert(1)",
                "file:///etc/passwd",
                "https://",
                "https:///x",
                "https://a b/",
                "https://[::1/",
                "https://fw.example.com/\n",
                "https://anna:secret@fw.example.com/",
                "https://anna@fw.example.com/",
            )
        ),
        *((KEY, text) for text in ("", "blf", "lamp 1")),
        *((ZONE, text) for text in ("", "Europe", "London", "Europe/Atlantis", "../../etc/passwd", "UTC+1")),
        *((TIME, text) for text in ("", "2:30", "24:00", "12:60", "noon", "12:30:00")),
        *((NUMBERS, text) for text in ("", ",", "65", "67", "127", "255", "-66", "66,66", "66;128", "٦٦", "9" * 5000)),
        *((WORD, text) for text in ("", "a b", "a=b", "a.b", "-a", "ä", "a" * 33, "a\nb")),
        *((LOGIN, text) for text in ("", "a:b", ":", "a\nb", " a", "%NULL%")),
        *(
            (CERTIFICATE, text)
            for text in (
                "",
                "MIIB",
                "bm90IGEgY2VydGlmaWNhdGU=",
                AUTHORITY[:-4],  # the end is missing
                AUTHORITY[4:],
                AUTHORITY[:76] + "\n" + AUTHORITY[76:],
                f"-----BEGIN CERTIFICATE-----{AUTHORITY}-----END CERTIFICATE-----",
                AUTHORITY + AUTHORITY,  # two of them
                "ü" + AUTHORITY,
                "MIIIAA" + "A" * 2728,  # well-formed, and longer than any value
            )
        ),
        *((ONCE_A_SWITCH, text) for text in ("", "starttls", "2")),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_settings_name(spec: SettingSpec, text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        spec.read(text)

    assert refused.value.field == spec.name


def test_a_url_with_a_password_is_refused_without_being_quoted() -> None:
    with pytest.raises(InvalidValue) as refused:
        URL.read("https://anna:s3cret@fw.example.com/")

    assert "s3cret" not in str(refused.value)


def test_a_secret_is_sealed_and_never_read() -> None:
    spec = setting.secret("admin_password", "")

    assert spec.secret
    with pytest.raises(TypeError, match="sealed"):
        spec.read("s3cret")
    assert not any(spec.secret for spec in KINDS)


@pytest.mark.parametrize("spec", KINDS, ids=lambda spec: spec.kind)
def test_any_text_is_read_or_refused(spec: SettingSpec) -> None:
    @given(st.text(alphabet=st.characters(), max_size=30))
    def check(text: str) -> None:
        try:
            spec.read(text)
        except InvalidValue:
            return

    check()


@pytest.mark.parametrize(
    ("make", "kind"),
    [(setting.text, "text"), (setting.switch, "switch"), (setting.host, "host"), (setting.url, "URL")],
)
def test_a_row_says_of_which_kind_it_is(make: Callable[[str, str], SettingSpec], kind: str) -> None:
    spec = make("name", "what it means")

    assert (spec.name, spec.kind, spec.meaning) == ("name", kind, "what it means")
