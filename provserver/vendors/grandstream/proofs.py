"""What a Grandstream device can show of itself, and how our URL gets into it."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    # A phone that has no name and password yet asks for them on its screen after a 401 (GXP guide, H).
    source="sheet grandstream 7: P1360 and P1361",
    confidence="M",
)

# No factory certificate is declared: newer models have one, but no page of the maker says what its subject holds (L).

BOOTSTRAP = (
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} as text in option 66; 43 is read too, 160 and 150 on newer models.",
        dhcp_option=66,
        dhcp_also=(160, 150),
        dhcp_classes=("Grandstream",),
        source="sheet grandstream 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}; it has to end in a slash.",
        source="sheet grandstream 11",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, Maintenance, Upgrade and Provisioning: enter {url} as Config Server Path "
        "without the part before the host, and choose HTTP or HTTPS under Config Upgrade Via.",
        source="sheet grandstream 5: P237 and P212",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.REDIRECT,
        text="In GDMS add the device by MAC and serial number, and push a template that sets P237 to {url} without the "
        "part before the host, and P212 to 1 (HTTP) or 2 (HTTPS).",
        source="sheet grandstream 9",
        confidence="M",
    ),
)
