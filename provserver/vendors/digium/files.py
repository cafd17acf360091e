"""What Digium phones ask for, how they introduce themselves, and how our URL gets into them."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.formats import XML
from provserver.domain.vendor import AgentPattern, FileRule, Model
from provserver.vendors.digium.rows import ACCESS

# How many accounts and keys they have is in no source found, so nothing is refused.
MODELS: tuple[Model, ...] = tuple(
    Model(name=name, source="wazo wazo_digium common.py; FusionPBX digium", confidence="H")
    for name in ("D40", "D45", "D50", "D60", "D62", "D65", "D70", "D80")
)

AGENTS: tuple[AgentPattern, ...] = (
    # Digium D60 2_7_0 in HTTP, Digium D65 2_9_19 in SIP; in what form send_mac_with_useragent adds the MAC is unknown
    AgentPattern(
        words=("digium",),
        pattern=re.compile(r"^Digium (?P<model>D\d\d) (?P<fw>\d+(?:_\d+)+)\Z", re.ASCII),
        source="public captures of a D60 (HTTP) and a D65 (SIP)",
        confidence="M",
    ),
)

FILES: tuple[FileRule, ...] = (
    FileRule(
        name="config",
        pattern="{mac}.cfg",
        template="config.xml.j2",
        format=XML,
        sections=frozenset({"line", "system", ACCESS, "raw"}),
        configuration=True,
        source="wazo wazo_digium common.py; FusionPBX digium",
        confidence="H",
    ),
    FileRule(
        name="contacts",
        pattern="{mac}-contacts.xml",
        template="contacts.xml.j2",
        format=XML,
        source="wazo wazo_digium common.py, contact.tpl; our configuration names it",
        confidence="H",
    ),
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} as text in option 66.",
        dhcp_option=66,
        dhcp_classes=("digium",),
        source="wazo digium.conf",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="While the phone starts, cancel the search for a server and enter {url} as configuration server URL.",
        source="Sangoma, Phones - XML Configuration: the bootconfig server URL entry screen",
        confidence="M",
    ),
)
