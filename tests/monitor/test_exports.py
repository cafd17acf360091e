"""Active bans leave in forms that nft and CrowdSec read, and say the same in all of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.monitor.active_bans import ActiveBan, active, disjoint
from provserver.monitor.decision import Decision, Measure, Origin, Scope
from provserver.monitor.exports import Format, render

NOW = 1_760_000_000.0
NFT = shutil.which("nft") or shutil.which("nft", path="/usr/sbin:/sbin")
needs_nft = [pytest.mark.peer, pytest.mark.skipif(NFT is None, reason="nftables is not installed")]


def ban(network: str, *, seconds: float | None = 3600, reason: str = "mac-walk") -> ActiveBan:
    until = None if seconds is None else NOW + seconds
    return ActiveBan(network=ip_network(network), origin=Origin.MONITOR, reason=reason, until=until)


def decision(
    value: str, *, measure: Measure = Measure.BAN, scope: Scope = Scope.ADDRESS, until: float | None = NOW + 60
) -> Decision:
    return Decision(at=NOW, until=until, scope=scope, value=value, measure=measure, reason="mac-walk")


def test_only_what_a_firewall_can_carry_out_is_an_active_ban() -> None:
    simulated = Decision(
        at=NOW, until=None, scope=Scope.ADDRESS, value="192.0.2.9", measure=Measure.BAN, reason="x", simulated=True
    )

    found = active(
        [
            decision("2001:db8:0:1::/64"),
            decision("192.0.2.1"),
            decision("192.0.2.2", measure=Measure.REFUSE),
            decision("805ec0aab", measure=Measure.REFUSE, scope=Scope.BLOCK),
            decision("805ec0aabbcc", measure=Measure.LOCK, scope=Scope.DEVICE),
            decision("192.0.2.3", until=NOW),
            decision("unix"),
            decision("198.51.100.0/24", scope=Scope.PREFIX, until=None),
            simulated,
        ],
        NOW,
    )

    assert [one.target for one in found] == ["192.0.2.1", "198.51.100.0/24", "2001:db8:0:1::/64"]


def test_a_longer_ban_within_a_shorter_one_keeps_its_time_and_nobody_elses_grows() -> None:
    laid = disjoint([ban("192.0.2.0/30", seconds=60), ban("192.0.2.1", seconds=None)])

    assert [(one.target, one.until) for one in laid] == [
        ("192.0.2.0", NOW + 60),
        ("192.0.2.1", None),
        ("192.0.2.2/31", NOW + 60),
    ]


def test_a_shorter_ban_within_a_longer_one_says_nothing_new() -> None:
    laid = disjoint([ban("192.0.2.0/24", seconds=60), ban("192.0.2.7", seconds=30), ban("192.0.2.0/24", seconds=10)])

    assert [(one.target, one.until) for one in laid] == [("192.0.2.0/24", NOW + 60)]


NETWORKS = st.builds(
    lambda low, length: ip_network((0xC0000200 + low, length), strict=False), st.integers(0, 63), st.integers(26, 32)
)


@given(st.lists(st.tuples(NETWORKS, st.none() | st.integers(1, 99)), max_size=12))
def test_no_address_gains_or_loses_time_by_being_laid_side_by_side(given_bans: list[tuple[object, int | None]]) -> None:
    bans = [ban(str(network), seconds=seconds) for network, seconds in given_bans]

    laid = disjoint(bans)

    for number in range(64):
        address = ip_address(0xC0000200 + number)
        ends = [one.until or float("inf") for one in bans if address in one.network]
        after = [one.until or float("inf") for one in laid if address in one.network]
        assert after == ([max(ends)] if ends else [])


def test_a_plain_list_has_each_network_once() -> None:
    bans = [ban("192.0.2.1"), ban("192.0.2.1"), ban("2001:db8::/48")]

    assert render(bans, Format.PLAIN, now=NOW) == "192.0.2.1\n2001:db8::/48\n"


def test_no_bans_are_an_empty_list_and_empty_sets() -> None:
    assert render([], Format.PLAIN, now=NOW) == ""
    assert json.loads(render([], Format.CROWDSEC, now=NOW)) == []
    assert "add element" not in render([], Format.NFT, now=NOW)
    assert render([], Format.NFT, now=NOW).count("flush set") == 2


def test_a_reason_cannot_leave_its_text() -> None:
    hostile = 'x", "value": "0.0.0.0/0" }\nflush ruleset # '

    script = render([ban("192.0.2.1", reason=hostile)], Format.NFT, now=NOW)
    entries = json.loads(render([ban("192.0.2.1", reason=hostile)], Format.CROWDSEC, now=NOW))

    assert "ruleset" not in script
    assert [entry["value"] for entry in entries] == ["192.0.2.1"]
    assert entries[0]["reason"] == f"provserver/{hostile}"


def test_a_crowdsec_decision_says_scope_and_time() -> None:
    entries = json.loads(
        render([ban("192.0.2.1", seconds=90.4), ban("2001:db8::/64", seconds=None)], Format.CROWDSEC, now=NOW)
    )

    assert [(e["scope"], e["value"], e["duration"], e["type"]) for e in entries] == [
        ("Ip", "192.0.2.1", "90s", "ban"),
        ("Range", "2001:db8::/64", f"{400 * 86_400}s", "ban"),
    ]


def nft_checks(script: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "bans.nft"
    file.write_text(script, encoding="utf-8")
    assert NFT is not None
    return subprocess.run(
        [NFT, "--check", "--file", str(file)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "bans",
    [
        [],
        [ban("192.0.2.1"), ban("192.0.2.0/24", seconds=7), ban("192.0.2.128/25", seconds=None)],
        [ban("2001:db8::1/128"), ban("2001:db8::/64", seconds=7), ban("2001:db8:1::/48", seconds=None)],
        [ban(str(ip_address(0x0A000000 + 2 * n))) for n in range(5_000)],
    ],
    ids=["none", "overlapping", "IPv6", "many"],
)
@pytest.mark.parametrize("nothing", [pytest.param(None, marks=needs_nft)])
def test_nft_takes_the_script(bans: list[ActiveBan], nothing: None, tmp_path: Path) -> None:
    del nothing

    done = nft_checks(render(bans, Format.NFT, now=NOW), tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("nothing", [pytest.param(None, marks=needs_nft)])
def test_nft_would_notice_an_overlap(nothing: None, tmp_path: Path) -> None:
    """The check above can fail: this is what is avoided by laying networks side by side."""
    del nothing
    script = render([ban("192.0.2.0/24")], Format.NFT, now=NOW).replace("{ 192.0.2.0/24", "{ 192.0.2.1, 192.0.2.0/24")

    assert nft_checks(script, tmp_path).returncode != 0
