"""What a Gigaset can show of itself, and how our URL gets into it."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, FactoryCertificate, HTTPLogin

LOGIN = HTTPLogin(
    # Basic works in some builds only (M). A device shows its MAC and the MAC-ID printed on it first, then what it was
    # given.
    schemes=frozenset({AuthScheme.DIGEST}),
    source="sheet gigaset 7",
    confidence="H",
)

# That there is one is H; that its CN is the MAC is L. New firmware (2.61) shows one of another authority.
CERTIFICATE = FactoryCertificate(
    attribute="CN",
    pattern=re.compile(r"(?P<mac>[0-9A-Fa-f]{12})"),
    source="sheet gigaset 7",
    confidence="L",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.REDIRECT,
        text="Register MAC and MAC-ID (printed on the device) at prov.gigaset.net, or in GRAPE, with {url}%MACD.xml.",
        source="sheet gigaset 9",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url}%MACD.xml in option 114, which beats 66.",
        value="{url}%MACD.xml",
        dhcp_option=114,
        dhcp_classes=("Gigaset_N720_DM_PRO", "N510_IP_PRO"),
        source="sheet gigaset 2, 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the device's multicast SUBSCRIBE (Event: ua-profile) with {url}%MACD.xml.",
        value="{url}%MACD.xml",
        source="sheet gigaset 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the web page, Settings, System, Provisioning and configuration: enter {url}%MACD.xml as server.",
        source="sheet gigaset 1; gigawiki",
        confidence="M",
    ),
)
