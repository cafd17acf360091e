"""What Sangoma phones ask for, how they introduce themselves, and how our URL gets into them."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.formats import XML
from provserver.domain.hanlong.accounts import LINE
from provserver.domain.hanlong.keys import KEY
from provserver.domain.hanlong.system import ACCESS, SYSTEM
from provserver.domain.vendor import AgentPattern, FileRule

_KIN = "as Htek's phones, which have the same builder: sheet htek 1"

AGENTS = (
    # Sangoma S300 2.0.0.0 00:50:58:AA:BB:D7 in HTTP, Sangoma S500 V2.0.4.67 in SIP
    AgentPattern(
        words=("sangoma",),
        pattern=re.compile(
            r"^Sangoma (?P<model>S\d{3}) V?(?P<fw>\d+(?:\.\d+){1,5})"
            r"(?: (?P<mac>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{12}))?\Z",
            re.ASCII,
        ),
        source="HTTP: tancredi, test of templates; SIP: a registration in a public test",
        confidence="L",
    ),
)

FILES = (
    FileRule(
        name="config",
        pattern="cfg{mac}.xml",
        template="config.xml.j2",
        format=XML,
        sections=frozenset({LINE, KEY, SYSTEM, ACCESS, "raw"}),
        configuration=True,
        source="tancredi data/patterns.d/sangoma.ini; fusionpbx serves the same XML",
        confidence="M",
    ),
    # Not known to be asked for. If they are, it is no sign of guessing; and some of Htek's firmware stops at the first
    # file that it gets, so none of them is given.
    FileRule(name="binary", pattern="cfg{mac}", optional=True, source=_KIN, confidence="L"),
    FileRule(name="early", pattern="{mac}.cfg", optional=True, source=_KIN, confidence="L"),
    FileRule(name="model", pattern="cfg{number}.xml", optional=True, source=_KIN, confidence="L"),
    FileRule(name="factory", pattern="factory{number}.bin", optional=True, source=_KIN, confidence="L"),
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} in option 66.",
        dhcp_option=66,
        source="tancredi sangoma.tmpl: AllowDHCPOption",
        confidence="L",
    ),
    BootstrapWay(
        way=Way.HAND,
        text=(
            "On the web page, Management, Auto Provision: enter {url} as Config Server Path. Where the phone refuses"
            " the server's certificate, the switches for that are on Management, Trusted CA."
        ),
        source="fspbx documentation, Sangoma S-Series; tancredi sangoma.tmpl",
        confidence="M",
    ),
)
