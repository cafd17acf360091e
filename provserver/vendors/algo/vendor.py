"""Algo, as one value."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.vendors.algo.boot import boot, user_agent
from provserver.vendors.algo.checks import check, raw_entry
from provserver.vendors.algo.files import AGENTS, FILES
from provserver.vendors.algo.models import MODELS
from provserver.vendors.algo.rows import PARAMETERS

VENDOR = Vendor(
    slug="algo",
    name="Algo",
    ouis=frozenset({"0022ee"}),  # IEEE, the only one (H)
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.NOT_FOUND,
        reason=(
            "a whole file stands for all settings, so one without the password may clear it; the incremental file "
            "lists only what it changes, and goes on being served without the password"
        ),
        source="sheet algo 6; Algo provisioning guide 1.6, 2.2.5",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(
        resync="check-sync",  # sip.interop.checksync = conditional-reboot, which our file says
        reboot=None,
        source="sheet algo 10",
        confidence="M",
    ),
    simulation=Simulation(model="8301", firmware="5.5", user_agent=user_agent, boot=boot),
    raw=raw_entry,
    check=check,
    login=HTTPLogin(
        schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
        source="sheet algo 7: prov.auth.user and prov.auth.pwd",
        confidence="M",
    ),
    # Devices have a factory certificate (M); what stands in its subject is not known.
    bootstrap=(
        BootstrapWay(
            way=Way.DHCP,
            text="Hand out {url} in option 66; options 160 and 150 are asked too.",
            dhcp_option=66,
            dhcp_also=(160, 150),
            source="sheet algo 11; Algo provisioning guide 1.6, 2.1.1",
            confidence="H",
        ),
        BootstrapWay(
            way=Way.REDIRECT,
            text="Ask Algo's support to enter the MAC with {url} for zero-touch provisioning; there is no API.",
            source="sheet algo 9",
            confidence="M",
        ),
        BootstrapWay(
            way=Way.HAND,
            text="On the web page, under provisioning, enter {url} as static server, in method, host and path.",
            source="sheet algo 1, 5; Algo provisioning guide 1.6, 2.1.2",
            confidence="M",
        ),
    ),
    sources=(
        "Algo, Provisioning of Algo SIP Endpoints, version 1.6 (2018)",
        "docs.algosolutions.com: provisioning parameters, central provisioning",
        "Algo 8188 user guide, document 90-00067A, page 32",
        "fusionpbx c7a00dc, provision/algo (facts only)",
    ),
)
