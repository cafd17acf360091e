"""An OBi adapter and a phone to test with, and what each setting is expected to write."""

from __future__ import annotations

from dataclasses import replace

from provserver.domain.mac import MacAddress
from provserver.vendors.obihai import VENDOR
from provserver.vendors.obihai.boot import read_settings
from tests.vendors.workbench import Workbench

ADAPTER = Workbench(
    vendor=VENDOR, mac=MacAddress("9cadefaabbcc"), model="OBi302", read=lambda text: read_settings(text.encode())
)
PHONE = replace(ADAPTER, model="OBi1062")
ITSP = "X_DeviceManagement.ITSPProvisioning."
KEY = "VoiceService.1.Phone.LineKey.8."

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "dtmf": ("info", {"VoiceService.1.VoiceProfile.1.DTMFMethod": "SIPInfo"}),
    "mwi_subscribe": ("on", {"VoiceService.1.VoiceProfile.1.SIP.X_MWISubscribe": "true"}),
    "key.8": (
        "blf@2 1002 Front desk",
        {
            f"{KEY}Function": "Busy Lamp Field",
            f"{KEY}Service": "SP2",
            f"{KEY}Number": "1002",
            f"{KEY}Name": "Front desk",
        },
    ),
    "firmware_url": (
        "https://fw.example.com/OBi302.fw",
        {
            "X_DeviceManagement.FirmwareUpdate.FirmwareURL": "https://fw.example.com/OBi302.fw",
            "X_DeviceManagement.FirmwareUpdate.Method": "System Start",
        },
    ),
    "discovery_redirect": ("off", {"X_DeviceManagement.Provisioning.Method": "Disabled"}),
    "resync_minutes": ("60", {f"{ITSP}Method": "Periodically", f"{ITSP}Interval": "3600"}),
    "resync_from": ("02:30", {f"{ITSP}Method": "Time Of Day", f"{ITSP}TimeOfDay": "02:30+0"}),
    "provisioning_user": ("phone", {f"{ITSP}Username": "phone"}),
}
SECRETS: dict[str, dict[str, str]] = {
    "provisioning_password": {f"{ITSP}Password": "s3cret"},
    "admin_password": {"X_DeviceManagement.WebServer.AdminPassword": "s3cret"},
}
