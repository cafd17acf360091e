"""VTech phones to test with, and what each setting is expected to write."""

from __future__ import annotations

from defusedxml import ElementTree

from provserver.domain.mac import MacAddress
from provserver.vendors.vtech import VENDOR
from provserver.vendors.vtech.boot import read_settings
from tests.vendors.workbench import Workbench

MAC = MacAddress("0011a0aabbcc")
BRANDED_MAC = MacAddress("000413aabbcc")


def read_modules(text: str) -> dict[str, str]:
    """Read the XML notation, independently of the code that plays a phone."""
    found: dict[str, str] = {}

    def walk(element: ElementTree.Element, path: tuple[str, ...]) -> None:  # type: ignore[name-defined]
        if len(element) == 0:
            name = ".".join(path)
            assert name not in found
            found[name] = element.text or ""
        for child in element:
            walk(child, (*path, child.get("id") if child.tag == "idx" else child.tag))

    walk(ElementTree.fromstring(text.encode()), ())
    return found


BENCH = Workbench(vendor=VENDOR, mac=MAC, model="VSP735A", read=read_settings, file="specific-vsp")
BRANDED = Workbench(vendor=VENDOR, mac=BRANDED_MAC, model="C520-WiMi", read=read_modules, file="specific-c520")

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "timezone": (
        "Europe/London",
        {
            "time_date.selected_timezone": "Europe/London",
            "time_date.daylight_saving_auto_adjust": "1",
            "time_date.daylight_saving_user_defined": "1",
            "time_date.daylight_saving_start_month": "March",
            "time_date.daylight_saving_start_week": "5",
            "time_date.daylight_saving_start_day": "Sunday",
            "time_date.daylight_saving_start_hour": "1",
            "time_date.daylight_saving_end_month": "October",
            "time_date.daylight_saving_end_week": "5",
            "time_date.daylight_saving_end_day": "Sunday",
            "time_date.daylight_saving_end_hour": "2",
            "time_date.daylight_saving_amount": "60",
        },
    ),
    "ntp_server": (
        "ntp.example.com",
        {"time_date.ntp_server": "1", "time_date.ntp_server_addr": "ntp.example.com"},
    ),
    "time_format": ("24", {"time_date.24hr_clock": "1"}),
    "date_format": ("dmy", {"time_date.date_format": "DD/MM/YY"}),
    "language": ("de", {"user_pref.language": "de", "user_pref.web_language": "de"}),
    "codecs": (
        "g722 opus pcma",
        {
            "sip_account.1.codec_priority.1": "g722",
            "sip_account.1.codec_priority.2": "g711a",
            "sip_account.1.codec_priority.3": "none",
            "sip_account.1.codec_priority.4": "none",
            "sip_account.1.codec_priority.5": "none",
        },
    ),
    "srtp": ("mandatory", {"sip_account.1.voice_encryption_enable": "1"}),
    "dtmf": ("inband", {"sip_account.1.dtmf_transport_method": "inband"}),
    "mwi_subscribe": ("on", {"sip_account.1.mwi_enable": "1"}),
    "register_retry_s": ("30", {"sip_account.1.registration_retry_time": "30"}),
    "stun_server": (
        "stun.example.com",
        {
            "sip_account.1.nat_traversal_stun_enable": "1",
            "sip_account.1.nat_traversal_stun_server_address": "stun.example.com",
        },
    ),
    "key.32": (
        "blf@2 1002 Front desk",
        {"pfk.32.feature": "busy lamp field", "pfk.32.account": "2", "pfk.32.blf": "1002"},
    ),
    "blf_pickup_code": ("*8", {"sip_account.1.blf_remote_pickup_code": "*8"}),
    "provisioning_user": ("phone", {"provisioning.server_username": "phone"}),
    "ip_by_dhcp": ("on", {"network.ip.dhcp_enable": "1"}),
    "vlan_id": ("20", {"network.vlan.wan.enable": "1", "network.vlan.wan.id": "20"}),
    "vlan_priority": ("5", {"network.vlan.wan.priority": "5"}),
    "pc_vlan_id": ("30", {"network.vlan.pc.enable": "1", "network.vlan.pc.id": "30"}),
    "pc_vlan_priority": ("0", {"network.vlan.pc.priority": "0"}),
    "lldp": ("on", {"network.lldp_med.enable": "1"}),
    "web_https_only": ("on", {"web.https_enable": "1"}),
    "syslog_server": (
        "log.example.com",
        {"log.syslog_enable": "1", "log.syslog_server_address": "log.example.com"},
    ),
    "phonebook.1.url": ("https://pb.example.com/", {"file.contact.directory.overwrite": "https://pb.example.com/"}),
    "ldap.server": (
        "ldap.example.com",
        {"remoteDir.ldap_enable": "1", "remoteDir.ldap_server_address": "ldap.example.com"},
    ),
    "ldap.port": ("636", {"remoteDir.ldap_port": "636"}),
    "ldap.tls": ("ldaps", {"remoteDir.ldap_authentication_type": "ssl"}),
    "ldap.base": ("dc=example", {"remoteDir.ldap_base": "dc=example"}),
    "ldap.user": ("cn=phone", {"remoteDir.ldap_user_name": "cn=phone"}),
    "ldap.name_filter": (
        "(cn=%)",
        {"remoteDir.ldap_firstname_filter": "(cn=%)", "remoteDir.ldap_lastname_filter": "(cn=%)"},
    ),
    "ldap.number_filter": ("(tel=%)", {"remoteDir.ldap_number_filter": "(tel=%)"}),
    "ldap.name_attributes": (
        "givenName sn",
        {"remoteDir.ldap_firstname_attribute": "givenName", "remoteDir.ldap_lastname_attribute": "sn"},
    ),
    "ldap.number_attributes": (
        "telephoneNumber mobile",
        {
            "remoteDir.ldap_work_number_attributes": "telephoneNumber",
            "remoteDir.ldap_mobile_number_attributes": "mobile",
        },
    ),
    "tls_verify": (
        "on",
        {
            "sip_account.1.check_trusted_certificate": "1",
            "remoteDir.ldap_check_certificate": "1",
            "provisioning.check_trusted_certificate": "1",
        },
    ),
    "resync_at_boot": ("off", {"provisioning.bootup_check_enable": "0"}),
    "resync_minutes": ("60", {"provisioning.schedule_mode": "interval", "provisioning.resync_time": "60"}),
    "resync_from": (
        "23:30",
        {
            "provisioning.schedule_mode": "weekday",
            "provisioning.weekdays": "0,1,2,3,4,5,6",
            "provisioning.weekdays_start_hr": "23",
            "provisioning.weekdays_end_hr": "0",
        },
    ),
    "resync_until": (
        "00:15",
        {
            "provisioning.schedule_mode": "weekday",
            "provisioning.weekdays": "0,1,2,3,4,5,6",
            "provisioning.weekdays_start_hr": "23",
            "provisioning.weekdays_end_hr": "0",
        },
    ),
    "discovery_pnp": ("off", {"provisioning.pnp_enable": "0"}),
    "discovery_dhcp": ("off", {"provisioning.dhcp_option_enable": "0"}),
    "discovery_dhcp_options": (
        "160 66 159 43",
        {
            "provisioning.dhcp_option_priority_1": "160",
            "provisioning.dhcp_option_priority_2": "66",
            "provisioning.dhcp_option_priority_3": "159",
        },
    ),
    "firmware_url": (
        "https://fw.example.com/a.bin",
        {
            "provisioning.firmware_url": "https://fw.example.com/a.bin",
            "provisioning.resync_mode": "config_and_firmware",
        },
    ),
    "handset_firmware.1.url": (
        "https://fw.example.com/h.bin",
        {"provisioning.handset_firmware_url": "https://fw.example.com/h.bin"},
    ),
}

# Settings that only phones of Snom's name have.
BRANDED_WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "dtmf_payload": ("101", {"sip_account.1.dtmf_payload_type": "101"}),
    "mac_in_register": ("on", {"sip_account.mac_info_in_every_sip_message": "1"}),
    "phonebook.3.url": ("https://pb.example.com/", {"remoteDir.xml.3.uri": "https://pb.example.com/"}),
    "phonebook.3.name": ("Company", {"remoteDir.xml.3.name": "Company"}),
    "time_format": ("24", {"time_date.hr24_clock": "1"}),
    "codecs": (
        "opus ilbc",
        {
            "sip_account.1.codec_priority.1": "opus",
            "sip_account.1.codec_priority.2": "ilbc",
            **{f"sip_account.1.codec_priority.{place}": "none" for place in range(3, 8)},
        },
    ),
}

SECRETS: dict[str, dict[str, str]] = {
    "admin_password": {"profile.admin.access_password": "4711"},
    "user_password": {"profile.user.access_password": "4711"},
    "provisioning_password": {"provisioning.server_access_password": "4711"},
    "ldap.password": {"remoteDir.ldap_access_password": "4711"},
    "config_key": {"provisioning.crypto_enable": "1", "provisioning.crypto_passphrase": "4711"},
}
