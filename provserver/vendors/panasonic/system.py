"""Everything that is set once for a phone: `SYSTEM_ROWS`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry
from provserver.domain.posix import plain_posix
from provserver.domain.timezones import load_zone
from provserver.domain.view import DeviceView
from provserver.vendors.panasonic.files import ACCESS, POINTER, file_name
from provserver.vendors.panasonic.rows import FSPBX, SARK, SHEET, YES_NO, nothing, row

_VERSION = re.compile(r"(?<![\d.])\d{2}\.\d{2,3}(?![\d.]*\d)")
_OPTIONS = {66: "OPTION66_ENABLE", 159: "OPTION159_PROV_ENABLE", 160: "OPTION160_PROV_ENABLE"}


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Write the address of the phone's own file, and empty the two others.

    Whatever they named before, an earlier server perhaps, would be fetched after ours and overrule it.
    """
    yield Entry("CFG_STANDARD_FILE_PATH", view.provisioning_url.framed(after=file_name(view)))
    yield Entry("CFG_PRODUCT_FILE_PATH", "")
    yield Entry("CFG_MASTER_FILE_PATH", "")


def _write_resync(_view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("PROVISION_ENABLE", "Y")
    yield Entry("CFG_RESYNC_FROM_SIP", "check-sync")  # what `Vendor.notify` sends


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    yield Entry("LOCAL_TIME_ZONE_POSIX", plain_posix(load_zone(name)))


def _write_cycle(minutes: int, _at: At) -> Iterator[Entry]:
    yield Entry("CFG_CYCLIC", "Y")
    yield Entry("CFG_CYCLIC_INTVL", str(minutes))


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    """Write the image and, where its name has one, the version by which the phone knows whether it is new."""
    yield Entry("FIRM_UPGRADE_ENABLE", "Y")
    yield Entry("FIRM_UPGRADE_AUTO", "Y")
    version = _VERSION.search(url.rpartition("/")[2])
    if version:
        yield Entry("FIRM_VERSION", version[0])
    yield Entry("FIRM_FILE_PATH", url)


def _write_vlan(vlan: int, _at: At) -> Iterator[Entry]:
    yield Entry("VLAN_ENABLE", "Y")
    yield Entry("VLAN_ID_IP_PHONE", str(vlan))


def _write_ldap_server(server: str, at: At) -> Iterator[Entry]:
    scheme = "ldaps" if at.view.settings.get("ldap.tls") == "ldaps" else "ldap"
    host = f"[{server}]" if ":" in server else server
    yield Entry("LDAP_ENABLE", "Y")
    yield Entry("LDAP_SERVER", f"{scheme}://{host}")


def _write_list(name: str, text: str) -> Iterator[Entry]:
    yield Entry(name, ",".join(text.replace(",", " ").split()))


def _write_ldap_names(text: str, _at: At) -> Iterator[Entry]:
    yield from _write_list("LDAP_NAME_ATTRIBUTE", text)


def _write_ldap_numbers(text: str, _at: At) -> Iterator[Entry]:
    yield from _write_list("LDAP_NUMB_ATTRIBUTE", text)


def _write_dhcp(wanted: bool, _at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    for name in _OPTIONS.values():
        yield Entry(name, YES_NO[wanted])


def _write_dhcp_options(options: tuple[int, ...], at: At) -> Iterator[Entry]:
    """Leave those options on that may name a server, unless all are off. Others than these three there are not."""
    if at.view.settings.get("discovery_dhcp") is False:
        return
    for option, name in _OPTIONS.items():
        yield Entry(name, YES_NO[option in options])


_NETWORK_ROWS = (
    row("vlan_id", _write_vlan, source=FSPBX),
    row("vlan_priority", "VLAN_PRI_IP_PHONE", source=FSPBX, confidence="M"),
    row("pc_vlan_id", "VLAN_ID_PC", source=FSPBX),
    row("pc_vlan_priority", "VLAN_PRI_PC", source=FSPBX, confidence="M"),
    row("stun_server", "STUN_SERV_ADDR", source=FSPBX, confidence="M"),
)
_LDAP_ROWS = (
    row("ldap.server", _write_ldap_server, source=SARK, confidence="M"),
    row("ldap.tls", nothing, source="sheet panasonic 5; SARK: the scheme of the server's address", confidence="M"),
    row("ldap.port", "LDAP_SERVER_PORT", source=SARK, confidence="M"),
    row("ldap.base", "LDAP_BASEDN", source=SARK, confidence="M"),
    row("ldap.user", "LDAP_USERID", source=SARK, confidence="M"),
    row("ldap.password", "LDAP_PASSWORD", section=ACCESS, source=SARK, confidence="M"),
    row("ldap.name_filter", "LDAP_NAME_FILTER", source=SARK, confidence="M"),
    row("ldap.number_filter", "LDAP_NUMB_FILTER", source=SARK, confidence="M"),
    row("ldap.name_attributes", _write_ldap_names, source=SARK, confidence="M"),
    row("ldap.number_attributes", _write_ldap_numbers, source=SARK, confidence="M"),
)
_PROVISIONING_ROWS = (
    row(DEVICE, _write_pointer, section=POINTER, source="sheet panasonic 1"),
    row(DEVICE, _write_resync, source="sheet panasonic 5, 10"),
    row("resync_minutes", _write_cycle, source=FSPBX, confidence="M"),
    row("resync_from", "CFG_RESYNC_TIME", source=f"{FSPBX}; its notation, hh:mm, is L", confidence="L"),
    row("discovery_dhcp", _write_dhcp),
    row("discovery_dhcp_options", _write_dhcp_options),
    row("discovery_pnp", "SIPPNP_PROV_ENABLE", YES_NO),
    row("firmware_url", _write_firmware, source=f"{SHEET}; wazo_panasonic base.tpl"),
    row("trusted_ca_url", "CFG_ROOT_CERTIFICATE_PATH", source="sheet panasonic 7"),
    row("tls_verify", "HTTP_SSL_VERIFY", {False: "0", True: "1"}, source=FSPBX, confidence="L"),
)
SYSTEM_ROWS = (
    row("ntp_server", "NTP_ADDR"),
    row("timezone", _write_zone),
    row("mwi_subscribe", "VM_SUBSCRIBE_ENABLE", YES_NO),
    row("admin_user", "ADMIN_ID", section=ACCESS),
    row("admin_password", "ADMIN_PASS", section=ACCESS),  # six characters or more (SARK), or the phone ignores it
    row("user_user", "USER_ID", section=ACCESS),
    row("user_password", "USER_PASS", section=ACCESS),
    *_NETWORK_ROWS,
    *_LDAP_ROWS,
    *_PROVISIONING_ROWS,
)
