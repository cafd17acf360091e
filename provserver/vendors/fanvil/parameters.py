"""Fanvil's parameter table: what is set once for a device, and all rows together in `PARAMETERS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter, Writer
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.fanvil.accounts import ACCOUNT_ROWS
from provserver.vendors.fanvil.clock import write_zone
from provserver.vendors.fanvil.dialects import SHEET, SWITCH, both, put, row
from provserver.vendors.fanvil.keys import KEY_ROWS
from provserver.vendors.fanvil.models import is_legacy, known_name
from provserver.vendors.fanvil.provisioning import (
    write_at_start,
    write_clear_text,
    write_dhcp,
    write_firmware,
    write_interval,
    write_url,
)

ACCESS = "access"  # the section of what belongs to one device alone
_TANCREDI = f"{SHEET}; tancredi fanvil.macros"
_GLOBAL, _QOS = "GLOBAL_CONFIG_MODULE", "QOS_CONFIG_MODULE"
_LDAP = "PHONE_CONFIG_MODULE/LDAP_Config/LDAP_Config_Entry@LDAP1"
_ACCOUNTS = "MMI_CONFIG_MODULE/MMI_Account/MMI_Account_Entry@Account"

# Three lists: names on newer X phones, numbers on all others (wazo_fanvil common.py, serie_v, serie_x).
_LANGUAGE_NAMES = {
    "en": "en", "ru": "ru", "it": "it", "fr": "fr", "de": "de", "es": "es", "tr": "tr", "cs": "cz", "nl": "nl",
    "pt": "pt", "pl": "pl",
}  # fmt: skip
_LANGUAGE_NUMBERS = {"en": "0", "nl": "3", "fr": "5", "es": "6", "it": "7", "de": "16"}
_LANGUAGE_NUMBERS_OF_OLD_X = {"en": "0", "nl": "3", "fr": "4", "it": "7", "es": "10", "de": "16"}
# tancredi fanvil.macros; wazo_fanvil common.py has eight of them, alike. Poland and Ireland are not among them.
_TONES = {
    "gb": "13", "de": "2", "us": "11", "fr": "25", "es": "33", "it": "21", "nl": "5", "at": "22", "ch": "9", "be": "0",
    "dk": "23", "se": "8", "no": "6", "fi": "24", "cz": "12", "pt": "32", "au": "15", "nz": "31",
}  # fmt: skip
_DATES, _DATES_OF_LATER = {"dmy": "5", "mdy": "7", "ymd": "9"}, {"dmy": "9", "mdy": "11", "ymd": "13"}
_LATER = ("X3U", "X4U", "X5U", "X6U", "X7C", "X210", "X301", "X303", "V62", "V64", "V65", "V67")
_LDAP_TLS = {"off": "0", "ldaps": "1", "starttls": "2"}
_LEVELS = {"admin": ("1", "admin", "10"), "user": ("2", "guest", "5")}  # which account, its factory name, its level
_VLAN_OPTION = "132"  # what phones take for the VLAN if they are told no other (FusionPBX x6u)
# Event: its name in the group ``cti``, and in the older dialect; their spelling.
_ACTIONS = {
    "boot": ("BootCompletedUrl", "Boot_Completed_Url"),
    "registered": ("RegOnUrl", "Reg_On_Url"),
    "unregistered": ("RegOffUrl", "Reg_Off_Url"),
    "register_failed": ("RegFailedUrl", "Reg_Failed_Url"),
    "off_hook": (None, "Offhook_Url"),
    "on_hook": (None, "Onhook_Uri"),
    "incoming": ("IncomingCallUrl", "Incmoing_Call_Url"),
    "outgoing": ("OutgoingCallUrl", "Outgoing_Call_Url"),
    "established": ("CallActiveUrl", "Call_Active_Url"),
    "terminated": ("CallStopUrl", "Call_Stop_Url"),
    "missed": ("NewMissedcallUrl", "Missed_call_Url"),
    "dnd_on": ("DNDOnUrl", "DND_On_Url"),
    "dnd_off": ("DNDOffUrl", "DND_Off_Url"),
    "forward_on": ("AlwaysFWDOnUrl", "Always_FWD_On_Url"),
    "forward_off": ("AlwaysFWDOffUrl", "Always_FWD_Off_Url"),
}


def _write_ntp(host: str, at: At) -> Iterator[Entry]:
    yield from put(at.view, "phone/date/EnableSNTP", f"{_GLOBAL}/Enable_SNTP", "1")
    yield from put(at.view, "phone/date/SNTPServer", f"{_GLOBAL}/SNTP_Server", host)


def _write_language(code: str, at: At) -> Iterator[Entry]:
    name = known_name(at.view.model)
    if is_legacy(at.view.model):
        words = _LANGUAGE_NUMBERS_OF_OLD_X
    else:
        words = _LANGUAGE_NAMES if name.startswith("X") else _LANGUAGE_NUMBERS
    if code in words:
        yield from put(at.view, "phone/display/DefaultLanguage", f"{_GLOBAL}/Language", words[code])


def _write_date(order: str, at: At) -> Iterator[Entry]:
    styles = _DATES_OF_LATER if known_name(at.view.model).startswith(_LATER) else _DATES
    yield from put(
        at.view, "phone/timeDisplay/DateDisplayStyle", "PHONE_CONFIG_MODULE/Date_Display_Style", styles[order]
    )


def _write_vlan(number: int, at: At) -> Iterator[Entry]:
    yield from put(at.view, "qos/EnableVLAN", f"{_QOS}/Enable_VLAN", "1")
    yield from put(at.view, "qos/VLANID", f"{_QOS}/VLAN_ID", str(number))


def _write_priority(priority: int, at: At) -> Iterator[Entry]:
    yield from put(at.view, "qos/SignallingPriority", f"{_QOS}/Signalling_Priority", str(priority))
    yield from put(at.view, "qos/VoicePriority", f"{_QOS}/Voice_Priority", str(priority))


def _write_pc_vlan(number: int, at: At) -> Iterator[Entry]:
    """2 gives the PC port a VLAN of its own; 1 lets it follow the phone's (tancredi)."""
    yield from put(at.view, "qos/EnablePVID", f"{_QOS}/Enable_PVID", "2")
    yield from put(at.view, "qos/PVIDValue", f"{_QOS}/PVID_Value", str(number))


