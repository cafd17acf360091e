"""A Digium phone to test with, and what each setting is expected to write."""

from __future__ import annotations

from provserver.domain.mac import MacAddress
from provserver.vendors.digium import VENDOR
from provserver.vendors.digium.boot import read_config
from tests.vendors.workbench import Workbench


def read(text: str) -> dict[str, str]:
    """Settings under their names, attributes of accounts and hosts as ``0/username``, ``0/host_primary/server``."""
    config = read_config(text.encode())
    return config.settings | config.attributes


BENCH = Workbench(vendor=VENDOR, mac=MacAddress("000fd3aabbcc"), model="D65", read=read)

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "timezone": ("Europe/London", {"time_zone": "Europe/London"}),
    "ntp_server": ("ntp.example.com", {"time_source": "ntp", "ntp_server": "ntp.example.com"}),
    "language": ("de", {"locale": "de_DE"}),
    "mwi_subscribe": ("on", {"0/needMwiSubscription": "1"}),
    "register_retries": ("5", {"0/host_primary/num_retries": "5"}),
    "key.1": ("blf 1002 Front desk", {"enable_blf_on_unused_line_keys": "1", "blf_contact_group": "Default"}),
    "ip_by_dhcp": ("on", {"network_enable_dhcp": "1"}),
    "vlan_id": ("20", {"network_vlan_id": "20"}),
    "vlan_priority": ("5", {"network_vlan_qos": "5"}),
    "lldp": ("on", {"network_vlan_discovery_mode": "LLDP"}),
    "tls_verify": ("on", {"allow_insecure_ssl": "0"}),
}
SECRETS: dict[str, dict[str, str]] = {"admin_password": {"login_password": "4711"}}
