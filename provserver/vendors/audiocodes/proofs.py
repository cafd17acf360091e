"""What an AudioCodes phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, FactoryCertificate, HTTPLogin

LOGIN = HTTPLogin(schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}), source="sheet audiocodes 7", confidence="H")

CERTIFICATE = FactoryCertificate(
    attribute="CN",
    pattern=re.compile(r"(?P<mac>[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})"),
    # That each phone has its own, made for its MAC, is the maker's word (H); where the MAC stands in it is not (L).
    source="sheet audiocodes 7; 400HD administrator's manual 3.4, Factory-Set Certificates",
    confidence="L",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} as text in option 160; without it the phone takes option 66 (and a file name from 67).",
        dhcp_option=160,
        dhcp_also=(66,),
        source="sheet audiocodes 1, 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}; it says no MAC there.",
        source="400HD administrator's manual, Obtaining Firmware and Configuration Files: SIP SUBSCRIBE and NOTIFY",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.REDIRECT,
        text="Have AudioCodes or its Device Manager enter the MAC with {url} at the HTTPS redirect server.",
        source="sheet audiocodes 9",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, Management, Automatic Update: enter {url}<MAC>.cfg as static URL.",
        source="400HD administrator's manual 3.4",
        confidence="M",
    ),
)