def _write_vlan_dhcp(_value: object, at: At) -> Iterator[Entry]:
    """The option that holds the VLAN, or 0 for none."""
    option = str(at.view.settings.get("vlan_dhcp_option", _VLAN_OPTION))
    told = "0" if at.view.settings.get("vlan_dhcp") is False else option
    yield from put(at.view, "qos/DHCPOptionVlan", f"{_QOS}/DHCP_Option_Vlan", told)


def _write_ldap_user(user: str, at: At) -> Iterator[Entry]:
    """3 binds by name and password (tancredi, FusionPBX); without a user there is nobody to bind as."""
    yield from put(at.view, "phone/ldap@1/Authenticate", f"{_LDAP}/Authenticate", "3")
    yield from put(at.view, "phone/ldap@1/Username", f"{_LDAP}/Username", user)


def _write_numbers(attributes: str, at: At) -> Iterator[Entry]:
    """Three places, for the telephone, the mobile and another: what is not wished is emptied."""
    places = (("TelAttr", "Tel_Attr"), ("MobileAttr", "Mobile_Attr"), ("OtherAttr", "Other_Attr"))
    wished = attributes.split()[: len(places)]
    wished += [""] * (len(places) - len(wished))
    for (modern, legacy), attribute in zip(places, wished, strict=True):
        yield from put(at.view, f"phone/ldap@1/{modern}", f"{_LDAP}/{legacy}", attribute)


