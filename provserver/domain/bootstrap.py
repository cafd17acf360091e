"""`BootstrapWay`: how the server's URL gets into a phone out of the box, as an installer needs to know it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provserver.domain.parameters import Confidence


class Way(StrEnum):
    """Who tells the phone."""

    DHCP = "dhcp"
    PNP = "pnp"  # the phone asks by SIP multicast: SUBSCRIBE ua-profile to 224.0.1.75
    REDIRECT = "redirect"  # the phone asks its maker
    HAND = "hand"  # somebody types it in, or scans it


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapWay:
    """
    One way. *text* says in one sentence what has to be done; ``{url}`` in it stands for the server's URL.

    *dhcp_option* is the option's number where *way* is DHCP; *dhcp_class* how such phones name themselves in option 60.
    """

    way: Way
    text: str
    dhcp_option: int | None = None
    dhcp_class: str | None = None
    source: str
    confidence: Confidence

    def __post_init__(self) -> None:
        if (self.way is Way.DHCP) is (self.dhcp_option is None):
            msg = f"an option belongs to DHCP and only there: {self.text!r}"
            raise ValueError(msg)

    def told(self, url: str) -> str:
        """The sentence with the server's *url* in it."""
        return self.text.replace("{url}", url)
