"""What a Yealink phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, FactoryCertificate, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    # A phone that has no name and password yet asks for them on its screen (L).
    source="sheet yealink 7: static.auto_provision.server.username and .password",
    confidence="M",
)

CERTIFICATE = FactoryCertificate(
    attribute="CN",
    pattern=re.compile(r"(?P<mac>[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})"),
    # Phones without a certificate of their own show one that all of them share (H). Its subject has no MAC, which is
    # enough to refuse it; a name is not known.
    source="sheet yealink 7; Yealink administrator guides, security certificates",
    confidence="M",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.REDIRECT,
        text="Register the MAC at Yealink RPS or YMCS with {url}; newer phones want their serial number too.",
        source="sheet yealink 9",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}.",
        source="sheet yealink 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} as text in option 66; custom options 128 to 254 are asked first.",
        dhcp_option=66,
        dhcp_classes=("yealink",),
        source="sheet yealink 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, Settings, Auto Provision: enter {url} as Server URL, press Auto Provision Now.",
        source="Yealink auto provisioning guides",
        confidence="H",
    ),
)
