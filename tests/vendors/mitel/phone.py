"""A Mitel to test with, and what each setting is expected to write."""

from __future__ import annotations

from provserver.domain.mac import MacAddress
from provserver.vendors.mitel import VENDOR
from provserver.vendors.mitel.boot import read_settings
from tests.vendors.workbench import Workbench

BENCH = Workbench(vendor=VENDOR, mac=MacAddress("1400e9aabbcc"), model="6867i", read=read_settings)
_EVENT = "http://e.example.com/"

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "timezone": (
        "Europe/London",
        {
            "time zone name": "Custom",
            "time zone minutes": "0",
            "dst config": "3",
            "dst minutes": "60",
            "dst [start|end] relative date": "1",
            "dst start month": "3",
            "dst start week": "-1",
            "dst start day": "1",
            "dst start hour": "1",
            "dst end month": "10",
            "dst end week": "-1",
            "dst end day": "1",
            "dst end hour": "2",
        },
    ),
    "ntp_server": ("ntp.example.com", {"time server disabled": "0", "time server1": "ntp.example.com"}),
    "ntp_server_backup": ("192.0.2.1", {"time server2": "192.0.2.1"}),
    "time_format": ("24", {"time format": "1"}),
    "date_format": ("ymd", {"date format": "2"}),
    "tone_country": ("gb", {"tone set": "UK"}),
    "codecs": (
        "g722 opus pcma",
        {"sip customized codec": "payload=9;ptime=20;silsupp=off,payload=8;ptime=20;silsupp=off"},
    ),
    "srtp": ("optional", {"sip line1 srtp mode": "1"}),
    "dtmf": ("info", {"sip out-of-band dtmf": "0", "sip line1 dtmf method": "1"}),
    "mwi_subscribe": ("on", {"sip explicit mwi subscription": "1"}),
    "mac_in_register": ("on", {"sip send mac": "1"}),
    "key.20": (
        "blf@2 1002 Front desk",
        {
            "topsoftkey20 type": "blf",
            "topsoftkey20 line": "2",
            "topsoftkey20 value": "1002",
            "topsoftkey20 label": "Front desk",
        },
    ),
    "softkey.2": ("dnd - Ruhe", {"softkey2 type": "dnd", "softkey2 line": "1", "softkey2 label": "Ruhe"}),
    "module.2.key.84": (
        "speed_dial 0800123",
        {
            "expmod2 key84 type": "speeddial",
            "expmod2 key84 line": "1",
            "expmod2 key84 value": "0800123",
            "expmod2 key84 label": "0800123",
        },
    ),
    "blf_pickup_code": ("*8", {"directed call pickup": "1", "directed call pickup prefix": "*8"}),
    "provisioning_user": ("phone", {"http digest username": "phone"}),
    "ip_by_dhcp": ("on", {"dhcp": "1"}),
    "vlan_id": ("20", {"tagging enabled": "1", "vlan id": "20", "vlan id port 1": "4095"}),
    "vlan_priority": ("5", {"priority non-ip": "5"}),
    "pc_vlan_id": ("30", {"vlan id port 1": "30"}),
    "lldp": ("off", {"lldp": "0"}),
    "phonebook.2.url": ("https://pb.example.com/2.csv", {"directory 2": "https://pb.example.com/2.csv"}),
    "phonebook.2.name": ("Company", {"directory 2 name": "Company"}),
    "action.boot": (_EVENT, {"action uri startup": _EVENT}),
    "action.registered": (_EVENT, {"action uri registered": _EVENT}),
    "action.incoming": (_EVENT, {"action uri incoming": _EVENT}),
    "action.outgoing": (_EVENT, {"action uri outgoing": _EVENT}),
    "action.established": (_EVENT, {"action uri connected": _EVENT}),
    "action.terminated": (_EVENT, {"action uri disconnected": _EVENT}),
    "action.off_hook": (_EVENT, {"action uri offhook": _EVENT}),
    "action.on_hook": (_EVENT, {"action uri onhook": _EVENT}),
    "resync_minutes": ("2880", {"auto resync mode": "1", "auto resync days": "2"}),
    "resync_from": ("23:30", {"auto resync mode": "1", "auto resync time": "23:30"}),
    "discovery_redirect": ("off", {"contact rcs": "0"}),
    "discovery_dhcp": ("off", {"dhcp config option override": "-1"}),
    "firmware_url": ("https://fw.example.com/mitel/6867i.st", {"firmware server": "https://fw.example.com/mitel"}),
    "trusted_ca_url": ("https://fw.example.com/ca.pem", {"sips trusted certificates": "https://fw.example.com/ca.pem"}),
    "tls_verify": ("on", {"https validate certificates": "1"}),
}

SECRETS: dict[str, dict[str, str]] = {
    "admin_password": {"admin password": "4711"},
    "user_password": {"user password": "4711"},
    "provisioning_password": {"http digest password": "4711"},
}
