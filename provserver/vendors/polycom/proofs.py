"""What a Poly phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, FactoryCertificate, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    source="sheet polycom 7: device.prov.user and device.prov.password, sent after a 401",
    confidence="M",
)

CERTIFICATE = FactoryCertificate(
    attribute="CN",
    pattern=re.compile(r"(?P<mac>[0-9A-Fa-f]{12})"),
    source="sheet polycom 7; UC Software administrator's guide 5.9, device certificates",
    confidence="H",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} as text in option 160 (the phone's own default), or in 66.",
        dhcp_option=160,
        dhcp_also=(66,),
        dhcp_classes=("Polycom",),
        source="sheet polycom 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.REDIRECT,
        text="Enter {url} for the MAC in the maker's ZTP or Lens portal; no public call does it.",
        source="sheet polycom 9",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, Settings, Provisioning Server: enter {url} as Server Address.",
        source="UC Software administrator's guides",
        confidence="H",
    ),
)
