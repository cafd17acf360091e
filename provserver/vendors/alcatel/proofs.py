"""What an ALE phone can show of itself, and how our URL gets into it."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    source="sheet alcatel-lucent A 7: DeviceProvisionServerUsername and Password; IP Touch phones have none",
    confidence="M",
)

BOOTSTRAP = (
    BootstrapWay(
        way=Way.REDIRECT,
        text="Enter the MAC in ALE's Easy Deployment Server (EDS) with {url}.",
        source="sheet alcatel-lucent A 9",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url} as text in option 66, or as sub-option 66 of option 43.",
        dhcp_option=66,
        dhcp_classes=("aledevice",),
        source="sheet alcatel-lucent A 11; wazo alcatel.conf",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text="IP Touch in SIP mode: hand out {url} as sub-option 67 of option 43; it keeps no URL of its own.",
        dhcp_option=43,
        dhcp_suboption=67,
        dhcp_classes=("alcatel.sip.0",),
        source="wazo alcatel.conf",
        confidence="M",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}.",
        source="sheet alcatel-lucent A 11; DeviceProvisionPnpEnable in wazo's template",
        confidence="L",
    ),
)
