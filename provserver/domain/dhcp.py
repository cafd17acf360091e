"""
What a DHCP server has to tell phones, by maker, and how ISC dhcpd, Kea and dnsmasq are told to: `handouts`, `DIALECTS`.

Phones are known by how they name themselves in option 60, or by the blocks of their MACs: a maker whose phones want two
things in two ways is known by option 60 only. What else is on the network gets none of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.vendor import Vendor

_LIMIT_BYTES = 255  # RFC 2132 2: what the length octet of an option can say
_TFTP_SERVER_NAME = 66  # RFC 2132 9.4
_ENCAPSULATED = 43  # RFC 2132 8.4
_ADDRESSES = 150  # RFC 5859
_PORT_PARAMETERS = 159  # RFC 7618, four bytes, which the phones here know nothing of


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """
    What one kind of phones is told: *content*, in each of *options* (in *suboption* of it, where there is one).

    The kind is who begins option 60 with one of *classes*, or has a MAC in one of *blocks* (6 hex digits).
    """

    name: str
    title: str
    classes: tuple[str, ...]
    blocks: tuple[str, ...]
    options: tuple[int, ...]
    suboption: int | None
    content: str | IPv4Address


def handouts(vendors: Iterable[Vendor], *, url: str, address: IPv4Address | None) -> list[Handout]:
    """
    What the phones of *vendors* are told when *url* is where they get their files.

    *address* is the server's, for phones that know no URL; None: they are left out, see `wants_address`. Raises
    ValueError when *url* is longer than an option can be.
    """
    found = [_handout(vendor, way, url=url, address=address) for vendor in vendors for way in _ways(vendor)]
    return [handout for handout in found if handout is not None]


def wants_address(vendor: Vendor) -> bool:
    """Whether some phones of *vendor* have to be told an address."""
    return any(way.dhcp_address for way in _ways(vendor))


def _ways(vendor: Vendor) -> list[BootstrapWay]:
    return [way for way in vendor.bootstrap if way.way is Way.DHCP]


def _handout(vendor: Vendor, way: BootstrapWay, *, url: str, address: IPv4Address | None) -> Handout | None:
    assert way.dhcp_option is not None  # noqa: S101 - a way of DHCP has one
    content: str | IPv4Address | None = address if way.dhcp_address else way.value_for(url)
    if content is None:
        return None
    if isinstance(content, str) and len(content) > _LIMIT_BYTES - 2 * (way.dhcp_suboption is not None):
        raise ValueError(f"has more than {_LIMIT_BYTES} characters for {vendor.slug}, more than an option holds")
    first, *others = _ways(vendor)
    return Handout(
        name=f"provserver-{vendor.slug}" + ("" if way is first else f"-{way.dhcp_option}"),
        title=vendor.name,
        classes=way.dhcp_classes,
        blocks=() if others else tuple(sorted(vendor.ouis)),
        options=(way.dhcp_option, *way.dhcp_also),
        suboption=way.dhcp_suboption,
        content=content,
    )


def isc(told: Iterable[Handout]) -> str:
    """For dhcpd.conf of ISC dhcpd 4."""
    told = list(told)
    codes = sorted({code for handout in told for code in handout.options} - {_TFTP_SERVER_NAME, _ENCAPSULATED})
    lines = [f"option {_isc_name(code)} code {code} = string;" for code in codes]
    for handout in told:
        lines += ["", f"# {handout.title}"]
        if handout.suboption is not None:
            lines += [
                f"option space {handout.name};",
                f"option {handout.name}.url code {handout.suboption} = string;",
            ]
        lines += [f'class "{handout.name}" {{', *_isc_match(handout), *_isc_options(handout), "}"]
    return "\n".join(lines).strip() + "\n"


def _isc_match(handout: Handout) -> Iterator[str]:
    tests = [f'substring(option vendor-class-identifier, 0, {len(name)}) = "{name}"' for name in handout.classes]
    tests += [f"substring(hardware, 1, 3) = {_pairs(block)}" for block in handout.blocks]
    for number, test in enumerate(tests):
        yield ("  match if " if number == 0 else "    or ") + test + (";" if number == len(tests) - 1 else "")


def _isc_options(handout: Handout) -> Iterator[str]:
    if handout.suboption is not None:
        yield f"  vendor-option-space {handout.name};"
        yield f'  option {handout.name}.url "{handout.content}";'
        return
    for code in handout.options:
        is_text = isinstance(handout.content, str)
        yield f"  option {_isc_name(code)} " + (f'"{handout.content}";' if is_text else f"{_hex(handout.content)};")


def _isc_name(code: int) -> str:
    return "tftp-server-name" if code == _TFTP_SERVER_NAME else f"provserver-{code}"


def kea(told: Iterable[Handout]) -> str:
    """For the configuration of Kea's DHCPv4 server; plain JSON."""
    classes = [
        {
            "name": handout.name,
            "comment": handout.title,
            "test": " or ".join(_kea_tests(handout)),
            "option-data": list(_kea_options(handout)),
        }
        for handout in told
    ]
    return json.dumps({"Dhcp4": {"client-classes": classes}}, indent=2, ensure_ascii=False) + "\n"


