"""Everything of the flat profile that is no line, no key and no question of provisioning: `SYSTEM_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provserver.domain.parameters import At, Entry, Parameter
from provserver.domain.slot import SecretSlot
from provserver.vendors.cisco.clocks import write_zone
from provserver.vendors.cisco.codecs import write_codecs
from provserver.vendors.cisco.models import Family, family_of
from provserver.vendors.cisco.places import ROUTER
from provserver.vendors.cisco.rows import YES_NO, by_family, each, flat, row

_WAZO = "wazo_cisco_spa and wazo_cisco_sip base.tpl"
_BOTH = "wazo_cisco_spa base.tpl; fusionpbx cisco/spa514g, 8861"
_FPBX = "fusionpbx cisco/8861"
_ATA = "wazo_cisco_sip v11.1.0 base.tpl"

# The words under which a phone offers its languages come with its dictionaries; these five names are Wazo's (M).
_LANGUAGES = {"en": "English", "de": "German", "es": "Spanish", "fr": "French"}
_LOCALES = {"en": "en-US", "de": "de-DE", "es": "es-ES", "fr": "fr-FR"}
_TIME_FORMATS = {"12": "12hr", "24": "24hr"}
_DATE_FORMATS = {"dmy": "day/month", "mdy": "month/day"}  # there is none that begins with the year

_write_admin = by_family(
    {
        Family.SPA: "Admin_Passwd",
        Family.ADAPTER: "Admin_Passwd",
        Family.ATA: "Web_Login_Admin_Password",
        Family.MPP: "Admin_Password",
    },
    unknown=(Family.SPA, Family.MPP),
)
_write_user = by_family(
    {
        Family.SPA: "User_Password",
        Family.ADAPTER: "User_Password",
        Family.ATA: "Web_Login_Guest_Password",
        Family.MPP: "User_Password",
    },
    unknown=(Family.MPP,),
)


def _is_adapter(at: At) -> bool:
    return family_of(at.view.model) is Family.ADAPTER


def _write_admin_password(password: SecretSlot, at: At) -> Iterator[Entry]:
    """Write the password of the web page; in adapters the router's page has one of its own, which is the one used."""
    yield from _write_admin(password, at)
    if _is_adapter(at):
        yield Entry("Web_Login_Admin_Password", password, ROUTER)


def _write_user_password(password: SecretSlot, at: At) -> Iterator[Entry]:
    yield from _write_user(password, at)
    if _is_adapter(at):
        yield Entry("Web_Login_Guest_Password", password, ROUTER)


def _login_name(level: str) -> Any:  # noqa: ANN401 - a writer of any setting
    def write(name: str, at: At) -> Iterator[Entry]:
        """Adapters alone have names to log in by; a phone's are admin and user."""
        if _is_adapter(at):
            yield Entry(f"Web_Login_{level}_Name", name, ROUTER)
        elif family_of(at.view.model) is Family.ATA:
            yield flat(f"Web_Login_{level}_Name", name)

    return write


def _write_ntp(host: str, at: At) -> Iterator[Entry]:
    yield flat("Primary_NTP_Server", host)
    if _is_adapter(at):
        yield Entry("Time_Server", host, f"{ROUTER}/Time_Setup")


def _write_vlan(vlan: int, at: At) -> Iterator[Entry]:
    if _is_adapter(at):
        yield Entry("WAN_VLAN_Enable", "1", f"{ROUTER}/WAN_VLAN_Setting")
        yield Entry("WAN_VLAN_ID", str(vlan), f"{ROUTER}/WAN_VLAN_Setting")
        return
    yield flat("Enable_VLAN", "Yes")
    yield flat("VLAN_ID", vlan)


def _write_pc_vlan(vlan: int, _at: At) -> Iterator[Entry]:
    yield flat("Enable_PC_Port_VLAN_Tagging", "Yes")
    yield flat("PC_Port_VLAN_ID", vlan)


def _write_language(language: str, _at: At) -> Iterator[Entry]:
    if language in _LANGUAGES:
        yield flat("Language_Selection", _LANGUAGES[language])
        yield flat("Locale", _LOCALES[language])


def _of_first_phonebook(name: str) -> Any:  # noqa: ANN401 - a writer of any setting
    def write(value: str, at: At) -> Iterator[Entry]:
        """A phone has one directory of this kind."""
        if at.indices == (1,):
            yield flat(name, value)

    return write


def _write_ldap_server(host: str, at: At) -> Iterator[Entry]:
    port = at.view.settings.get("ldap.port")
    yield flat("LDAP_Dir_Enable", "Yes")
    yield flat("LDAP_Server", f"{host}:{port}" if port else host)


def _write_ldap_user(user: str, _at: At) -> Iterator[Entry]:
    yield flat("LDAP_Client_DN", user)
    yield flat("LDAP_Auth_Method", "Simple")


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    return iter(())


SYSTEM_ROWS: tuple[Parameter, ...] = (
    each("codecs", write_codecs, source="sheet cisco 5; fusionpbx cisco/spa514g, 8861, spa122"),
    row("dtmf_payload", "AVT_Dynamic_Payload", source="fusionpbx cisco/8861, spa122", confidence="M"),
    # time
    row("timezone", write_zone, source="sheet cisco 5; SPA and MPP guides, Daylight Saving Time Rule; wazo common.py"),
    row("ntp_server", _write_ntp),
    row("ntp_server_backup", "Secondary_NTP_Server"),
    row("time_format", "Time_Format", _TIME_FORMATS, source="wazo spa-phone.xml, cp-phone.xml: 24hr", confidence="M"),
    row("date_format", "Date_Format", _DATE_FORMATS, source="wazo spa-phone.xml: day/month", confidence="M"),
    row("language", _write_language, source=f"sheet cisco 5; {_WAZO}", confidence="M"),
    # access
    row("admin_password", _write_admin_password, source=f"sheet cisco 5; {_ATA}"),
    row("user_password", _write_user_password, source=f"sheet cisco 5; {_ATA}"),
    row("admin_user", _login_name("Admin"), source=f"sheet cisco 4; wazo_cisco_spa base.tpl; {_ATA}", confidence="M"),
    row("user_user", _login_name("Guest"), source=f"wazo_cisco_spa base.tpl; {_ATA}", confidence="M"),
    row("web_https_only", "Enable_Protocol", {True: "Https", False: "Http"}, source=_FPBX, confidence="M"),
    # network
    row("vlan_id", _write_vlan, source=f"sheet cisco 4; {_BOTH}"),
    row("pc_vlan_id", _write_pc_vlan, source=_BOTH),
    row("cdp", "Enable_CDP", YES_NO, source="fusionpbx cisco/spa514g, 8861", confidence="M"),
    row("lldp", "Enable_LLDP-MED", YES_NO, source="fusionpbx cisco/spa514g, 8861", confidence="M"),
    # directories
    row("phonebook.N.url", _of_first_phonebook("XML_Directory_Service_URL"), source=f"{_WAZO}; {_FPBX}"),
    row("phonebook.N.name", _of_first_phonebook("XML_Directory_Service_Name"), source=f"{_WAZO}; {_FPBX}"),
    row("ldap.server", _write_ldap_server, source=_FPBX, confidence="M"),
    row("ldap.port", _write_nothing, source=_FPBX, confidence="M"),
    row("ldap.base", "LDAP_Search_Base", source=_FPBX, confidence="M"),
    row("ldap.user", _write_ldap_user, source=_FPBX, confidence="M"),
    row("ldap.password", "LDAP_Password", source=_FPBX, confidence="M"),
)
