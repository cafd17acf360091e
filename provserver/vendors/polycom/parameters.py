"""
The parameter table, by the file and section a row stands in, and the rows of the master file and of flash.

Sections: ``master`` is the master file; ``line``, ``key``, ``device`` (flash) and ``secret`` the file with credentials;
``system`` the file without. Not written: upgrade.custom.server.url, an address of a list of releases, of which no
setting speaks; sec.TLS.customCaCert.N, whose place in flash (`trust`) serves all applications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter
from provserver.domain.view import DeviceView
from provserver.vendors.polycom.account import ACCOUNT
from provserver.vendors.polycom.applications import APPLICATIONS
from provserver.vendors.polycom.directory import DIRECTORY
from provserver.vendors.polycom.files import FIRMWARE_FILE, SITE_FILE, USER_FILE
from provserver.vendors.polycom.flash import FLASH
from provserver.vendors.polycom.keys import KEYS
from provserver.vendors.polycom.polling import POLLING
from provserver.vendors.polycom.system import SYSTEM
from provserver.vendors.polycom.trust import TRUST

_GUIDE = "SIP 3.1 and UC Software administrator's guides"
_FUSION = "FusionPBX polycom 6.x; Wazo base.tpl"
_SWITCH = {True: "1", False: "0"}
_FOLDERS = ("LOG_FILE", "OVERRIDES", "CONTACTS", "LICENSE", "USER_PROFILES", "CALL_LISTS")


def _file_names(view: DeviceView, _at: At) -> Iterator[Entry]:
    """What to ask for next, all of it in the folder of the master file. No name stands in both files."""
    yield Entry("APP_FILE_PATH", FIRMWARE_FILE)
    yield Entry("CONFIG_FILES", f"{view.mac}{USER_FILE}, {view.mac}{SITE_FILE}")
    yield Entry("MISC_FILES", "")
    for folder in _FOLDERS:
        yield Entry(f"{folder}_DIRECTORY", "")


def _basics(view: DeviceView, _at: At) -> Iterator[Entry]:
    """What every phone is to know of itself, and where it asks from now on."""
    yield Entry("device.set", "1")
    yield Entry("device.baseProfile", "Generic", FLASH)  # one sold for Skype would register nowhere else
    # The address has its scheme, which the guides allow; device.prov.serverType would have to repeat it.
    yield Entry("device.prov.serverName", view.provisioning_url, FLASH)
    # Otherwise a DHCP option would go on to send the phone to an address without its token.
    yield Entry("device.dhcp.bootSrvUseOpt", "Static", FLASH)
    yield Entry("device.prov.tagSerialNo", "1", FLASH)  # the MAC in the User-Agent


def _flash(
    setting: str,
    write: str,
    *,
    values: Mapping[Any, str] | None = None,
    section: str = "device",
    source: str = _FUSION,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        section=section,
        place=FLASH,
        source=source,
        confidence=confidence,
    )


_MASTER = (
    Parameter(setting=DEVICE, write=_file_names, section="master", source=_GUIDE, confidence="H"),
    # A whole address may stand here, as in CONFIG_FILES (guides); a name is looked for beside this file.
    Parameter(setting="firmware_url", write="APP_FILE_PATH", section="master", source=_GUIDE, confidence="M"),
)

_FLASH_ROWS = (
    Parameter(
        setting=DEVICE,
        write=_basics,
        section="device",
        source='SIP 2.2 and 3.1 guides: "Server Address can include a transfer protocol"; public templates',
        confidence="H",
    ),
    _flash(
        "discovery_dhcp",
        "device.dhcp.bootSrvUseOpt",
        values={True: "CustomAndDefault", False: "Static"},
        source="FreePBX",
    ),
    _flash("discovery_redirect", "device.prov.ztpEnabled", values=_SWITCH),
    _flash("vlan_id", "device.net.vlanId"),
    _flash("lldp", "device.net.lldpEnabled", values=_SWITCH),
    _flash(
        "cdp",
        "device.net.cdpEnabled",
        values=_SWITCH,
        source="sheet polycom 5 says that it can; the name is a recollection of the guides",
        confidence="L",
    ),
    _flash(
        "vlan_dhcp",
        "device.dhcp.dhcpVlanDiscUseOpt",
        values={True: "Fixed", False: "Disabled"},
        source="FusionPBX names it; SIP 2.2 guide C-14 has the words",
        confidence="M",
    ),
    _flash("provisioning_attempts", "device.prov.redunAttemptLimit", source="sheet polycom 5"),
    _flash("admin_password", "device.auth.localAdminPassword", section="secret"),
    _flash("user_password", "device.auth.localUserPassword", section="secret"),
    _flash("provisioning_user", "device.prov.user", section="secret"),
    _flash("provisioning_password", "device.prov.password", section="secret"),
)

PARAMETERS: tuple[Parameter, ...] = (
    *_MASTER,
    *ACCOUNT,
    *KEYS,
    *_FLASH_ROWS,
    *TRUST,
    *SYSTEM,
    *DIRECTORY,
    *APPLICATIONS,
    *POLLING,
)
