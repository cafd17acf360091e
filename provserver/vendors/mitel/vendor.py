"""Mitel, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.mitel.accounts import check_transports
from provserver.vendors.mitel.boot import boot, user_agent
from provserver.vendors.mitel.files import AGENTS, FILES
from provserver.vendors.mitel.models import MODELS
from provserver.vendors.mitel.parameters import PARAMETERS, raw_entry
from provserver.vendors.mitel.proofs import BOOTSTRAP, LOGIN

VENDOR = Vendor(
    slug="mitel",
    name="Mitel",
    # IEEE, and wazo's DHCP classes for the first three (sheet mitel-aastra 3, H). 0010bc is Aastra Telecom's.
    ouis=frozenset({"00085d", "1400e9", "08000f", "0010bc"}),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.NOT_FOUND,
        reason=(
            "what is downloaded replaces the whole server layer, so that a password that is missing from the new files "
            "falls back to nothing; without any file the phone goes on with the last ones it has (L)"
        ),
        source="sheet mitel-aastra 6; 6800 series administrator guide 4.2, Configuration File Precedence",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="check-sync",  # restarts only where a changed parameter needs it
        reboot=None,  # the same event
        source="sheet mitel-aastra 10",
        confidence="M",
    ),
    simulation=Simulation(model="6920", firmware="6.4.0.140", user_agent=user_agent, boot=boot),
    raw=raw_entry,
    check=check_transports,
    login=LOGIN,
    bootstrap=BOOTSTRAP,
    sources=(
        "Aastra administrator guides 2.3 to 3.3 for the 6700i and 9000i series (pages of scans)",
        "Mitel 6800 series administrator guide 4.2 (pages of scans)",
        "wazo-platform/wazo-provd-plugins 2321a3f, plugins/wazo_aastra, dhcp (facts only)",
        "fusionpbx c7a00dc, resources/templates/provision/aastra (facts only)",
        "aelintra/sail 4370a9f, aastra.cfg (facts only)",
    ),
)
