"""Digium, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.digium.boot import boot, user_agent
from provserver.vendors.digium.contents import contents
from provserver.vendors.digium.files import AGENTS, BOOTSTRAP, FILES, MODELS
from provserver.vendors.digium.rows import PARAMETERS, raw_entry

VENDOR = Vendor(
    slug="digium",
    name="Digium",
    ouis=frozenset({"000fd3"}),  # IEEE, Digium (M)
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.NOT_FOUND,
        reason=(
            "an account of the file takes the place of the phone's (conflict=replace), and would do so without its "
            "password; that a phone without a file keeps its last one is not documented"
        ),
        source="wazo wazo_digium base.tpl; FusionPBX digium",
        confidence="L",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="check-sync", reboot=None, source="wazo wazo_digium; FusionPBX: enable_check_sync", confidence="M"
    ),
    simulation=Simulation(model="D65", firmware="2_9_19", user_agent=user_agent, boot=boot),
    variables=contents,
    raw=raw_entry,
    bootstrap=BOOTSTRAP,
    sources=(
        "Sangoma and Asterisk wiki, Phones - XML Configuration",
        "wazo-platform/wazo-provd-plugins 2321a3f, plugins/wazo_digium, dhcp (facts only)",
        "fusionpbx c7a00dc, resources/templates/provision/digium (facts only)",
    ),
)
