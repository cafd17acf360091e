"""Cisco, as one value."""

from __future__ import annotations

from collections.abc import Mapping

from provserver.domain.parameters import write_entries
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, FileRule, NotifyEvents, Simulation, Vendor
from provserver.domain.view import DeviceView
from provserver.vendors.cisco.agents import AGENTS
from provserver.vendors.cisco.blocks import OUIS
from provserver.vendors.cisco.boot import boot, user_agent
from provserver.vendors.cisco.checks import check
from provserver.vendors.cisco.cnf import CNF_ROWS
from provserver.vendors.cisco.enterprise import ENTERPRISE_ROWS
from provserver.vendors.cisco.files import FILES
from provserver.vendors.cisco.keys import KEY_ROWS
from provserver.vendors.cisco.lines import LINE_ROWS
from provserver.vendors.cisco.models import MODELS
from provserver.vendors.cisco.phonebook import PHONEBOOK
from provserver.vendors.cisco.places import CNF, FLAT, SEP, place_raw
from provserver.vendors.cisco.proofs import BOOTSTRAP, CERTIFICATE, LOGIN
from provserver.vendors.cisco.provisioning import PROVISIONING_ROWS
from provserver.vendors.cisco.system import SYSTEM_ROWS
from provserver.vendors.cisco.tree import elements

_PARAMETERS = (*LINE_ROWS, *KEY_ROWS, *SYSTEM_ROWS, *PROVISIONING_ROWS, *ENTERPRISE_ROWS, *CNF_ROWS)
_ROOTS = {FLAT: "flat-profile", SEP: "device"}
_FIRST = ("fullConfig", "deviceProtocol", "sshUserId", "sshPassword", "devicePool", "sipProfile")  # as call managers do


def _variables(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The entries of the file's own format; raw parameters of another one stay out."""
    (section,) = rule.sections - {"raw"}
    found = write_entries(_PARAMETERS, view, sections=rule.sections, raw=place_raw)
    entries = tuple(entry for entry in found if entry.place.partition("/")[0] == section)
    if section == CNF:
        return {"entries": entries}
    return {"entries": (), "elements": elements(_ROOTS[section], entries, first=_FIRST)}


VENDOR = Vendor(
    slug="cisco",
    name="Cisco",
    ouis=OUIS,
    agents=AGENTS,
    files=FILES,
    parameters=_PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "an element that a profile does not mention keeps its value (H); <X></X> empties it, and of <X/> guides "
            "say both. SEP<MAC>.cnf.xml and SIP<MAC>.cnf, which replace what the phone has, are not found then"
        ),
        source="sheet cisco 6; SPA and MPP provisioning guides",
        confidence="H",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="resync",  # phones of the enterprise kind want service-control with a body, which is not sent (M)
        reboot="reboot_now",
        source="sheet cisco 10",
        confidence="M",
    ),
    simulation=Simulation(model="8841", firmware="11.3.1", user_agent=user_agent, boot=boot),
    variables=_variables,
    raw=place_raw,
    check=check,
    login=LOGIN,
    certificate=CERTIFICATE,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "Cisco SPA and WIP310 administration and provisioning guides; SPA100 series guides",
        "Cisco IP Phone 6800 and 8800 series multiplatform phones, provisioning and administration guides",
        "wazo-platform/wazo-provd-plugins 2321a3f, plugins/wazo_cisco_spa, wazo_cisco_sip (facts only)",
        "fusionpbx, resources/templates/provision/cisco (facts only)",
    ),
)
