"""Whatever text is legal arrives unchanged in either dialect, and no text becomes anything else than its value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.catalogue import find_spec
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint
from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from tests.vendors.fanvil.device import LEGACY, MODERN, body, line, told, view_of

CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
TEXTS = (
    st.text(CHARACTERS | st.sampled_from("&<>\"'#=;[]{}%$!^-/ "), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: bool(text) and text_problem(text) is None)
)
OLD_LINE = "SIP_CONFIG_MODULE/SIP_Line_List/SIP_Line_List_Entry@SIP1"
OLD_LDAP = "PHONE_CONFIG_MODULE/LDAP_Config/LDAP_Config_Entry@LDAP1"
OLD_KEYS = "PHONE_CONFIG_MODULE/Function_Key/Function_Key_Entry@Fkey1"
OLD_WEB = "MMI_CONFIG_MODULE/MMI_Account/MMI_Account_Entry@Account1"
OLD_AP = "AUTOUPDATE_CONFIG_MODULE"
# Field of a line, setting, key or secret: the paths where its text arrives, in the newer and in the older dialect.
LINE_FIELDS = {
    "display_name": (["sip/line@1/DisplayName"], [f"{OLD_LINE}/Display_Name"]),
    "auth_name": (
        ["sip/line@1/RegisterUser", "sip/line@1/ProxyUser"],
        [f"{OLD_LINE}/Register_User", f"{OLD_LINE}/Proxy_User"],
    ),
    "voicemail": (["sip/line@1/MWINum"], [f"{OLD_LINE}/MWI_Num"]),
}
SETTINGS = {
    "provisioning_user": (["ap/DefaultUsername"], [f"{OLD_AP}/Download_Username"]),
    "phonebook.1.name": (
        ["phone/xmlContact@1/Name"],
        ["PHONE_CONFIG_MODULE/Xml_PhoneBook/Xml_PhoneBook_Entry@XML-PBook1/Name"],
    ),
    "ldap.base": (["phone/ldap@1/Base"], [f"{OLD_LDAP}/Base"]),
    "ldap.user": (["phone/ldap@1/Username"], [f"{OLD_LDAP}/Username"]),
    "ldap.name_filter": (["phone/ldap@1/NameFilter"], [f"{OLD_LDAP}/Filter_Name"]),
    "ldap.number_filter": (["phone/ldap@1/NumberFilter"], [f"{OLD_LDAP}/Filter_number"]),
    "ldap.display_name": (["phone/ldap@1/Displayname"], [f"{OLD_LDAP}/Displayname"]),
    "action_allowed_from": (["cti/ActiveUriIP"], ["GLOBAL_CONFIG_MODULE/Active_Uri_IP"]),
}
KEYS = {
    "key.1 value": (["dsskey/dssSide@1/Fkey@1/Value"], [f"{OLD_KEYS}/Value"]),
    "key.1 label": (["dsskey/dssSide@1/Fkey@1/Title"], [f"{OLD_KEYS}/Title"]),
}
RAW = {"raw": (["my/text"], ["MY_MODULE/text"])}
SECRETS = {
    "line.1.password": (
        ["sip/line@1/RegisterPswd", "sip/line@1/ProxyPswd"],
        [f"{OLD_LINE}/Register_Pswd", f"{OLD_LINE}/Proxy_Pswd"],
    ),
    "setting.admin_password": (["web/account@1/Password"], [f"{OLD_WEB}/Password"]),
    "setting.provisioning_password": (["ap/DefaultPassword"], [f"{OLD_AP}/Download_Password"]),
    "setting.ldap.password": (["phone/ldap@1/Password"], [f"{OLD_LDAP}/Password"]),
}
PLACES = {**LINE_FIELDS, **SETTINGS, **KEYS, **RAW, **SECRETS}
DIALECTS = {MODERN: 0, LEGACY: 1}
SECRET = "Xq7"  # in every text that is forbidden, so that a message which quotes it can be told
BREAKS = ["\n", "\r", "\t", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\ufffe", "\ud800"]
FORBIDDEN = [*(f"{SECRET}{character}b" for character in BREAKS), f" {SECRET}", f"{SECRET} "]


def device_with(texts: Mapping[str, str], model: str) -> tuple[DeviceView, dict[str, str]]:
    """A device with a text in every field that takes one, and its secrets."""
    fields = {name: texts[name] for name in LINE_FIELDS}
    view = view_of({}, line(1, outbound_proxy=Endpoint(host="p"), **fields), held=SECRETS, model=model)
    plain = {name: find_spec(name).read(texts[name]) for name in SETTINGS}
    key = Key(kind=KeyKind.DTMF, value=texts["key.1 value"], label=texts["key.1 label"])
    raw = {**view.raw, RAW["raw"][DIALECTS[model]][0]: texts["raw"]}
    view = dataclasses.replace(view, settings={**view.settings, **plain, "key.1": key}, raw=raw)
    return view, {name: texts[name] for name in SECRETS}


PLAIN = {model: told(*device_with(dict.fromkeys(PLACES, "plain"), model)) for model in DIALECTS}


@pytest.mark.parametrize("model", DIALECTS)
def test_the_plain_device_has_its_text_in_every_place(model: str) -> None:
    places = {path for pair in PLACES.values() for path in pair[DIALECTS[model]]}

    assert {name for name, text in PLAIN[model].items() if text == "plain"} == places


@settings(deadline=None)  # twenty texts and a parsing each: slow on a busy machine
@given(texts=st.fixed_dictionaries(dict.fromkeys(PLACES, TEXTS)), model=st.sampled_from(list(DIALECTS)))
def test_every_legal_text_is_read_back_and_nothing_more(texts: dict[str, str], model: str) -> None:
    found = told(*device_with(texts, model))

    changed = {path: texts[field] for field, pair in PLACES.items() for path in pair[DIALECTS[model]]}
    assert found == {**PLAIN[model], **changed}


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_text_that_breaks_lines_is_refused_when_entered_and_when_written(text: str) -> None:
    with pytest.raises(InvalidValue):
        find_spec("ldap.base").read(text)
    with pytest.raises(InvalidValue):
        line(1, display_name=text)
    for model in DIALECTS:
        forced = dataclasses.replace(view_of(model=model), settings={"ldap.base": text})
        with pytest.raises(UnfitValue, match=r"ldap\.base") as refused:
            body(forced)
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_password_that_breaks_lines_stops_the_artefact_and_is_not_quoted(text: str) -> None:
    with pytest.raises(UnfitValue, match=r"line\.1\.password") as refused:
        body(view_of(held=["line.1.password"]), {"line.1.password": text})

    assert SECRET not in str(refused.value)
