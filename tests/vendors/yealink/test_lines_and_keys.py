"""Accounts, codecs and keys of a Yealink."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.slot import SecretSlot
from provserver.vendors.yealink.boot import read_settings
from tests.vendors.yealink.phones import (
    LINE,
    PBX,
    base,
    render,
    view_of,
    written,
)


def test_a_line_writes_its_account() -> None:
    line = Line(
        number=2,
        user_name="1002",
        auth_name="auth-1002",
        label="Door",
        display_name="Front Door",
        registrar=Endpoint(host="pbx.example.com", port=5081, transport=Transport.TCP),
        backup_registrar=Endpoint(host="192.0.2.7", transport=Transport.TLS),
        outbound_proxy=Endpoint(host="proxy.example.com", transport=Transport.DNS),
        expires_s=300,
        voicemail="*97",
        password=SecretSlot("line.2.password"),
    )

    found = read_settings(
        render(view_of(lines=(line,), model=None, held=("line.2.password",)), {"line.2.password": "pw"})
    )

    account = {name.removeprefix("account.2."): text for name, text in found.items() if name.startswith("account.2.")}
    assert account == {
        "enable": "1",
        "label": "Door",
        "display_name": "Front Door",
        "user_name": "1002",
        "auth_name": "auth-1002",
        "password": "pw",
        "sip_server.1.address": "pbx.example.com",
        "sip_server.1.port": "5081",
        "sip_server.1.transport_type": "1",
        "sip_server.1.expires": "300",
        "sip_server.2.address": "192.0.2.7",
        "sip_server.2.port": "5061",
        "sip_server.2.transport_type": "2",
        "sip_server.2.expires": "300",
        "outbound_proxy_enable": "1",
        "outbound_proxy.1.address": "proxy.example.com",
        "outbound_proxy.1.port": "0",
        # the same for firmware before V80
        "sip_server_host": "pbx.example.com",
        "sip_server_port": "5081",
        "transport": "1",
        "expires": "300",
        "outbound_host": "proxy.example.com",
        "outbound_port": "0",
    }
    assert found["voice_mail.number.2"] == "*97"


def test_accounts_without_a_line_are_switched_off_where_their_number_is_known() -> None:
    known = {name for name, text in base("T33G", (LINE,)).items() if text == "0" and name.endswith(".enable")}
    unknown = {
        name for name in base(None, (LINE,)) if name.startswith("account.") and not name.startswith("account.1.")
    }
    without_lines = {name for name in base("T33G", ()) if name.startswith("account.")}

    assert known == {"account.2.enable", "account.3.enable", "account.4.enable"}
    assert unknown == set()
    assert without_lines == set()


def test_named_codecs_are_written_in_order_and_the_others_switched_off() -> None:
    found = written({"codecs": "pcmu, opus speex"})

    codec = {name.removeprefix("account.1.codec."): text for name, text in found.items()}
    assert codec == {
        "pcmu.enable": "1",
        "pcmu.priority": "1",
        "opus.enable": "1",
        "opus.priority": "2",
        "g722.enable": "0",
        "pcma.enable": "0",
        "g729.enable": "0",
        "g726_32.enable": "0",
        "ilbc.enable": "0",
        "ilbc_15_2kbps.enable": "0",
        "ilbc_13_33kbps.enable": "0",
    }


def test_numbered_codecs_say_which_codec_each_row_holds() -> None:
    found = written({"codecs": "pcma g722"}, model="T22P")

    rows = [
        tuple(found[f"account.1.codec.{row}.{part}"] for part in ("enable", "payload_type", "priority", "rtpmap"))
        for row in range(1, 8)
    ]
    assert rows[:3] == [("1", "PCMA", "1", "8"), ("1", "G722", "2", "9"), ("0", "opus", "0", "107")]
    assert [row[0] for row in rows[2:]] == ["0"] * 5
    assert len({row[1] for row in rows}) == 7
    assert not any("pcma" in name for name in found)


@pytest.mark.parametrize(
    ("model", "numbered", "named"), [("T28P", True, False), ("T46S", True, True), ("T46U", False, True)]
)
def test_the_notation_of_codecs_follows_the_firmware(model: str, *, numbered: bool, named: bool) -> None:
    found = written({"codecs": "pcma"}, model=model)

    assert ("account.1.codec.1.payload_type" in found, "account.1.codec.pcma.enable" in found) == (numbered, named)


def test_a_phone_that_knows_none_of_the_codecs_keeps_its_own() -> None:
    assert written({"codecs": "speex"}) == {}


@pytest.mark.parametrize(("setting", "text"), [("language", "hu"), ("tone_country", "pl")])
def test_a_choice_that_yealink_has_no_word_for_writes_nothing(setting: str, text: str) -> None:
    assert written({setting: text}) == {}


# The numbers of sheet yealink 5, "key types".
TYPES = {
    "none": 0, "conference": 1, "forward": 2, "transfer": 3, "hold": 4, "dnd": 5, "pickup": 9, "park": 10, "dtmf": 11,
    "voicemail": 12, "speed_dial": 13, "intercom": 14, "line": 15, "blf": 16, "url": 17, "group_pickup": 23,
    "paging": 24, "record": 25, "xml": 27, "ldap": 38, "blf_list": 39, "retrieve_park": 56, "directory": 61,
    "recall": 7, "private_hold": 20, "hot_desk": 34, "prefix": 40, "local_directory": 45, "xml_directory": 47,
    "lock": 50, "paging_list": 66,
}  # fmt: skip


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize(
    ("setting", "name"),
    [("key.5", "linekey.5"), ("softkey.5", "programablekey.5"), ("module.2.key.5", "expansion_module.2.key.5")],
)
def test_every_kind_of_key_has_its_type(kind: KeyKind, setting: str, name: str) -> None:
    view = replace(view_of(), settings={setting: Key(kind=kind, value="1")})

    found = read_settings(render(view))

    assert found[f"{name}.type"] == str(TYPES[kind.value])


def test_watching_keys_carry_the_pick_up_code_and_others_do_not() -> None:
    found = written(
        {"key.1": "blf 1002", "key.2": "speed_dial 1002", "module.1.key.1": "blf 1", "blf_pickup_code": "*8"}
    )

    assert {name: text for name, text in found.items() if "extension" in name} == {
        "linekey.1.extension": "*8",
        "expansion_module.1.key.1.extension": "*8",
    }


def test_a_line_key_without_a_label_is_called_as_its_line() -> None:
    lines = (LINE, Line(number=2, user_name="1002", label="Door", registrar=PBX))

    found = written({"key.1": "line@2", "key.2": "line@7", "key.3": "line@2 - Mine"}, lines=lines)

    assert (found["linekey.1.label"], found.get("linekey.2.label"), found["linekey.3.label"]) == ("Door", None, "Mine")


def test_keys_beyond_the_line_keys_are_memory_keys_where_a_model_has_them() -> None:
    found = written({"key.6": "dnd", "key.7": "dnd", "key.16": "dnd"}, model="SIP-T28P")

    assert {name for name in found if name.endswith(".type")} == {
        "linekey.6.type",
        "memorykey.1.type",
        "memorykey.10.type",
    }


def test_two_old_models_count_the_lines_of_keys_from_zero() -> None:
    lines = {
        model: written({"key.1": "blf@2 1002"}, model=model)["linekey.1.line"] for model in ("T38G", "T28P", "T54W")
    }

    assert lines == {"T38G": "1", "T28P": "2", "T54W": "2"}
