"""What an OBi device can show of itself, and how our URL gets into it."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    source="sheet obihai 7: ITSPProvisioning.Username and Password",
    confidence="M",
)

# A client certificate is known of newer devices by hearsay only (sheet obihai 7, L): none is declared.

BOOTSTRAP = (
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url}$MAC.xml as text in option 66; the device puts its MAC in the place of $MAC.",
        value="{url}$MAC.xml",
        dhcp_option=66,
        source="sheet obihai 1, 11",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.REDIRECT,
        text="Enter {url}$MAC.xml as ConfigURL of the device in the maker's portal (OBiTALK, PDMS-SP or zero touch).",
        source="sheet obihai 9",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the device's web page, System Management, Auto Provisioning: enter {url}$MAC.xml as ITSP ConfigURL.",
        source="Obihai IP Phone administration guide 2017, ITSP Provisioning",
        confidence="H",
    ),
)
