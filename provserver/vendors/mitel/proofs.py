"""What a Mitel phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST}),
    source="6800 series administrator guide 4.2, 5-314: http digest username and password; Basic is the server's alone",
    confidence="H",
)

# A certificate made into the 6900 series is known by hearsay only (sheet mitel-aastra 7, L): none is declared.

BOOTSTRAP = (
    BootstrapWay(
        way=Way.REDIRECT,
        text="Enter the MAC in the maker's Redirection and Configuration Service (RCS) with {url}.",
        source="sheet mitel-aastra 9",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} as text in option 66; options 159 and 160 are taken too.",
        dhcp_option=66,
        dhcp_also=(159, 160),
        dhcp_classes=("AastraIPPhone",),
        source="sheet mitel-aastra 11; wazo aastra.conf",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.HAND,
        text=(
            "On the phone's web page, Advanced Settings, Configuration Server: choose the protocol of {url} and enter "
            "its host, port and path."
        ),
        source="6700i and 6800 series administrator guides",
        confidence="H",
    ),
)
