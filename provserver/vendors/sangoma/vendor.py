"""Sangoma's S series, as one value."""

from __future__ import annotations

from provserver.domain.hanlong.system import check_raw
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.domain.view import DeviceView
from provserver.vendors.sangoma.boot import boot, user_agent
from provserver.vendors.sangoma.files import AGENTS, BOOTSTRAP, FILES
from provserver.vendors.sangoma.models import MODELS
from provserver.vendors.sangoma.rows import ACCOUNTS, PARAMETERS


def _check(view: DeviceView) -> None:
    check_raw(view)
    ACCOUNTS.check(view)


VENDOR = Vendor(
    slug="sangoma",
    name="Sangoma (S series)",
    ouis=frozenset({"005058"}),  # tancredi: the one block of its phones (M)
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "Htek's phones, which have the same builder, keep what a file does not list; tancredi too leaves an"
            " account's elements out"
        ),
        source="sheet htek 6; tancredi sangoma.tmpl",
        confidence="L",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="check-sync;reboot=false",
        reboot="check-sync;reboot=true",
        source="sync-noreboot-sangoma and sync-reboot-sangoma of Sangoma's FreePBX, as quoted in public",
        confidence="M",
    ),
    simulation=Simulation(model="S500", firmware="2.0.4.67", user_agent=user_agent, boot=boot),
    check=_check,
    login=HTTPLogin(
        schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
        source="fspbx documentation: user name and password, tried with an S500; the schemes are Htek's, sheet htek 7",
        confidence="L",
    ),
    bootstrap=BOOTSTRAP,
    sources=(
        "nethesis/tancredi 5a8de9b, data/templates/sangoma, data/scopes, data/patterns.d, test (facts only)",
        "fspbx documentation, Sangoma S-Series (facts only)",
        "fusionpbx c7a00dc, resources/templates/provision/sangoma, app/devices/app_config.php (facts only)",
    ),
)
