"""What each setting becomes in a Yealink file, for models old and new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.catalogue import SPECS
from provserver.domain.line import Endpoint
from provserver.vendors.yealink import VENDOR
from provserver.vendors.yealink.boot import read_settings
from provserver.vendors.yealink.models import MODELS, Generation, generation
from tests.vendors.yealink.phones import (
    LINE,
    SECRETS,
    URL,
    WRITTEN,
    base,
    render,
    view_of,
    written,
)

# Tested on their own, here and in the other modules of this folder: they need more than a value.
ELSEWHERE = {"codecs", "blf_pickup_code", "handset_firmware.N.url", "handset_firmware.N.model"}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameters_and_nothing_else(name: str) -> None:
    field = f"setting.{name}"

    found = read_settings(render(view_of(held=(field,)), {field: "s3:cret"}))

    assert dict(found.items() - base("T54W", (LINE,)).items()) == SECRETS[name]


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    named = {"N".join(part for part in _split_numbers(name)) for name in WRITTEN} | set(SECRETS) | ELSEWHERE

    assert {spec.name for spec in SPECS if VENDOR.supports(spec.name)} == named


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("srtp", "off", {"account.1.srtp_encryption": "0"}),
        ("srtp", "mandatory", {"account.1.srtp_encryption": "2"}),
        ("srtp", "zrtp", {}),
        ("srtp", "dtls", {}),
        ("ldap.tls", "off", {"ldap.tls_mode": "0"}),
        ("ldap.tls", "on", {"ldap.tls_mode": "2"}),
        ("ldap.tls", "ldaps", {"ldap.tls_mode": "2"}),
        ("tls_min_version", "1.0", {"static.security.default_ssl_method": "3"}),
        ("tls_min_version", "1.1", {}),
        ("tls_min_version", "1.3", {}),
        ("tls_client_certificate", "factory", {"static.security.dev_cert": "0"}),
        ("notify_reboots", "off", {}),  # what is said anyway
        ("discovery_dhcp_options", "43,66", {}),  # the phone asks for these by itself
        ("dtmf_info_type", "relay", {"account.1.dtmf.info_type": "1"}),
        ("dtmf_info_type", "dtmf", {"account.1.dtmf.info_type": "2"}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(name: str, text: str, expected: dict[str, str]) -> None:
    assert written({name: text}) == expected


def test_the_body_of_a_digit_is_relay_unless_another_is_wished() -> None:
    assert written({"dtmf": "info"})["account.1.dtmf.info_type"] == "1"
    assert written({"dtmf": "info", "dtmf_info_type": "dtmf"})["account.1.dtmf.info_type"] == "2"


def test_attempts_are_told_for_both_registrars() -> None:
    line = replace(LINE, backup_registrar=Endpoint(host="b.example.com"))

    found = written({"register_retries": "7"}, lines=(line,))

    assert found == {f"account.1.sip_server.{server}.retry_counts": "7" for server in (1, 2)}


def test_firmware_of_handsets_is_called_after_their_model() -> None:
    url = "https://fw.example.com/w73h.rom"

    named = written({"handset_firmware.2.url": url, "handset_firmware.2.model": "W73H"}, model="W70B")

    assert named == {"over_the_air.url.w73h": url}
    assert written({"handset_firmware.2.url": url, "handset_firmware.1.model": "W73H"}, model="W70B") == {}
    assert written({"handset_firmware.2.model": "W73H"}, model="W70B") == {}


def _split_numbers(name: str) -> list[str]:
    return "".join("\0" if part.isdigit() else part for part in name.replace(".", "\1.\1").split("\1")).split("\0")


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("T28P", {"network.vlan.internet_port_vid"}),
        ("T46G", {"network.vlan.internet_port_vid", "static.network.vlan.internet_port_vid"}),
        (None, {"network.vlan.internet_port_vid", "static.network.vlan.internet_port_vid"}),
        ("T46S", {"static.network.vlan.internet_port_vid"}),
        ("SIP-T54W", {"static.network.vlan.internet_port_vid"}),
        ("T99X", {"static.network.vlan.internet_port_vid"}),
    ],
)
def test_names_follow_the_firmware_that_a_model_can_run(model: str | None, names: set[str]) -> None:
    found = written({"vlan_id": "20"}, model=model)

    assert {name for name in found if name.endswith("_vid")} == names


@pytest.mark.parametrize("model", [model.name for model in MODELS])
def test_every_model_gets_its_own_url_under_a_name_it_knows(model: str) -> None:
    found = read_settings(render(view_of(model=model)))

    names = {name for name, text in found.items() if text == URL}
    plain, prefixed = "auto_provision.server.url", "static.auto_provision.server.url"
    assert (
        names
        == {
            Generation.BEFORE_V81: {plain},
            Generation.ACROSS_V81: {plain, prefixed},
            Generation.SINCE_V81: {prefixed},
            Generation.SINCE_V83: {prefixed},
        }[generation(model)]
    )


@pytest.mark.parametrize(
    ("name", "number", "lines", "keys"),
    [
        ("T30", "124", 1, 0),
        ("T31", "124", 2, 2),
        ("T33G", "124", 4, 12),
        ("T34W", "171", 4, 12),
        ("SIP-T41S", "068", 6, 15),
        ("T41U", None, 6, 15),
        ("t42s", "067", 12, 15),
        ("T43U", "107", 12, 15),
        ("T44W", "174", 12, 24),
        ("T46U", "108", 16, 27),
        ("T48S", "065", 16, 29),
        ("T53", "095", 12, 21),
        ("T54W", "096", 16, 27),
        ("T57W", "097", 16, 29),
        ("T58W", "150", 16, 27),
        ("T73W", "183", 12, 48),
        ("T74U", "187", 16, 60),
        ("T77U", "188", 16, 95),
        ("T85W", "196", 16, 72),
        ("T88V", "192", 16, 95),
        ("AX83H", "180", 4, 0),
        ("CP965", "143", 1, 0),
        ("W60B", "077", 8, 0),
        ("W70B", "146", 10, 0),
        ("W75DM", "175", 20, 0),
        ("W80DM", "103", 30, 0),
        ("W90DM", "130", 250, 0),
    ],
)
def test_models_have_the_accounts_and_keys_of_the_sheet(name: str, number: str | None, lines: int, keys: int) -> None:
    model = VENDOR.model(name)

    assert model is not None
    assert (model.number, model.lines, model.keys) == (number, lines, keys)


def test_no_model_is_listed_twice() -> None:
    names = [model.name for model in MODELS]

    assert len(set(names)) == len(names)
