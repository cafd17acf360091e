"""Gigaset, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.gigaset.agents import AGENTS
from provserver.vendors.gigaset.boot import boot, user_agent
from provserver.vendors.gigaset.contents import PARAMETERS, check, contents
from provserver.vendors.gigaset.files import FILES
from provserver.vendors.gigaset.models import MODELS
from provserver.vendors.gigaset.phonebook import PHONEBOOK
from provserver.vendors.gigaset.proofs import BOOTSTRAP, CERTIFICATE, LOGIN

VENDOR = Vendor(
    slug="gigaset",
    name="Gigaset",
    # 14b370 M, the others H: sheet gigaset 3. The P series has parts of Snom's block, and is served as Snom's.
    ouis=frozenset({"7c2f80", "589ec6", "002104", "14b370"}),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "only listed parameters change, and the maker's examples are partial files; the operation that adds a "
            "handset is left out together with the password"
        ),
        source="sheet gigaset 6",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="check-sync",
        # Heeded by new bases from 2.52 on if notify_reboots is on; old ones ignore what follows the semicolon.
        reboot="check-sync;reboot=true",
        source="sheet gigaset 10",
        confidence="H",
    ),
    simulation=Simulation(model="N870 IP PRO", firmware="83.V2.62.1+build.d1d6a22", user_agent=user_agent, boot=boot),
    variables=contents,
    check=check,
    login=LOGIN,
    certificate=CERTIFICATE,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "gigawiki: The XML provisioning file, SIP multicast, IPUI, nested profiles, check-sync, N870 parameters",
        "wazo-provd-plugins wazo_gigaset N510, N720, Nx70",
        "tancredi gigaset-Maxwell.tmpl, gigaset.macros, patterns.d/gigaset.ini, data/scopes/gigaset-Maxwell*.ini",
    ),
)
