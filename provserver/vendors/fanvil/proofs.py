"""What a Fanvil device can show of itself, and how our URL gets into it."""

from __future__ import annotations

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin

LOGIN = HTTPLogin(
    schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
    source="sheet fanvil 7: DefaultUsername and DefaultPassword",
    confidence="H",
)

# No factory certificate is declared: there is one, probably shared by all, and nobody says what its subject holds (L).

BOOTSTRAP = (
    BootstrapWay(
        way=Way.REDIRECT,
        text="Register the MAC in Fanvil's FDPS with the host of {url} as server and the rest, with $mac.cfg "
        "behind it, as file name.",
        source="sheet fanvil 9",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.DHCP,
        text="Hand out {url}$mac.cfg as text in option 66 (or 43, or one from 128 to 254: the phone looks at one).",
        value="{url}$mac.cfg",
        dhcp_option=66,
        source="sheet fanvil 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.PNP,
        text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile, vendor Fanvil) with {url}$mac.cfg.",
        value="{url}$mac.cfg",
        source="sheet fanvil 11",
        confidence="H",
    ),
    BootstrapWay(
        way=Way.HAND,
        text="On the phone's web page, System, Auto Provision, Static Provisioning Server: enter the host of {url} as "
        "server address, the rest with $mac.cfg behind it as file name, and choose HTTP or HTTPS.",
        source="sheet fanvil 5: FlashServerIP, FlashFileName, FlashProtocol",
        confidence="M",
    ),
)
