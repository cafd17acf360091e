"""2N, as one value."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.twon.boot import boot, user_agent
from provserver.vendors.twon.contents import check, contents, raw_entry
from provserver.vendors.twon.files import AGENTS, FILES
from provserver.vendors.twon.models import MODELS
from provserver.vendors.twon.rows import PARAMETERS

VENDOR = Vendor(
    slug="twon",
    name="2N",
    ouis=frozenset({"7c1eb3"}),  # IEEE (H)
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "partial trees are what public servers hand out, and nodes that are not mentioned stay; a blank "
            "PasswordString would be the password, and Enabled = 0 would unregister the device"
        ),
        source="sheet 2n 6",
        confidence="L",
        unproven=True,
    ),
    # Whether a NOTIFY makes the device ask again is not known. It asks at boot and every AutoUpdate period.
    notify=NotifyEvents(resync=None, reboot=None, source="sheet 2n 10", confidence="L"),
    simulation=Simulation(model="IP Verso", firmware="2.50.0.76.2", user_agent=user_agent, boot=boot),
    variables=contents,
    raw=raw_entry,
    check=check,
    login=HTTPLogin(
        schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
        source="sheet 2n 7: AutoUpdate AuthEnabled, Username, Password",
        confidence="M",
    ),
    # #factory shows a certificate of 2N's own; what stands in its subject is not known.
    bootstrap=(
        BootstrapWay(
            way=Way.HAND,
            text="On the web page, under automatic update, enter {url}: its host as server address, the rest as path.",
            source="sheet 2n 1, 5",
            confidence="M",
        ),
        BootstrapWay(
            way=Way.DHCP,
            text="Hand out {url} in option 66; option 150 is known too.",
            dhcp_option=66,
            dhcp_also=(150,),
            source="sheet 2n 11",
            confidence="L",
        ),
    ),
    sources=(
        "wiki.2n.com: /api/config",
        "fusionpbx, provision/2n/ipsolo, ipstyle (facts only)",
    ),
)
