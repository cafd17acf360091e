"""What a Snom phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, FactoryCertificate, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    source="sheet snom 7: http_client_user and http_client_pass",
    confidence="H",
)

CERTIFICATE = FactoryCertificate(
    attribute="CN",
    pattern=re.compile(r"(?P<mac>[0-9A-Fa-f]{12})"),
    source="sheet snom 7; every phone except the old 3xx has one (H)",
    confidence="M",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.REDIRECT,
        text="Enter the MAC in SRAPS with {url} as setting_server.",
        source="sheet snom 9",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}.",
        source="sheet snom 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} in option 66; it may hold {mac}, which the phone replaces.",
        dhcp_option=66,
        source="sheet snom 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, Advanced, Update: enter {url} as Setting URL and restart the phone.",
        source="service.snom.com: setting_server",
        confidence="M",
    ),
)
