"""
Who tried which SIP account? `read_attempt` reads lines that SIP servers write about registrations.

Asterisk (the old and the new SIP channel, and its security log, M: samples of several installations) and FreeSWITCH
(`log-auth-failures`, H: sofia_reg.c). Of other servers an operator gives the pattern. What a stranger sends is part of
these lines: the account is taken from the beginning, the address from the end of what the server itself has written.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple

from provserver.errors import InvalidValue

MAX_CHARS = 1_024  # of a line: longer ones have been sent by somebody who wants that
_ADDRESS = r"(?P<address>[0-9a-fA-F.:]{2,45}?)"
# Registration from '"1001" <sip:1001@pbx>' failed for '192.0.2.7:5060' - Wrong password
# Request 'REGISTER' from '<sip:1001@pbx>' failed for '192.0.2.7:5060' (callid: x) - Failed to authenticate
_ASTERISK = re.compile(
    r"(?:Registration|Request '[A-Z]+') from '.*sips?:(?P<account>[^@;>']+)[^']*' failed for "
    rf"'\[?{_ADDRESS}\]?:\d+' (?:\(callid: [^()]*\) )?- [^']*$"
)
# SecurityEvent="InvalidAccountID",…,AccountID="1001",…,RemoteAddress="IPV4/UDP/192.0.2.7/5060"
_ASTERISK_SECURITY = re.compile(
    r'SecurityEvent="\w+",(?:\w+="[^"]*",)*?AccountID="(?P<account>[^"]+)",(?:\w+="[^"]*",)*?'
    rf'RemoteAddress="IPV[46]/[A-Z]+/{_ADDRESS}/\d+"'
)
# SIP auth failure (REGISTER) on sofia profile 'internal' for [1001@pbx] from ip 192.0.2.7
_FREESWITCH = re.compile(
    r"SIP auth (?:failure|challenge) \([A-Z]+\) on sofia profile '?\S+?'? for \[(?P<account>[^@\]]+)@[^\]]*\] "
    rf"from ip {_ADDRESS}\s*$"
)
_PATTERNS = (_ASTERISK, _ASTERISK_SECURITY, _FREESWITCH)


class Attempt(NamedTuple):
    """An *account* (user name) that was tried from *address*, in canonical text."""

    account: str
    address: str


def read_attempt(line: str, own: re.Pattern[str] | None = None) -> Attempt | None:
    """What *line* says was tried; None for another line. *own* is an operator's pattern, tried first."""
    if len(line) > MAX_CHARS:
        return None
    for pattern in (own, *_PATTERNS) if own else _PATTERNS:
        found = pattern.search(line)
        if found is None:
            continue
        try:
            return Attempt(found["account"], str(ip_address(found["address"])))
        except ValueError:
            return None
    return None


def own_pattern(text: str) -> re.Pattern[str]:
    """An operator's pattern: a regular expression with the groups *account* and *address*. Raises InvalidValue."""
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise InvalidValue("pattern", f"is no regular expression: {error}") from error
    if not {"account", "address"} <= pattern.groupindex.keys():
        raise InvalidValue("pattern", "has no groups (?P<account>…) and (?P<address>…)")
    return pattern
