"""Snom, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.snom.agents import AGENTS
from provserver.vendors.snom.boot import boot, user_agent
from provserver.vendors.snom.contents import PARAMETERS, check, contents, raw_entry
from provserver.vendors.snom.files import FILES
from provserver.vendors.snom.models import MODELS
from provserver.vendors.snom.phonebook import PHONEBOOK
from provserver.vendors.snom.proofs import BOOTSTRAP, CERTIFICATE, LOGIN

VENDOR = Vendor(
    slug="snom",
    name="Snom",
    # 000413 H, 1c7126 and 00087b (RTX-built bases) M: sheet snom 3. Makers related to Snom have parts of 000413.
    ouis=frozenset({"000413", "1c7126", "00087b"}),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "settings are kept in flash one by one and files may be partial; an empty user_pass would wipe the "
            "password, so the element is left out"
        ),
        source="sheet snom 6; wazo_snom; FusionPBX",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="check-sync;reboot=false",  # bases want reboot=true (wazo_snom common_dect, M)
        reboot="check-sync;reboot=true",
        source="sheet snom 10",
        confidence="H",
    ),
    simulation=Simulation(model="D785", firmware="10.1.33.33", user_agent=user_agent, boot=boot),
    variables=contents,
    raw=raw_entry,
    check=check,
    login=LOGIN,
    certificate=CERTIFICATE,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "service.snom.com: provisioning, setting_server, Permission Flags, <phone-settings>, <functionKeys>, polling",
        "wiki.snom.com: Settings/dst, Mass Deployment/Setting Files",
        "wazo-provd-plugins wazo_snom common and common_dect",
        "tancredi snom.tmpl, snomD8XX.tmpl, snom.macros, data/scopes",
        "IP-Symcon and Gemeinschaft modules for action URLs and key counts; a published M700 configuration",
    ),
)
