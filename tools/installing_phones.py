"""
Write docs/installing-phones.md, how the server's URL gets into phones: ``python -m tools.installing_phones``.

What is said of makers comes from their modules, what is said of commands from here; a test compares.
"""

from collections.abc import Iterator
from pathlib import Path

from provserver.domain.bootstrap import URL_PLACE, BootstrapWay, Way
from provserver.domain.vendor import Vendor
from provserver.vendors import load_vendors

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "installing-phones.md"

_HEAD = """# Installing phones

How a phone out of the box learns where this server is, and what it then has to show. `<url>` stands for the server's
URL with a slash at its end: `phone.url` of the settings, or a device's own URL with its token (`provserver device arm
--show-url`). Marks as in [supported.md](supported.md): H documents or two sources, M one source, L recollection, T
tried.

Made by `python -m tools.installing_phones`; a test compares.

## Which way to take

| way | who is told | what the phone then shows |
|---|---|---|
| the maker's redirection | one phone, anywhere | its token, if the URL that was entered is its own |
| by hand, QR code | one phone | its token, if the URL that was typed is its own |
| DHCP | every phone of a maker in a network | nothing by itself |
| SIP PnP | every phone that asks in a network | nothing by itself |

A URL that a whole network is told must carry no token: a token is one device's, and whoever hears it can ask for that
device's files. `provserver dhcp` and `provserver pnp` refuse such a URL. What comes to it without a token is let in
by another proof: a [factory certificate](tls.md), an HTTP login (`login.ask`), or the window of a device that was
armed, where the tenant's policy is `window`. The first file brings each phone its own URL, and from then on that is
what it shows.

## DHCP

`provserver dhcp` prints what to add to the configuration of a DHCP server: `isc` for ISC dhcpd 4, `kea` for Kea's
DHCPv4 server (JSON, to be merged), `dnsmasq` for dnsmasq. It needs no data directory and changes nothing.

```
$ provserver dhcp isc --url https://prov.example.com/ --vendor fanvil
# Fanvil / Linkvil
class "provserver-fanvil" {
  match if substring(hardware, 1, 3) = 00:a8:59
    or substring(hardware, 1, 3) = 0c:38:3e
    or substring(hardware, 1, 3) = e0:e6:56;
  option tftp-server-name "https://prov.example.com/$mac.cfg";
}
```

Without `--vendor` it prints all makers. Phones are known by what they say in option 60 or by the blocks of their
MACs; whatever else is in the network is told nothing. `--address` is the server's IPv4 address for phones that know
no URL (Cisco's `SEP<MAC>.cnf.xml`); where the URL has an address in it, that is taken. Not every server can say
everything: dnsmasq hands out no text in option 150, Kea none in 159; these phones look at other options as well.
Tried with ISC dhcpd 4.4.3, Kea 2.2.0 and dnsmasq 2.90.

## SIP PnP

`provserver pnp` answers phones of the local network that ask by SIP multicast (224.0.1.75, UDP port 5060), until
Ctrl-C. It is a process of its own on any machine in the phones' network, and needs neither data directory nor root.

```
$ provserver pnp --url https://prov.example.com/
$ provserver pnp --url https://prov.example.com/{mac}.cfg --interface 192.0.2.1/24
```

Each maker's phones are told the URL as they want it, see below. Where the URL has `{mac}` in it, they are told just
that, with their MAC in its place, and a phone that does not say its MAC is told nothing. No MAC is looked up: what a
phone is told is nothing that its neighbours must not know.

* Only phones in the network of `--interface` are answered, at the address from which they asked; five times in ten
  seconds each, and two thousand times in all. A phone behind a router cannot be told this way.
* Default for `--interface` is the address from which this machine would send to the group. Its network is what the
  system says (on Linux), or the prefix.
* `--group` can be an address of this machine, and `--port` another port, for phones that can be told whom to ask.
* Every answer is one log line, `pnp.answered`.

## TFTP

Some phones fetch by TFTP and cannot be told otherwise: Cisco's with `SEP<MAC>.cnf.xml` (79x0, 79x1 and later), unless
newer firmware finds HTTP on port 6970. For them `serve` can answer TFTP, read-only, off by default:

```
[tftp]
enabled = true
host = "192.0.2.1"             # the very address that phones ask: answers come from it
networks = ["192.0.2.0/24"]    # a network of phones, locked against others
makers = ["cisco"]
```

TFTP carries passwords in clear, and anybody can write any sender into its packets. So nobody outside `networks` hears
anything, other makers' phones are refused, no token is taken, and files come out of a window only: `provserver device
arm MAC`, then 7 days for the first fetch, and a quarter of an hour from then on. Later the phone hears that there is no
file, and keeps what it has; arm it again when its settings have changed. A `strict` tenant's phones are never served.
See [the decision](decisions/0017-tftp-for-locked-networks.md).

* The border of such a network has to drop packets that come from outside under its addresses (RFC 2827).
* Port 69 takes a privilege that the unit in `config/` does not have. Either give it that in a drop-in
  (`AmbientCapabilities=CAP_NET_BIND_SERVICE` and `CapabilityBoundingSet=CAP_NET_BIND_SERVICE`), or set another port and
  redirect UDP port 69 to it. Each transfer gets a port of its own, so a firewall has to let those out.
* Files are sent in blocks of up to 1428 bytes, as the phone asks; `tsize` and `timeout` are known, writing is not.
"""
_WAYS = {Way.DHCP: "DHCP", Way.PNP: "SIP PnP", Way.REDIRECT: "Redirection", Way.HAND: "By hand"}
_ORDER = (Way.REDIRECT, Way.DHCP, Way.PNP, Way.HAND)


