"""A Myriad and an IP Touch to test with, and what each setting is expected to write for them."""

from __future__ import annotations

from dataclasses import replace

from provserver.domain.mac import MacAddress
from provserver.vendors.alcatel import VENDOR
from provserver.vendors.alcatel.boot import read_ini, read_settings
from tests.vendors.workbench import Workbench

MYRIAD = Workbench(
    vendor=VENDOR, mac=MacAddress("3c28a6aabbcc"), model="M5", read=lambda text: read_settings(text.encode())
)
TOUCH = replace(MYRIAD, model="4018", file="touch-config", read=read_ini)

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "timezone": (
        "America/St_Johns",
        {"SettingTimeZone": "-3:30", "SettingTimeZoneLocation": "America/St_Johns", "SettingDstEnable": "2"},
    ),
    "ntp_server": ("ntp.example.com", {"SettingSntpServer": "ntp.example.com"}),
    "language": ("de", {"SettingLanguage": "2"}),
    "codecs": ("opus g722 speex pcma", {"Account1AudioCodec": "125;9;8"}),
    "srtp": ("off", {"Account1SrtpWorkingMode": "0"}),
    "dtmf": ("info", {"Account1DtmfMode": "4"}),
    "key.28": (
        "blf@2 1002 Front desk",
        {
            "ProgramKey28Type": "59",
            "ProgramKey28Account": "2",
            "ProgramKey28Label": "Front desk",
            "ProgramKey28Value": "1002",
            "ProgramKey28Extension": "1002",
        },
    ),
    "module.3.key.2": (
        "speed_dial 0800123",
        {
            "Aom3ProgramKey2Type": "1",
            "Aom3ProgramKey2Account": "1",
            "Aom3ProgramKey2Label": "0800123",
            "Aom3ProgramKey2Value": "0800123",
            "Aom3ProgramKey2Extension": "0800123",
        },
    ),
    "web_https_only": ("on", {"DeviceNetworkHttpEnable": "false"}),
    "vlan_id": ("20", {"DeviceNetworkLanVlanEnable": "true", "DeviceNetworkLanVlanNumber": "20"}),
    "pc_vlan_id": ("30", {"DeviceNetworkPcVlanEnable": "true", "DeviceNetworkPcVlanNumber": "30"}),
    "lldp": ("off", {"DeviceNetworkLldpVlanEnable": "false"}),
    "phonebook.6.url": (
        "https://pb.example.com/",
        {"RemotePhoneBookEnable": "true", "RemotePhoneBook6Url": "https://pb.example.com/"},
    ),
    "phonebook.6.name": ("Company", {"RemotePhoneBook6GroupName": "Company"}),
    "resync_from": (
        "02:00",
        {
            "DeviceProvisionPollingByWeekdaysEnable": "true",
            "DeviceProvisionPollingBeginTime": "02:00",
            "DeviceProvisionPollingEndTime": "02:00",
            "DeviceProvisionPollingDayofWeek": "0123456",
        },
    ),
    "resync_until": (
        "04:00",
        {
            "DeviceProvisionPollingByWeekdaysEnable": "true",
            "DeviceProvisionPollingBeginTime": "04:00",
            "DeviceProvisionPollingEndTime": "04:00",
            "DeviceProvisionPollingDayofWeek": "0123456",
        },
    ),
    "discovery_pnp": ("off", {"DeviceProvisionPnpEnable": "false"}),
    "discovery_dhcp": ("off", {"DeviceProvisionDhcpEnable": "false"}),
    "discovery_dhcp_options": ("66 160", {"DeviceProvisionDhcpCustomOption": "160"}),
    "keep_user_changes": ("on", {"DeviceProvisionUserConfigProtectEnable": "true"}),
    "firmware_url": (
        "https://fw.example.com/ale/",
        {"DeviceFirmwareUpgradeUrl": "https://fw.example.com/ale/", "DeviceAutoUpgradeEnable": "true"},
    ),
    "provisioning_user": ("phone", {"DeviceProvisionServerUsername": "phone"}),
    "admin_user": ("boss", {"DeviceSecurityAdminName": "boss"}),
    "user_user": ("desk", {"DeviceSecurityUserName": "desk"}),
}
SECRETS: dict[str, dict[str, str]] = {
    "provisioning_password": {"DeviceProvisionServerPassword": "s3cret"},
    "admin_password": {"DeviceSecurityAdminPwd": "s3cret"},
    "user_password": {"DeviceSecurityUserPwd": "s3cret"},
    "var_password": {"DeviceSecurityVarPwd": "s3cret"},
}
TOUCH_WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "timezone": ("Europe/Berlin", {"sntp/timezone": "UT::60:000000:000000"}),
    "ntp_server": ("ntp.example.com", {"sntp/sntp_addr": "ntp.example.com"}),
    "codecs": ("g722 pcma g729", {"sip/preferred_vocoder": "8,18"}),
    "dtmf": ("info", {"audio/dtmf_type": "2"}),
    "tone_country": ("de", {"audio/tone_country": "2"}),
    "realm": ("voip", {"sip/authentication_realm": "voip"}),
    "key.4": (
        "speed_dial 0800123 Support",
        {"appl/speed_dial_4_first_name": "Support", "appl/speed_dial_4_uri": "0800123"},
    ),
    "resync_minutes": ("1440", {"admin/config_polling_timer": "1440"}),
}
