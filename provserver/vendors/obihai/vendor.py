"""Obihai, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.obihai.boot import boot, user_agent
from provserver.vendors.obihai.files import AGENTS, FILES
from provserver.vendors.obihai.models import MODELS
from provserver.vendors.obihai.parameters import PARAMETERS, check, raw_entry
from provserver.vendors.obihai.proofs import BOOTSTRAP, LOGIN

VENDOR = Vendor(
    slug="obihai",
    name="Obihai / Poly OBi",
    # 9cadef: IEEE, Obihai (H). 64167f: Polycom's, on what it sells with this software (sheet obihai 3, M); the names of
    # the files tell them apart.
    ouis=frozenset({"9cadef"}),
    guest_ouis=frozenset({"64167f"}),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason="what a file does not list is kept, unless the list itself says X_Reset, which ours never does",
        source="sheet obihai 6",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="resync",  # X_AcceptResync decides whether it has to be authenticated
        reboot=None,
        source="sheet obihai 10",
        confidence="H",
    ),
    simulation=Simulation(model="OBi302", firmware="3.2.2.5921", user_agent=user_agent, boot=boot),
    raw=raw_entry,
    check=check,
    login=LOGIN,
    bootstrap=BOOTSTRAP,
    sources=(
        "Obihai IP Phone administration guide, October 2017; OBi1000 series administration guide, April 2015 (pages)",
        "Poly OBi Voice Adapter deployment guide, November 2019 (pages)",
        "Broadband Forum TR-104",
        "fusionpbx c7a00dc, resources/templates/provision/obihai (facts only)",
        "public configurations for OBi110, OBi200 and OBi1032 (facts only)",
    ),
)
