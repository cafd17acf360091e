"""Yealink, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.yealink.access import check_login_names
from provserver.vendors.yealink.boot import boot, user_agent
from provserver.vendors.yealink.files import AGENTS, FILES, UPLOADS
from provserver.vendors.yealink.models import MODELS
from provserver.vendors.yealink.parameters import PARAMETERS
from provserver.vendors.yealink.phonebook import PHONEBOOK
from provserver.vendors.yealink.proofs import BOOTSTRAP, CERTIFICATE, LOGIN

# IEEE, and wazo or tancredi (sheet yealink 3, H). Wazo alone also has e434d7 (L): left out, since a block that is
# declared wrongly takes the phones of another maker, while one that is not declared only leaves more to the path.
_OUIS = frozenset(
    {
        "001565", "249ad8", "3497d7", "44dbd2", "644f56", "805e0c", "805ec0", "b061a9", "c4fc22", "ec1da9", "f01653",
    }
)  # fmt: skip

VENDOR = Vendor(
    slug="yealink",
    name="Yealink",
    ouis=_OUIS,
    agents=AGENTS,
    files=FILES,
    uploads=UPLOADS,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "with overwrite_mode = 0, which our boot file says, a parameter that a file does not mention is kept (H); "
            "phones that find no boot file keep it too (M); blank or %NULL% would clear it"
        ),
        source="sheet yealink 6",
        confidence="H",
        unproven=True,
    ),
    notify=NotifyEvents(
        # sip.notify_reboot_enable = 0, which our files say, makes the difference; by default both restart the phone.
        resync="check-sync;reboot=false",
        reboot="check-sync;reboot=true",
        source="sheet yealink 10",
        confidence="H",
    ),
    simulation=Simulation(model="T54W", firmware="96.86.0.70", user_agent=user_agent, boot=boot),
    check=check_login_names,
    login=LOGIN,
    certificate=CERTIFICATE,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "Yealink administrator and auto provisioning guides T2x, T4x, T5, T58, CP860, W52P, W53P (pages of scans)",
        "wazo-platform/wazo-provd-plugins 2321a3f, plugins/wazo_yealink (facts only)",
        "nethesis/tancredi 5a8de9b, data/templates/yealink.tmpl, yealink.macros (facts only)",
        "fusionpbx c7a00dc, resources/templates/provision/yealink (facts only)",
    ),
)
