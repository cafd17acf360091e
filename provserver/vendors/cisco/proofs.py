"""What a Cisco phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, FactoryCertificate, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    source="sheet cisco 7: [--uid U --pwd P] in the rule; fusionpbx answers with Digest",
    confidence="M",
)

CERTIFICATE = FactoryCertificate(
    attribute="ST",  # OU=CP-8841-3PCC, L=88012BA01234, S=000e08abcdef
    pattern=re.compile(r"(?P<mac>[0-9A-Fa-f]{12})"),
    generic=(re.compile(r"ciscogeneric"), re.compile(r"cisco\.com")),  # SPA firmware before 2.0: OU, L and S
    source="sheet cisco 7; SPA and MPP provisioning guides, client certificates",
    confidence="H",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.REDIRECT,
        text=(
            "Enter {url}$MA.xml as the profile URL of the MAC in the maker's remote customization (EDOS, "
            "software.cisco.com/software/cda/home); there is no public call for it."
        ),
        source="sheet cisco 9",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text=(
            "Hand out {url}$MA.xml as text in option 66 (also 160, 159 or 150); with a host name alone the phone asks "
            "it for /$PSN.xml or /spa$PSN.cfg, which names no device."
        ),
        value="{url}$MA.xml",
        dhcp_option=66,
        dhcp_also=(160, 159, 150),
        dhcp_classes=("LINKSYS SPA", "Cisco SPA", "CISCO SPA", "CISCO ATA", "CP-6", "CP-7", "CP-8"),
        source="sheet cisco 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text=(
            "Phones of SEP<MAC>.cnf.xml: hand out the server's address in option 150, and serve TFTP there or forward "
            "port 6970 (HTTP) to {url}; such a phone cannot keep a URL."
        ),
        dhcp_option=150,
        dhcp_address=True,
        dhcp_classes=("Cisco Systems, Inc. IP Phone",),
        source="sheet cisco 1, 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, Voice, Provisioning: enter {url}$MA.xml as Profile Rule, press Submit.",
        source="SPA and MPP provisioning guides",
        confidence="H",
    ),
)
