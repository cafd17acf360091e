"""How the server's URL gets into a phone out of the box: `BootstrapWay` for people, `ScannedCode` for cameras."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provserver.domain.parameters import Confidence
from provserver.domain.provisioning_url import URLPart, part_of
from provserver.errors import InvalidValue


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedCode:
    """
    What a QR code has to say that a softphone scans.

    *file* is the name of the file rule that it leads to. *scheme* is the maker's own, which means https; empty: the URL
    stays as it is.
    """

    file: str
    scheme: str = ""
    source: str
    confidence: Confidence

    def said(self, url: str) -> str:
        """The text for the *url* of the device's own file; InvalidValue for one that the maker's scheme cannot mean."""
        if not self.scheme:
            return url
        if not url.startswith("https://"):
            raise InvalidValue("phone.url", f"is no https URL, and {self.scheme}:// means one")
        return f"{self.scheme}://{part_of(url, URLPart.WITHOUT_SCHEME)}"