def _kea_tests(handout: Handout) -> Iterator[str]:
    for name in handout.classes:
        yield f"substring(option[60].hex,0,{len(name)}) == '{name}'"
    for block in handout.blocks:
        yield f"substring(pkt4.mac,0,3) == 0x{block}"


def _kea_options(handout: Handout) -> Iterator[Mapping[str, object]]:
    # csv-format false: the bytes as they are, whatever type newer versions give to a number (159, 160 and 114 have
    # changed); text stands in single quotes then.
    # Of text in 159 it hands out the first four bytes (tried with 2.2.0): better none than "http".
    for code in handout.options:
        if code == _PORT_PARAMETERS:
            continue
        if handout.suboption is not None:
            text = str(handout.content)
            encapsulated = bytes([handout.suboption, len(text)]) + text.encode("ascii")
            yield {"code": code, "csv-format": False, "data": encapsulated.hex(), "comment": text}
        elif isinstance(handout.content, IPv4Address):
            address = handout.content
            yield {"code": code, "csv-format": False, "data": address.packed.hex(), "comment": str(address)}
        else:
            yield {"code": code, "csv-format": False, "data": f"'{handout.content}'"}


def dnsmasq(told: Iterable[Handout]) -> str:
    """For dnsmasq.conf, or a file in dnsmasq.d."""
    told = list(told)
    lines: list[str] = []
    for handout in told:
        lines += ["", f"# {handout.title}"]
        if handout.suboption is not None:  # encapsulated options name their class themselves
            lines += [f'dhcp-option=vendor:{name},{handout.suboption},"{handout.content}"' for name in handout.classes]
            continue
        lines += [f'dhcp-vendorclass=set:{handout.name},"{name}"' for name in handout.classes]
        lines += [f"dhcp-mac=set:{handout.name},{_pairs(block)}:*:*:*" for block in handout.blocks]
        is_text = isinstance(handout.content, str)
        content = f'"{handout.content}"' if is_text else str(handout.content)
        # dnsmasq refuses text in option 150, which other servers hand out and these phones read
        codes = [code for code in handout.options if not (is_text and code == _ADDRESSES)]
        # It finds a class anywhere in option 60, so phones of another kind of this maker can seem to be of this one.
        others = [other.name for other in told if other.name.startswith(f"{handout.name}-") and not other.suboption]
        tags = ",".join([f"tag:{handout.name}", *(f"tag:!{name}" for name in others)])
        lines += [f"dhcp-option={tags},{code},{content}" for code in codes]
    return "\n".join(lines).strip() + "\n"


def _pairs(block: str) -> str:
    return ":".join(block[place : place + 2] for place in range(0, len(block), 2))


def _hex(address: object) -> str:
    assert isinstance(address, IPv4Address)  # noqa: S101 - what is no text is an address
    return address.packed.hex(":")


DIALECTS: Mapping[str, Callable[[Iterable[Handout]], str]] = {"isc": isc, "kea": kea, "dnsmasq": dnsmasq}
