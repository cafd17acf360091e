"""How the server's URL gets into a phone out of the box: `BootstrapWay` for people, `ScannedCode` for cameras."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provserver.domain.parameters import Confidence
from provserver.domain.provisioning_url import URLPart, part_of
from provserver.errors import InvalidValue

URL_PLACE = "{url}"
_ENCAPSULATED = 43  # RFC 2132 8.4: vendor-specific information, options within an option
_ADDRESSES = 150  # RFC 5859: TFTP server addresses; others put text into it


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

    *value* is what the phone is told by DHCP or PnP: the URL (which ends in a slash), with what this maker's phones
    replace by themselves behind it. Where *way* is DHCP, *dhcp_option* is the option's number, *dhcp_also* are further
    options in which such phones take the same, and *dhcp_classes* how they begin to name themselves in option 60 (none:
    they are known by the blocks of their MACs). *dhcp_suboption* is the place of the value within option 43.
    *dhcp_address*: the option holds the server's address, and no URL.
    """

    way: Way
    text: str
    value: str = URL_PLACE
    dhcp_option: int | None = None
    dhcp_also: tuple[int, ...] = ()
    dhcp_suboption: int | None = None
    dhcp_address: bool = False
    dhcp_classes: tuple[str, ...] = ()
    source: str
    confidence: Confidence

    def __post_init__(self) -> None:
        if (self.way is Way.DHCP) is (self.dhcp_option is None):
            raise ValueError(f"an option belongs to DHCP and only there: {self.text!r}")
        if self.dhcp_option is None and (self.dhcp_also or self.dhcp_classes or self.dhcp_address):
            raise ValueError(f"options and classes belong to DHCP: {self.text!r}")
        if (self.dhcp_option == _ENCAPSULATED) is (self.dhcp_suboption is None):
            raise ValueError(f"option 43 has sub-options, and no other has: {self.text!r}")
        if self.dhcp_address and (self.dhcp_option != _ADDRESSES or self.dhcp_also):
            raise ValueError(f"option 150 alone holds addresses: {self.text!r}")
        if URL_PLACE not in self.value or (self.value != URL_PLACE and self.value not in self.text):
            raise ValueError(f"the text does not say {self.value!r}: {self.text!r}")

    def told(self, url: str) -> str:
        """The sentence with the server's *url* in it."""
        return self.text.replace(URL_PLACE, url)

    def value_for(self, url: str) -> str:
        """What the phone is told, with the server's *url* in it."""
        return self.value.replace(URL_PLACE, url)


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
