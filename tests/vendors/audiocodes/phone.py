"""An AudioCodes phone to test with, and what each setting is expected to write."""

from __future__ import annotations

from provserver.domain.mac import MacAddress
from provserver.vendors.audiocodes import VENDOR
from provserver.vendors.audiocodes.boot import read_settings
from tests.vendors.workbench import Workbench

BENCH = Workbench(vendor=VENDOR, mac=MacAddress("00908faabbcc"), model="440HD", read=read_settings)

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "timezone": (
        "Europe/London",
        {
            "network/lan/dhcp/ntp/gmt_offset/enabled": "0",
            "system/ntp/gmt_offset": "+00:00",
            "system/daylight_saving/activate": "ENABLE",
            "system/daylight_saving/mode": "DayOfWeek",
            "system/daylight_saving/offset": "60",
            "system/daylight_saving/start_date/month": "3",
            "system/daylight_saving/start_date/week": "5",
            "system/daylight_saving/start_date/day_of_week": "SUNDAY",
            "system/daylight_saving/start_date/hour": "1",
            "system/daylight_saving/start_date/minute": "0",
            "system/daylight_saving/end_date/month": "10",
            "system/daylight_saving/end_date/week": "5",
            "system/daylight_saving/end_date/day_of_week": "SUNDAY",
            "system/daylight_saving/end_date/hour": "2",
            "system/daylight_saving/end_date/minute": "0",
        },
    ),
    "ntp_server": (
        "ntp.example.com",
        {
            "system/ntp/enabled": "1",
            "network/lan/dhcp/ntp/server_list/enabled": "0",
            "system/ntp/primary_server_address": "ntp.example.com",
        },
    ),
    "ntp_server_backup": ("192.0.2.1", {"system/ntp/secondary_server_address": "192.0.2.1"}),
    "time_format": ("24", {"system/ntp/time_display_format": "24HOUR"}),
    "date_format": ("dmy", {"system/ntp/date_display_format": "EUROPEAN"}),
    "language": ("de", {"personal_settings/language": "GERMAN"}),
    "tone_country": ("au", {"voip/regional_settings/selected_country": "Australia"}),
    "codecs": (
        "g722 speex pcma",
        {"voip/codec/codec_info/0/name": "G722", "voip/codec/codec_info/1/name": "PCMA"},
    ),
    "srtp": ("mandatory", {"voip/media/srtp/enabled": "1"}),
    "mwi_subscribe": (
        "on",
        {"voip/services/msg_waiting_ind/enabled": "1", "voip/services/msg_waiting_ind/subscribe": "1"},
    ),
    "admin_user": ("boss", {"system/user_name": "boss"}),
    "vlan_id": ("20", {"network/lan/vlan/mode": "MANUAL", "network/lan/vlan/id": "20"}),
    "vlan_priority": ("5", {"network/lan/vlan/priority": "5"}),
    "resync_minutes": (
        "1440",
        {"provisioning/period/type": "hourly", "provisioning/period/hourly/hours_interval": "24"},
    ),
    "resync_from": (
        "23:30",
        {
            "provisioning/period/type": "daily",
            "provisioning/period/daily/time": "23:30",
            "provisioning/random_provisioning_time": "0",
        },
    ),
    "discovery_dhcp": ("on", {"provisioning/method": "DYNAMIC"}),
    "discovery_dhcp_options": ("66 161 160", {"provisioning/url_option_value": "161"}),
    "firmware_url": (
        "https://fw.example.com/440HD.img",
        {"provisioning/firmware/url": "https://fw.example.com/440HD.img"},
    ),
    "notify_reboots": ("on", {"voip/services/notify/check_sync/force_reboot_enabled": "1"}),
}
SECRETS: dict[str, dict[str, str]] = {"admin_password": {"system/password": "s3cret"}}
