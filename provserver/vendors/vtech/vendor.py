"""VTech, as one value."""

from __future__ import annotations

from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.vtech.boot import boot, user_agent
from provserver.vendors.vtech.contents import PARAMETERS, check, contents, raw_entry
from provserver.vendors.vtech.files import AGENTS, FILES
from provserver.vendors.vtech.models import MODELS
from provserver.vendors.vtech.phonebook import PHONEBOOK
from provserver.vendors.vtech.proofs import BOOTSTRAP, LOGIN

# IEEE (H as registry); on which of them desk phones are is not known. VTech's home phones and toys share them.
_OUIS = frozenset(
    {"000d14", "0011a0", "00122a", "001f6e", "14aedb", "1c8ee6", "547068", "a4975c", "c468d0"}
)  # fmt: skip

VENDOR = Vendor(
    slug="vtech",
    name="VTech",
    ouis=_OUIS,
    guest_ouis=frozenset({"000413"}),  # Snom's: units that carry its name may have it (sheet vtech 3, L)
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "a setting may be in the general file, the phone's own, both or neither (H), so values stay in the phone "
            "(M, inferred); a blank would set the password to nothing"
        ),
        source="sheet vtech 6",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(
        # Any change restarts the phone after a minute of rest; what reboot=false does is not known.
        resync="check-sync",
        reboot="check-sync",
        source="sheet vtech 10",
        confidence="H",
    ),
    simulation=Simulation(model="VSP726", firmware="1.1.4.0-0", user_agent=user_agent, boot=boot),
    variables=contents,
    raw=raw_entry,
    check=check,
    login=LOGIN,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "VTech administrator and provisioning manuals VSP600 to VSP736, VCS752 (pages of scans)",
        "fusionpbx, provision/vtech/vcs754, snom/C520, M100KLE, M500KLE (facts only)",
        "SARK device templates, an exported configuration of a VSP735A (facts only)",
        "pascom documentation, Snom conference systems",
    ),
)
