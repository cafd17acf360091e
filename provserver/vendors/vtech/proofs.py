"""What a VTech phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin

# Digest is a guess (L): a phone that does not know it would be locked out by being asked for it.
LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.BASIC}),
    source="sheet vtech 7: provisioning.server_username and .server_access_password",
    confidence="M",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} in option 66; 159 and 160 are asked next. The phone's own order can be set.",
        dhcp_option=66,
        dhcp_also=(159, 160),
        dhcp_classes=("Vtech Vesa",),
        source="sheet vtech 2, 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url} within 10 s.",
        source="sheet vtech 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.REDIRECT,
        text="Ask VTech or the reseller to enter the MAC with {url} at its redirection server; there is no API.",
        source="sheet vtech 9: factory provisioning.server_address",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, Servicing, Provisioning: enter {url} as Server URL, save and restart.",
        source="pascom, Snom C520; sheet vtech 5",
        confidence="M",
    ),
)
