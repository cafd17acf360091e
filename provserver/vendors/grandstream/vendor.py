"""Grandstream, as one value."""

from __future__ import annotations

from collections.abc import Mapping

from provserver.domain.parameters import write_entries
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, FileRule, NotifyEvents, Vendor
from provserver.domain.view import DeviceView
from provserver.vendors.grandstream.boot import SIMULATION
from provserver.vendors.grandstream.checks import check, raw_entry
from provserver.vendors.grandstream.files import AGENTS, FILES
from provserver.vendors.grandstream.models import MODELS
from provserver.vendors.grandstream.notation import ITEM, notation
from provserver.vendors.grandstream.parameters import PARAMETERS
from provserver.vendors.grandstream.phonebook import PHONEBOOK
from provserver.vendors.grandstream.proofs import BOOTSTRAP, LOGIN


def _variables(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The entries in the notation that the device reads; raw ones of the other are left out."""
    reads = notation(view)
    entries = write_entries(PARAMETERS, view, sections=rule.sections, raw=raw_entry)
    return {"by_name": reads == ITEM, "entries": tuple(entry for entry in entries if entry.place == reads)}


VENDOR = Vendor(
    slug="grandstream",
    name="Grandstream",
    # 000b82, c074ad, ec74d7: IEEE and captures (H). 144cff: the newer IEEE list alone (M).
    ouis=frozenset({"000b82", "c074ad", "ec74d7", "144cff"}),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "every P-value is stored in flash and a file may be partial, so what it does not mention stays; an empty "
            "element would clear the password, so the element is left out and the account stays on"
        ),
        source="sheet grandstream 6",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(
        # Newer phones ask whoever sends it for the administrator's password first (P4428), so polling is safer.
        resync="check-sync",
        reboot=None,
        source="sheet grandstream 10; wazo_grandstream common.py",
        confidence="M",
    ),
    simulation=SIMULATION,
    variables=_variables,
    raw=raw_entry,
    check=check,
    login=LOGIN,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "Grandstream SIP Device Provisioning Guide, XML Provisioning Guide 7/2011, GXP21xx, WP820 and HT801 guides",
        "the maker's template comments as kept in fusionpbx c7a00dc, resources/templates/provision/grandstream (facts)",
        "wazo-platform/wazo-provd-plugins 2321a3f, plugins/wazo_grandstream (facts only)",
    ),
)
