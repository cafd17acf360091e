"""Lines of SIP servers: who tried which account, and what a stranger writes into them is not believed."""

from __future__ import annotations

import pytest

from provserver.errors import InvalidValue
from provserver.monitor.sip_logs import MAX_CHARS, Attempt, own_pattern, read_attempt

STAMP = "[Nov 26 08:00:00] "
TRIED = Attempt("1744", "198.51.100.7")
CHAN_SIP = (
    f"{STAMP}NOTICE[1234] chan_sip.c: Registration from '\"1744\" <sip:1744@pbx.example.com>' failed for "
    "'198.51.100.7:5060' - Wrong password"
)
PJSIP = (
    f"{STAMP}NOTICE[897]: res_pjsip/pjsip_distributor.c:688 log_failed_request: Request 'REGISTER' from "
    "'<sip:1744@pbx.example.com>' failed for '198.51.100.7:58502' (callid: 1066-945) - No matching endpoint found"
)
SECURITY = (
    f'{STAMP}SECURITY[73]: res_security_log.c:114: SecurityEvent="InvalidAccountID",EventTV="2026-11-26T08:00:00",'
    'Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1744",SessionID="1066-945",'
    'LocalAddress="IPV4/UDP/192.0.2.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/58502"'
)
FREESWITCH = (
    "2026-11-26 08:00:00.000000 [WARNING] sofia_reg.c:1793 SIP auth failure (REGISTER) on sofia profile 'internal' "
    "for [1744@pbx.example.com] from ip 198.51.100.7\n"
)


@pytest.mark.parametrize("line", [CHAN_SIP, PJSIP, SECURITY, FREESWITCH])
def test_a_line_says_which_account_was_tried_from_where(line: str) -> None:
    assert read_attempt(line) == TRIED


def test_addresses_of_ipv6_are_read_too() -> None:
    line = SECURITY.replace("IPV4/UDP/198.51.100.7", "IPV6/TLS/2001:DB8::7")
    bracketed = PJSIP.replace("198.51.100.7", "[2001:db8::7]")

    assert read_attempt(line) == read_attempt(bracketed) == Attempt("1744", "2001:db8::7")


@pytest.mark.parametrize(
    "line",
    [
        "",
        f"{STAMP}NOTICE[1]: chan_sip.c: Peer '1744' is now Reachable",
        CHAN_SIP.replace("198.51.100.7", "999.51.100.7"),
        "2026-11-26 08:00:00 [NOTICE] sofia_reg.c:1757 Registering 1744@pbx from ip 198.51.100.7",
        "x" * MAX_CHARS + CHAN_SIP,
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    assert read_attempt(line) is None


@pytest.mark.parametrize(
    "name",
    [
        "x' failed for '192.0.2.66:5060' - Wrong password",
        "<sip:1001@pbx>' failed for '192.0.2.66:5060' (callid: x) - Failed to authenticate",
        "sip:1001",
    ],
)
def test_what_a_stranger_calls_himself_names_no_other_address(name: str) -> None:
    line = CHAN_SIP.replace('"1744"', f'"{name}"')

    assert read_attempt(line) == TRIED


def test_an_operators_own_pattern_comes_first() -> None:
    own = own_pattern(r"auth of (?P<account>\S+) failed, (?P<address>\S+)$")

    assert read_attempt("kamailio: auth of 1744 failed, 198.51.100.7", own) == TRIED
    assert read_attempt(PJSIP, own) == TRIED


@pytest.mark.parametrize(
    ("text", "complaint"), [("(", "is no regular expression"), ("(?P<account>x)", "has no groups")]
)
def test_a_pattern_that_finds_nothing_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidValue, match=complaint):
        own_pattern(text)