def _write_action(modern: str | None, legacy: str) -> Writer:
    def write(url: str, at: At) -> Iterator[Entry]:
        yield from put(at.view, modern and "cti/EnabledActionUrl", None, "1")
        yield from put(at.view, modern and f"cti/{modern}", f"{_GLOBAL}/{legacy}", url)

    return write


def _write_allowed(address: str, at: At) -> Iterator[Entry]:
    yield from put(at.view, "cti/EnabledActiveUri", None, "1")
    yield from put(at.view, "cti/ActiveUriIP", f"{_GLOBAL}/Active_Uri_IP", address)


def _write_notify(_view: DeviceView, at: At) -> Iterator[Entry]:
    """A request to fetch the configuration restarts nothing, unless that is wished."""
    yield from put(at.view, "sip/NotifyReboot", "SIP_CONFIG_MODULE/Notify_Reboot", "0")


def _write_tls_verify(check: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    yield from put(
        at.view, "dot1x/sslMode/PermissionCTF", "AUTOUPDATE_CONFIG_MODULE/Trust_Certification", SWITCH[check]
    )
    yield from put(at.view, "dot1x/sslMode/CommonName", None, SWITCH[check])


def _account(level: str, name: str) -> tuple[str, str]:
    """The paths of *name* in the block of a level of access."""
    number = _LEVELS[level][0]
    modern, legacy = (
        f"web/account@{number}/{name}",
        f"MMI_CONFIG_MODULE/MMI_Account/MMI_Account_Entry@Account{number}/{name}",
    )
    return modern, legacy


def _write_login_name(level: str) -> Writer:
    def write(name: str, at: At) -> Iterator[Entry]:
        yield from put(at.view, *_account(level, "Name"), name)

    return write


def _write_login(level: str) -> Writer:
    def write(password: SecretSlot, at: At) -> Iterator[Entry]:
        name = str(at.view.settings.get(f"{level}_user", _LEVELS[level][1]))
        yield from put(at.view, *_account(level, "Name"), name)
        yield from put(at.view, *_account(level, "Password"), password)
        yield from put(at.view, *_account(level, "Level"), _LEVELS[level][2])

    return write


_SYSTEM_ROWS: tuple[Parameter, ...] = (
    # time
    row("timezone", write_zone, source=f"{SHEET}; wazo_fanvil common.py; FusionPBX x6u"),
    row("ntp_server", _write_ntp),
    both("ntp_server_backup", "phone/date/SecondSNTPServer", f"{_GLOBAL}/Second_SNTP_Server"),
    both("time_format", "phone/timeDisplay/TimeDisplayStyle", "PHONE_CONFIG_MODULE/Time_Display_Style",
         {"24": "0", "12": "1"}, source=_TANCREDI),
    row("date_format", _write_date, source=_TANCREDI),
    row("language", _write_language, source=f"{SHEET}; wazo_fanvil common.py, serie_x, serie_v, serie_i"),
    both("tone_country", "mm/SelectYourTone", "DSP_CONFIG_MODULE/Signal_Standard", _TONES, source=_TANCREDI),
    both("dtmf_payload", "mm/DtmfPayloadType", "DSP_CONFIG_MODULE/Dtmf_Payload_Type"),
    # network
    both("ip_by_dhcp", "net/EnableDHCP", f"{_GLOBAL}/Enable_DHCP", {True: "1"}),
    row("vlan_id", _write_vlan),
    row("vlan_priority", _write_priority),
    row("pc_vlan_id", _write_pc_vlan, source=f"{SHEET}; tancredi fanvil-X5.tmpl"),
    both("lldp", "qos/LLDPTransmit", f"{_QOS}/LLDP_Transmit", SWITCH),
    both("cdp", "qos/CDPEnable", f"{_QOS}/CDP_Enabled", SWITCH),
    row("vlan_dhcp", _write_vlan_dhcp),
    row("vlan_dhcp_option", _write_vlan_dhcp),
    # directories
    both("phonebook.N.url", "phone/xmlContact@{n}/Addr",
         "PHONE_CONFIG_MODULE/Xml_PhoneBook/Xml_PhoneBook_Entry@XML-PBook{n}/Addr"),
    both("phonebook.N.name", "phone/xmlContact@{n}/Name",
         "PHONE_CONFIG_MODULE/Xml_PhoneBook/Xml_PhoneBook_Entry@XML-PBook{n}/Name"),
    both("ldap.server", "phone/ldap@1/Server", f"{_LDAP}/Server"),
    both("ldap.port", "phone/ldap@1/port", f"{_LDAP}/port"),
    both("ldap.tls", "phone/ldap@1/UseSSL", None, _LDAP_TLS, source=f"{SHEET}; tancredi fanvil-X5.tmpl"),
    both("ldap.base", "phone/ldap@1/Base", f"{_LDAP}/Base"),
    row("ldap.user", _write_ldap_user),
    both("ldap.name_filter", "phone/ldap@1/NameFilter", f"{_LDAP}/Filter_Name"),
    both("ldap.number_filter", "phone/ldap@1/NumberFilter", f"{_LDAP}/Filter_number"),
    both("ldap.name_attributes", "phone/ldap@1/NameAttr", None),
    row("ldap.number_attributes", _write_numbers),
    both("ldap.display_name", "phone/ldap@1/Displayname", f"{_LDAP}/Displayname"),
    # action URLs
    *(row(f"action.{event}", _write_action(*names)) for event, names in _ACTIONS.items()),
    row("action_allowed_from", _write_allowed),
    # provisioning, discovery, trust
    row(DEVICE, _write_notify, source="sheet fanvil 10"),
    both("notify_reboots", "sip/NotifyReboot", "SIP_CONFIG_MODULE/Notify_Reboot", SWITCH, source="sheet fanvil 10"),
    row(DEVICE, write_clear_text, source="sheet fanvil 4", confidence="H"),
    both("discovery_pnp", "ap/pnp/PNPEnable", "AUTOUPDATE_CONFIG_MODULE/PNP_Enable", SWITCH),
    row("discovery_dhcp", write_dhcp),
    row("discovery_dhcp_options", write_dhcp),
    both("discovery_redirect", None, "AUTOUPDATE_CONFIG_MODULE/FDPS_Enable", SWITCH, source="FusionPBX x4g"),
    row("firmware_url", write_firmware, source=f"{SHEET}; wazo_fanvil base.tpl, base-new.tpl"),
    row("tls_verify", _write_tls_verify),
    both("tls_client_certificate", "dot1x/sslMode/DeviceCertMode", None, {"factory": "0", "custom": "1"}),
)  # fmt: skip

_ACCESS_ROWS: tuple[Parameter, ...] = (
    row(DEVICE, write_url, section=ACCESS, source="sheet fanvil 5, 9; falconieri; tancredi", confidence="H"),
    row("resync_at_boot", write_at_start, section=ACCESS, confidence="H"),
    row("resync_minutes", write_interval, section=ACCESS, confidence="H"),
    both("provisioning_user", "ap/DefaultUsername", "AUTOUPDATE_CONFIG_MODULE/Download_Username", section=ACCESS,
         confidence="H"),
    both("provisioning_password", "ap/DefaultPassword", "AUTOUPDATE_CONFIG_MODULE/Download_Password", section=ACCESS,
         confidence="H"),
    *(row(f"{level}_user", _write_login_name(level), section=ACCESS) for level in _LEVELS),
    *(row(f"{level}_password", _write_login(level), section=ACCESS, confidence="H") for level in _LEVELS),
    both("ldap.password", "phone/ldap@1/Password", f"{_LDAP}/Password", section=ACCESS),
)  # fmt: skip

PARAMETERS: tuple[Parameter, ...] = (*ACCOUNT_ROWS, *KEY_ROWS, *_SYSTEM_ROWS, *_ACCESS_ROWS)
