"""AudioCodes, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.audiocodes.accounts import check_registrars
from provserver.vendors.audiocodes.boot import boot, user_agent
from provserver.vendors.audiocodes.files import AGENTS, FILES, MODELS
from provserver.vendors.audiocodes.parameters import PARAMETERS
from provserver.vendors.audiocodes.proofs import BOOTSTRAP, CERTIFICATE, LOGIN

VENDOR = Vendor(
    slug="audiocodes",
    name="AudioCodes",
    ouis=frozenset({"00908f", "001719", "0005e7"}),  # sheet audiocodes 3 (H)
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason="what a file does not mention is kept; a blank value would clear it",
        source="sheet audiocodes 6",
        confidence="L",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="check-sync",  # restarts only if force_reboot_enabled says so
        reboot=None,  # the same event
        source="sheet audiocodes 10; public configurations for AudioCodes",
        confidence="L",
    ),
    simulation=Simulation(model="440HD", firmware="2.2.8.61", user_agent=user_agent, boot=boot),
    check=check_registrars,
    login=LOGIN,
    certificate=CERTIFICATE,
    bootstrap=BOOTSTRAP,
    sources=(
        "400HD series administrator's manuals 2.0, 2.2.16, 3.4.3 (LTRT-09910, LTRT-11950, LTRT-11973; pages of scans)",
        "SySS GmbH, Zero Touch Pwn: captures of a C450HD and of what a large service sends it",
        "Elastix endpointconfig2, AudioCodes 3x0HD; other public configurations (facts only)",
        "fusionpbx c7a00dc, app/provision (User-Agent; facts only)",
    ),
)