def page() -> str:
    """The whole page."""
    vendors = load_vendors()
    lines = [_HEAD, "## Makers\n", *_overview(vendors), *(line for vendor in vendors for line in _maker(vendor))]
    return "\n".join(lines).rstrip() + "\n"


def _overview(vendors: tuple[Vendor, ...]) -> Iterator[str]:
    yield f"| maker | {' | '.join(_WAYS[way] for way in _ORDER)} |"
    yield "|---|---|---|---|---|"
    for vendor in vendors:
        cells = [", ".join(_mark(found) for found in vendor.bootstrap if found.way is way) or "–" for way in _ORDER]
        yield f"| [{vendor.name}](#{vendor.slug}) | {' | '.join(cells)} |"
    yield ""


def _mark(way: BootstrapWay) -> str:
    options = ", ".join(map(str, (way.dhcp_option, *way.dhcp_also))) if way.dhcp_option else ""
    return f"{options} {way.confidence}".strip()


def _maker(vendor: Vendor) -> Iterator[str]:
    yield f"### {vendor.slug}\n"
    yield f"**{vendor.name}**\n"
    for kind in _ORDER:
        for way in vendor.bootstrap:
            if way.way is kind:
                yield f"* {_WAYS[kind]} ({way.confidence}): {way.text.replace(URL_PLACE, '`<url>`')}"
                yield from _dhcp(vendor, way)
    yield ""


def _dhcp(vendor: Vendor, way: BootstrapWay) -> Iterator[str]:
    if way.dhcp_option is None:
        return
    options = ", ".join(map(str, (way.dhcp_option, *way.dhcp_also)))
    inner = f", sub-option {way.dhcp_suboption}" if way.dhcp_suboption else ""
    told = "the server's address" if way.dhcp_address else f"`{way.value.replace(URL_PLACE, '<url>')}`"
    known = [f"`{name}`" for name in way.dhcp_classes]
    alone = sum(other.way is Way.DHCP for other in vendor.bootstrap) == 1
    if alone and vendor.ouis:
        known.append("the blocks of their MACs")
    yield f"  * {told} in option {options}{inner}; known by {', '.join(known)}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
