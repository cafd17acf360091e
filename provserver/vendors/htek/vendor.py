"""Htek, as one value."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.hanlong.keys import Keys
from provserver.domain.hanlong.system import SYSTEM_ROWS, check_raw
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.domain.view import DeviceView
from provserver.vendors.htek.boot import ACCOUNTS, boot, user_agent
from provserver.vendors.htek.files import AGENTS, FILES
from provserver.vendors.htek.models import MODELS
from provserver.vendors.htek.phonebook import PHONEBOOK

KEYS = Keys(modes=False)


def _check(view: DeviceView) -> None:
    check_raw(view)
    ACCOUNTS.check(view)


VENDOR = Vendor(
    slug="htek",
    name="Htek",
    ouis=frozenset({"001fc1"}),  # sheet htek 3 (H)
    agents=AGENTS,
    files=FILES,
    parameters=(*ACCOUNTS.rows(), *KEYS.rows(), *SYSTEM_ROWS),
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason="elements that a file does not list keep their value; an empty P34 would empty the password",
        source="sheet htek 6; htekdesk, files with the minimum of settings",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(resync="check-sync", reboot=None, source="sheet htek 10; wazo_htek", confidence="M"),
    simulation=Simulation(model="UC926", firmware="2.0.4.6.41", user_agent=user_agent, boot=boot),
    check=_check,
    login=HTTPLogin(
        schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
        source="sheet htek 7; fusionpbx uc926: P1360, P1361",
        confidence="M",
    ),
    bootstrap=(
        BootstrapWay(
            way=Way.REDIRECT,
            text="Create a server with {url} in the portal of Htek RPS (rps.htek.com), and register the MAC for it.",
            source="sheet htek 9",
            confidence="H",
        ),
        BootstrapWay(
            way=Way.DHCP,
            text="Hand out {url} in option 66; the first request may come five minutes after the phone's start.",
            dhcp_option=66,
            source="sheet htek 11",
            confidence="M",
        ),
        BootstrapWay(
            way=Way.PNP,
            text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}.",
            source="sheet htek 11",
            confidence="M",
        ),
        BootstrapWay(
            way=Way.HAND,
            text="On the web page, Management, Auto Provision: enter {url} as Config Server Path.",
            source="htekdesk, UC900 provisioning; fusionpbx uc926",
            confidence="M",
        ),
    ),
    phonebook=PHONEBOOK,
    sources=(
        "htekdesk.atlassian.net: UC900 Series IP Phones Provisioning, RPS Work Process",
        "wazo-provd-plugins wazo_htek",
        "fusionpbx htek uc926, app/htek, table of key types",
    ),
)
