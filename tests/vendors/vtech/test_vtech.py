"""VTech: who asks, for which file, and how a phone boots; no text changes the structure of a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Line
from provserver.domain.request import ProvRequest
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import AfterDeletion
from provserver.errors import UnfitValue
from provserver.identify import Identified, Unidentified
from provserver.vendors.vtech import VENDOR
from provserver.vendors.vtech.boot import read_settings
from tests.vendors.vtech.phone import BENCH, BRANDED, BRANDED_MAC, MAC, SECRETS, read_modules
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, PBX, TEXTS, URL, USERS, Workbench


@pytest.mark.parametrize(
    ("text", "model", "firmware"),
    [
        ("Vtech Vesa VSP735 1.1.4.0-0", "VSP735", "1.1.4.0-0"),
        ("VTech Vesa VSP726A 1.2.0.3", "VSP726A", "1.2.0.3"),
        ("Vtech Vesa VCS754", "VCS754", None),
        ("Vesa VCS754", "VCS754", None),
        ("Vesa VCS754 1.1.1.1-0", "VCS754", "1.1.1.1-0"),
    ],
)
def test_every_form_of_user_agent_tells_model_and_firmware(text: str, model: str, firmware: str | None) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware) == ("vtech", model, firmware)
    assert (agent.mac, agent.serial) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Vtech",
        "Vtech VSP735 1.1.4.0-0",
        "Vtech Vesa",
        "Vtech Vesa VSP73 1.1.4.0-0",
        "Vtech Vesa VSP735 v1",
        "Vtech Vesa VSP735 1.1.4.0-0 x",
        "Vtech Vesa VSP735 1.1.4.0-0\n",
        "My Vtech Vesa VSP735 1.1.4.0-0",
        "Vesalius VCS754",
        "Vtechs Vesa VSP735",
    ],
)
def test_near_misses_are_no_agents_of_vtech(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("path", "rule", "model"),
    [
        ("/VSP726.cfg", "general-vsp", "VSP726"),
        ("/vsp726.cfg", "general-vsp", "VSP726"),
        ("/VSP736A.cfg", "general-vsp", "VSP736A"),
        ("/VCS754.cfg", "general-vcs", "VCS754"),
        ("/C520-WiMi.cfg", "general-c520", "C520-WiMi"),
        ("/C620.cfg", "general-c620", None),
        ("/M100KLE.cfg", "general-m100", "M100KLE"),
        ("/M500KLE.cfg", "general-m500", "M500KLE"),
        ("/VSP726_0011A0AABBCC.cfg", "specific-vsp", "VSP726"),
        ("/VSP726_0011a0aabbcc.cfg", "specific-vsp", "VSP726"),
        ("/VSP726_00-11-A0-AA-BB-CC.cfg", "specific-vsp", "VSP726"),
        ("/VSP736A_0011A0AABBCC.cfg", "specific-vsp", "VSP736A"),
        ("/VCS754_0011A0AABBCC.cfg", "specific-vcs", "VCS754"),
        ("/C520-WiMi_0011A0AABBCC.cfg", "specific-c520", "C520-WiMi"),
        ("/C520-WiMi_000413AABBCC.cfg", "specific-c520", "C520-WiMi"),
        ("/C620_000413AABBCC.cfg", "specific-c620", None),
        ("/M100KLE_0011A0AABBCC.cfg", "specific-m100", "M100KLE"),
        ("/M500KLE_a4975caabbcc.cfg", "specific-m500", "M500KLE"),
        ("/vtech_0011A0AABBCC.cfg", "settings", None),
    ],
)
def test_every_file_name_tells_maker_model_and_mac(path: str, rule: str, model: str | None) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path))

    assert isinstance(found, Identified)
    assert found.vendor == "vtech"
    assert (found.model or "").lower() == (model or "").lower()
    assert (found.mac is not None) is ("_" in path)
    assert found.asked is not None
    matched = CATALOGUE.file_rule("vtech", found.asked)
    assert matched is not None
    assert matched.name == rule


@pytest.mark.parametrize(
    "path",
    [
        "/VSP.cfg",
        "/VSP726.cfg.bak",
        "/VSP726.xml",
        "/VSP726-0011A0AABBCC.cfg",
        "/xVSP726_0011A0AABBCC.cfg",
        "/D785_0011A0AABBCC.cfg",
        "/C520_WiMi_0011A0AABBCC.cfg",
        "/C6200_0011A0AABBCC.cfg",
        "/0011A0AABBCC.cfg",
        "/0011A0AABBCC.xml",
        "/VSP726_805EC0AABBCC.cfg",  # a block of Yealink's
        "/VSP726/0011A0AABBCC.cfg",
    ],
)
def test_near_misses_of_the_path_are_not_vtechs(path: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path))

    assert isinstance(found, Unidentified) or found.vendor != "vtech"


def test_a_block_of_snom_alone_does_not_make_a_vtech() -> None:
    assert CATALOGUE.makers_of(BRANDED_MAC) == {"snom"}
    assert CATALOGUE.makers_of(MAC) == {"vtech"}


TWO_LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=2, user_name="1002", registrar=PBX),
)
HELD = ("line.1.password", "line.2.password")
PASSWORDS = {"line.1.password": "pä= #1", "line.2.password": "<&>"}
ACCOUNTS = (
    Account(number=1, user_name="1001", password="pä= #1", auth_name="a1", registrar="pbx.example.com"),
    Account(number=2, user_name="1002", password="<&>", auth_name="1002", registrar="pbx.example.com"),
)


@pytest.mark.parametrize(("bench", "name"), [(BENCH, "VSP735A"), (BRANDED, "C520-WiMi")], ids=["text", "xml"])
def test_a_phone_asks_for_its_models_file_and_then_its_own(bench: Workbench, name: str) -> None:
    own = f"{name}_{bench.mac.upper}.cfg"
    view = bench.view(lines=TWO_LINES, held=HELD)
    general = bench.render(view, PASSWORDS, file=bench.file.replace("specific", "general"))

    booted, asked = bench.play({f"{name}.cfg": general, own: bench.render(view, PASSWORDS)})

    assert asked == [f"{name}.cfg", own]
    assert booted == Booted(accounts=ACCOUNTS, next_url=URL + own)


def test_a_phone_that_gets_nothing_or_nonsense_keeps_what_it_has() -> None:
    for served in (
        {},
        {"VSP735A.cfg": "# empty"},
        {"VSP735A.cfg": "<settings><open>"},
        {"VSP735A.cfg": "<!DOCTYPE a>"},
    ):
        booted, _ = BENCH.play(served)
        assert booted == Booted()


def test_what_is_given_without_a_proof_has_nothing_of_one_device() -> None:
    fields = ("line.1.password", *(f"setting.{name}" for name in SECRETS))
    for bench in (BENCH, BRANDED):
        view = bench.view({"key.1": "line", "raw.network.user_class": "x", "provisioning_user": "u"}, held=fields)

        text = bench.render(view, dict.fromkeys(fields, "p4ss"), file=bench.file.replace("specific", "general"))

        assert set(bench.read(text)) == {"provisioning.remote_check_sync_enable"}


def test_a_forgotten_password_is_left_out() -> None:
    assert VENDOR.after_deletion_of(BENCH.view()) is AfterDeletion.OMIT
    for bench in (BENCH, BRANDED):
        held = bench.settings(bench.view(held=("line.1.password",)), {"line.1.password": "x"})
        without = bench.settings(bench.view(lines=(LINE,)))
        assert held.items() - without.items() == {("sip_account.1.authentication_access_password", "x")}
        assert without["sip_account.1.sip_account_enable"] == "1"


def test_the_name_a_phone_asks_by_tells_its_family_where_the_model_is_not_known() -> None:
    view = replace(BRANDED.view({"time_format": "24", "dtmf_payload": "101"}), model=None)

    found = read_modules(BRANDED.render(view))

    assert (found["time_date.hr24_clock"], found["sip_account.1.dtmf_payload_type"]) == ("1", "101")


@pytest.mark.parametrize("text", ILLEGAL)
@pytest.mark.parametrize("bench", [BENCH, BRANDED], ids=["text", "xml"])
def test_a_text_that_the_file_cannot_carry_stops_it(text: str, bench: Workbench) -> None:
    setting = replace(bench.view(), settings={"ldap.base": text})
    raw = replace(bench.view(), raw={"network.user_class": text})

    for view, name in ((setting, "ldap.base"), (raw, "raw.network.user_class")):
        with pytest.raises(UnfitValue) as caught:
            bench.render(view)
        assert caught.value.field == name
    with pytest.raises(UnfitValue) as caught:
        bench.render(bench.view(held=("line.1.password",)), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)


FIELDS = {
    "label": "sip_account.1.label",
    "display_name": "sip_account.1.display_name",
    "auth_name": "sip_account.1.authentication_name",
    "voicemail": "sip_account.1.access_code_retrieve_voicemail",
    "ldap.base": "remoteDir.ldap_base",
    "ldap.user": "remoteDir.ldap_user_name",
    "ldap.name_filter": "remoteDir.ldap_lastname_filter",
    "ldap.number_filter": "remoteDir.ldap_number_filter",
    "provisioning_user": "provisioning.server_username",
    "raw.network.user_class": "network.user_class",
    "line.1.password": "sip_account.1.authentication_access_password",
    "setting.admin_password": "profile.admin.access_password",
    "setting.user_password": "profile.user.access_password",
    "setting.provisioning_password": "provisioning.server_access_password",
    "setting.ldap.password": "remoteDir.ldap_access_password",
}
DESK_FIELDS = {
    "key": "pfk.1.blf",
    "dialled": "pfk.2.quick_dial",
    "blf_pickup_code": "sip_account.1.blf_remote_pickup_code",
}
SECRET_FIELDS = tuple(name for name in FIELDS if name.startswith(("line.", "setting.")))
ALL_TEXTS = st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys((*FIELDS, *DESK_FIELDS), TEXTS)})
PLAIN = dict.fromkeys(("user_name", *FIELDS, *DESK_FIELDS), "x")


def file_with(texts: dict[str, str], bench: Workbench) -> str:
    """The file of a device with a text of its own in every field that takes one."""
    line = Line(
        number=1,
        user_name=texts["user_name"],
        label=texts["label"],
        display_name=texts["display_name"],
        auth_name=texts["auth_name"],
        voicemail=texts["voicemail"],
        registrar=PBX,
        password=SecretSlot("line.1.password"),
    )
    values = {name: texts[name] for name in texts if name.startswith(("ldap", "provisioning", "raw.", "blf"))}
    view = bench.view(values, held=SECRET_FIELDS, lines=(line,))
    keys = {
        "key.1": Key(kind=KeyKind.BLF, value=texts["key"], label=texts["label"]),
        "key.2": Key(kind=KeyKind.SPEED_DIAL, value=texts["dialled"]),
    }
    return bench.render(
        replace(view, settings={**view.settings, **keys}), {field: texts[field] for field in SECRET_FIELDS}
    )


@settings(max_examples=100, deadline=None)
@given(ALL_TEXTS)
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    text = file_with(texts, BENCH)

    names = [[line.partition(" =")[0] for line in one.splitlines()] for one in (text, file_with(PLAIN, BENCH))]
    assert names[0] == names[1]
    found = read_settings(text)
    fields = FIELDS | DESK_FIELDS
    assert found["sip_account.1.user_id"] == texts["user_name"]
    assert {field: found[name] for field, name in fields.items()} == {field: texts[field] for field in fields}


@settings(max_examples=100, deadline=None)
@given(ALL_TEXTS)
def test_legal_texts_come_back_from_xml_too(texts: dict[str, str]) -> None:
    text = file_with(texts, BRANDED)

    found = read_modules(text)
    assert list(found) == list(read_modules(file_with(PLAIN, BRANDED)))
    assert found["sip_account.1.user_id"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}
    played = read_settings(text)
    assert {name.replace("24hr_clock", "hr24_clock"): value for name, value in played.items()} == found
