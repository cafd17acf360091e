"""Polycom and Poly, as one value."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, FileRule, NotifyEvents, Vendor
from provserver.domain.view import DeviceView
from provserver.vendors.polycom.agents import AGENTS
from provserver.vendors.polycom.boot import SIMULATION
from provserver.vendors.polycom.checks import check
from provserver.vendors.polycom.files import FILES, UPLOADS
from provserver.vendors.polycom.flash import after_deletion, raw_entry
from provserver.vendors.polycom.models import MODELS
from provserver.vendors.polycom.parameters import PARAMETERS
from provserver.vendors.polycom.phonebook import PHONEBOOK
from provserver.vendors.polycom.proofs import BOOTSTRAP, CERTIFICATE, LOGIN


def _variables(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """Names that stand in another file: a raw parameter takes the place of ours, and nothing may be said twice."""
    elsewhere: Collection[str] = () if "raw" in rule.sections else frozenset(view.raw)
    return {"elsewhere": elsewhere}


VENDOR = Vendor(
    slug="polycom",
    name="Polycom / Poly",
    # 0004f2, 64167f: IEEE, Polycom [H]. 482567: Poly, seen on a CCX 600 [H].
    # f04ea4: Edge E in one project's tests [L]. HP has many more, which the User-Agent settles.
    ouis=frozenset({"0004f2", "64167f", "482567", "f04ea4"}),
    agents=AGENTS,
    files=FILES,
    uploads=UPLOADS,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.NOT_FOUND,
        reason=(
            "a password that is missing from the files falls back to what was typed at the phone, which is nothing; "
            "without any file the phone starts with the configuration it has"
        ),
        source="guides of 2004, 2005 and UC Software 4.1.6: reg.x.auth.password; boot without files: one source",
        confidence="M",
        unproven=True,
    ),
    after_deletion_for=after_deletion,
    notify=NotifyEvents(
        resync="check-sync",  # restarts only if something changed
        reboot=None,  # the same event, after voIpProt.SIP.specialEvent.checkSync.alwaysReboot="1"
        source="FusionPBX templates; UC Software guides, special events",
        confidence="M",
    ),
    simulation=SIMULATION,
    variables=_variables,
    raw=raw_entry,
    check=check,
    login=LOGIN,
    certificate=CERTIFICATE,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "SoundPoint IP / SoundStation IP administrator's guides 1.4 to 3.1",
        "UC Software administrator's guides 3.3 to 5.9, VVX Expansion Module addendum 4.1.6",
        "Wazo wazo_polycom",
        "FusionPBX resources/templates/provision/polycom",
        "FreePBX polycomphones",
    ),
)
