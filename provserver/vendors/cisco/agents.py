"""What these phones say of themselves when they ask for files. Those of the enterprise kind say nothing of use."""

from __future__ import annotations

import re

from provserver.domain.vendor import AgentPattern

AGENTS: tuple[AgentPattern, ...] = (
    # Cisco/ATA191-MPP-11-1-0-MSR4 (FCH2443D9R4): a serial number and no MAC. Before the next form, which it would fit.
    AgentPattern(
        words=("cisco",),
        pattern=re.compile(r"\ACisco/(?P<model>ATA\d{3})-MPP-(?P<fw>\S+) \((?P<serial>\w+)\)\Z", re.ASCII),
        source="sheet cisco 2; wazo_cisco_sip v11.1.0",
        confidence="H",
    ),
    # Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT141400UK), Cisco/SPA525G-7.4.7 (CBT141900G7): MAC, if told, and serial
    AgentPattern(
        words=("cisco",),
        pattern=re.compile(
            r"\ACisco/(?P<model>\w+)-(?P<fw>\S+) (?:\((?P<mac>[0-9A-F]{12})\))?\((?P<serial>\w+)\)\Z", re.ASCII
        ),
        source="sheet cisco 2; wazo_cisco_spa common.py",
        confidence="H",
    ),
    # Linksys/SPA-942-6.1.5(a) (88019FA42805)
    AgentPattern(
        words=("linksys",),
        pattern=re.compile(r"\ALinksys/(?P<model>[\w-]+)-(?P<fw>[^\s-]+) \((?P<serial>\w+)\)\Z", re.ASCII),
        source="sheet cisco 2; wazo_cisco_spa common.py",
        confidence="H",
    ),
    # Cisco-CP-8841-3PCC/11.0 (00562b043615): the maker's guide calls the last field a serial number, it is the MAC.
    # The whole text can be set on the phone (HTTP_User_Agent_Name).
    AgentPattern(
        words=("cisco",),
        pattern=re.compile(r"\ACisco-CP-(?P<model>\d{4})-3PCC/(?P<fw>\S+) \((?P<mac>[0-9A-Fa-f]{12})\)\Z", re.ASCII),
        source="sheet cisco 2; MPP administration guides; wazo_cisco_sip v11.3.1, v12",
        confidence="H",
    ),
    # Cisco-DP-9861/3.x (…): phones of 2024
    AgentPattern(
        words=("cisco",),
        pattern=re.compile(r"\ACisco-DP-(?P<model>\d{4})/(?P<fw>\S+) \((?P<mac>[0-9A-Fa-f]{12})\)\Z", re.ASCII),
        source="sheet cisco 2",
        confidence="L",
    ),
)
