"""
Active bans as other programs read them: `nftables`, `plain`, `crowdsec`. Pure functions, text out.

Reasons of people never reach a format in which they could be more than a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import orjson

from provserver.monitor.active_bans import ActiveBan, disjoint

# Shorter than all, and more than a minute's clock drift would hide. nftables takes no timeout of nothing.
_LEAST_S = 1
_LONGEST_S = 400 * 86_400  # nftables' timeouts end at 2^64 ns, CrowdSec's durations at 2^63 ns; a year says "for good"
_ELEMENTS = 1_000  # in one command: netlink messages are bounded, and a line that is wrong can be found
_TYPES = MappingProxyType({4: "ipv4_addr", 6: "ipv6_addr"})
SCENARIO_PREFIX = "provserver/"  # CrowdSec names scenarios author/name
NFT_TABLE: Final = "provserver"


class Format(StrEnum):
    """What `render` can write."""

    NFT = "nft"
    PLAIN = "plain"
    CROWDSEC = "crowdsec"


def render(bans: Sequence[ActiveBan], form: Format, *, now: float) -> str:
    """*bans* (see `active`) as a whole file of this *form*, with its last line's end. *now* in seconds."""
    return _WRITERS[form](bans, now)


def nftables(bans: Iterable[ActiveBan], now: float) -> str:
    """
    A script for ``nft -f``, carried out as a whole or not at all, as often as one likes.

    It fills the sets ``banned4`` and ``banned6`` of the table ``inet provserver`` and touches no rule: what is dropped,
    and where, is for the operator's own rule set. Elements leave by themselves when their time is over.
    """
    laid = disjoint(bans)
    lines = [f"add table inet {NFT_TABLE}"]
    for version, kind in _TYPES.items():
        name = f"banned{version}"
        lines.append(f"add set inet {NFT_TABLE} {name} {{ type {kind}; flags interval, timeout; }}")
        lines.append(f"flush set inet {NFT_TABLE} {name}")
        elements = [_element(ban, now) for ban in laid if ban.network.version == version]
        lines += [
            f"add element inet {NFT_TABLE} {name} {{ {', '.join(elements[start : start + _ELEMENTS])} }}"
            for start in range(0, len(elements), _ELEMENTS)
        ]
    return "\n".join(lines) + "\n"


def plain(bans: Iterable[ActiveBan], now: float) -> str:
    """One address or network a line, each once, nothing else: what every firewall and proxy can read."""
    del now
    return "".join(f"{target}\n" for target in dict.fromkeys(ban.target for ban in bans))


def crowdsec(bans: Iterable[ActiveBan], now: float) -> str:
    """What ``cscli decisions import`` reads: a JSON list of decisions."""
    return orjson.dumps([crowdsec_decision(ban, now) for ban in bans], option=orjson.OPT_INDENT_2).decode() + "\n"


def crowdsec_decision(ban: ActiveBan, now: float) -> dict[str, str]:
    """One decision in CrowdSec's words. Without an end, it lasts 400 days: a CrowdSec decision must have one."""
    whole = ban.network.prefixlen == ban.network.max_prefixlen
    return {
        "duration": f"{_left_s(ban, now) or _LONGEST_S}s",
        "origin": "provserver",
        "reason": f"{SCENARIO_PREFIX}{ban.reason}",
        "scope": "Ip" if whole else "Range",
        "type": "ban",
        "value": ban.target,
    }


def _element(ban: ActiveBan, now: float) -> str:
    left_s = _left_s(ban, now)
    return f"{ban.target} timeout {left_s}s" if left_s else ban.target


def _left_s(ban: ActiveBan, now: float) -> int | None:
    """Whole seconds that are left, at least one; None: no end."""
    if ban.until is None:
        return None
    return min(_LONGEST_S, max(_LEAST_S, round(ban.until - now)))


_WRITERS: Mapping[Format, Callable[[Iterable[ActiveBan], float], str]] = MappingProxyType(
    {Format.NFT: nftables, Format.PLAIN: plain, Format.CROWDSEC: crowdsec}
)
