"""Lists of others are read whole, and every line that cannot be used is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.monitor import ban_lists
from provserver.monitor.active_bans import ActiveBan
from provserver.monitor.ban_lists import BanList, read
from provserver.monitor.decision import Origin
from provserver.monitor.exports import Format, render
from tests.monitor.test_exports import ban

NOW = 1_760_000_000.0
DAY_S = 86_400.0


def given_list(content: bytes | str) -> BanList:
    return read(content.encode() if isinstance(content, str) else content, reason="list", now=NOW, longest_s=DAY_S)


def told(found: BanList) -> list[tuple[str, str, float]]:
    return [(one.target, one.reason, (one.until or 0) - NOW) for one in found.bans]


def test_a_plain_list_may_have_remarks_blanks_and_windows_line_ends() -> None:
    found = given_list("\ufeff# bad\r\n192.0.2.1\r\n\r\n 198.51.100.9/24 ; SBL1\n2001:db8::/48 # six\n192.0.2.1\n")

    assert told(found) == [
        ("192.0.2.1", "list", DAY_S),
        ("198.51.100.0/24", "list", DAY_S),
        ("2001:db8::/48", "list", DAY_S),
    ]
    assert found.problems == ()
    assert {one.origin for one in found.bans} == {Origin.IMPORT}


def test_each_bad_line_is_named_and_the_others_are_read() -> None:
    found = given_list(
        "192.0.2.1\nexample.com\n0.0.0.0/0\n::/0\nfe80::1%eth0\n" + "9" * 2_000 + "\n\x1b[2J\n192.0.2.2\n"
    )

    assert [one.target for one in found.bans] == ["192.0.2.1", "192.0.2.2"]
    assert found.problems == (
        "line 2: 'example.com' is no address or network",
        "line 3: '0.0.0.0/0' is wider than /8",
        "line 4: '::/0' is wider than /19",
        "line 5: 'fe80::1%eth0' names an interface",
        "line 6: longer than 1000 characters",
        "line 7: '\\x1b[2J' is no address or network",
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda decisions: decisions,
        lambda decisions: [{"id": 1, "scenario": "x", "decisions": decisions}],
        lambda decisions: {"new": decisions, "deleted": [{"value": "192.0.2.99", "scope": "Ip", "type": "ban"}]},
    ],
    ids=["decisions", "alerts", "stream"],
)
def test_crowdsec_decisions_are_read_in_all_their_wrappings(wrap: object) -> None:
    decisions = [
        {"value": "192.0.2.1", "scope": "Ip", "type": "ban", "duration": "3h59m58.5s", "scenario": "crowdsecurity/x"},
        {"value": "192.0.2.0/24", "scope": "Range", "type": "ban", "duration": "999h"},
        {"value": "192.0.2.3", "scope": "Ip", "type": "ban", "duration": "-4s"},
        {"value": "192.0.2.4", "scope": "Ip", "type": "ban", "duration": "4h", "simulated": True},
    ]

    found = given_list(json.dumps(wrap(decisions)))  # type: ignore[operator]

    assert found.problems == ()
    assert told(found) == [("192.0.2.1", "crowdsecurity/x", 14_398.5), ("192.0.2.0/24", "list", DAY_S)]


@pytest.mark.parametrize(
    ("decision", "problem"),
    [
        (3, "no object"),
        ({"scope": "Ip"}, "no value"),
        ({"value": "DE", "scope": "Country"}, "scope 'Country' is neither Ip nor Range"),
        ({"value": "192.0.2.1", "scope": "Ip", "type": "captcha"}, "type 'captcha' is no ban"),
        ({"value": "192.0.2.1", "scope": "Ip", "duration": "soon"}, "duration 'soon' is none such as 4h or 3h59m58s"),
        ({"value": "x", "scope": "Ip"}, "'x' is no address or network"),
    ],
)
def test_a_decision_that_cannot_be_used_is_named(decision: object, problem: str) -> None:
    found = given_list(json.dumps([decision]))

    assert (found.bans, found.problems) == ((), (f"decision 1: {problem}",))


def test_what_is_no_json_is_one_problem() -> None:
    assert given_list('[{"value": ').problems == ("line 1: no JSON",)


def test_a_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ban_lists, "MOST_ENTRIES", 100)

    found = given_list("".join(f"10.0.{n}.0/24\n" for n in range(160)))
    too_long = given_list(b" " * (ban_lists.LARGEST_BYTES + 1))

    assert (len(found.bans), len(found.problems), found.left_out) == (100, 50, 10)
    assert (too_long.bans, len(too_long.problems)) == ((), 1)


def test_the_longest_of_two_entries_counts() -> None:
    entries = [{"value": "192.0.2.1", "scope": "Ip", "duration": duration} for duration in ("1m", "3m", "2m")]

    assert told(given_list(json.dumps(entries))) == [("192.0.2.1", "list", 180)]


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_nothing_that_is_in_a_file_is_an_error(content: bytes) -> None:
    found = given_list(content)

    assert all(isinstance(one, ActiveBan) for one in found.bans)
    assert all(problem.isprintable() for problem in found.problems)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["value", "scope", "type", "duration", "decisions", "new", "deleted", "scenario", "x"]),
            inner | st.sampled_from(["Ip", "192.0.2.1", "ban", "4h", "-1s"]),
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=5) | st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_no_json_is_an_error(value: object) -> None:
    found = given_list(json.dumps(value))

    assert all(problem.isprintable() for problem in found.problems)


@pytest.mark.parametrize("form", [Format.PLAIN, Format.CROWDSEC])
def test_what_was_exported_is_read_again(form: Format) -> None:
    bans = [ban("192.0.2.1"), ban("198.51.100.0/24"), ban("2001:db8::/48")]

    found = given_list(render(bans, form, now=NOW))

    assert [one.network for one in found.bans] == [one.network for one in bans]
    assert found.problems == ()
