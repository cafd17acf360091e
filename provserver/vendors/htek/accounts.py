"""
The SIP accounts: which number each parameter has for which account.

There is no rule in these numbers: the first six accounts have grown one by one, from the seventh on they count up.
Older firmware has a server with each account; newer firmware has profiles beside them, under the very same numbers.
Account n is given profile n, so that one file is right for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.view import DeviceView

LINE = "line"  # the section of these rows
# Phones have sixteen, but from the ninth account on the number that wazo_htek has for the profile is the one by which
# account 7 and those after it are switched on: one of the two is wrong, and nothing says which.
MAX_ACCOUNTS = 8
PROFILES = 4  # whose numbers are known: fusionpbx uc926 (M)
_COUNTED_FROM = 7

# sheet htek 5 (M): of accounts 1 to 6, and of account 7 from which on they count up.
_ACCOUNT = {
    "active": (271, 401, 501, 601, 20360, 20361, 24090),
    "profile": (24082, 24083, 24084, 24085, 24086, 24087, 24088),
    "label": (20000, 20001, 20002, 20003, 20378, 20379, 24100),
    "user": (35, 735, 504, 604, 1704, 1804, 24110),
    "auth": (36, 736, 505, 605, 1705, 1805, 24120),
    "password": (34, 734, 506, 606, 1706, 1806, 24130),
    "display": (3, 703, 507, 607, 1707, 1807, 24140),
    "voicemail": (33, 426, 526, 626, 1726, 1826, 24170),
    "pickup": (4705, 4715, 4725, 4735, 20464, 20465, 24220),
}
# Of profiles 1 to 4, called Account1 to Account4 in older files: fusionpbx uc926; the first also wazo_htek, sheet 5.
_PROFILE = {
    "server": (47, 747, 502, 602),
    "failover": (967, 987, 988, 989),
    "outbound": (48, 748, 503, 603),
    "transport": (130, 830, 930, 1030),
    "register": (31, 731, 510, 610),
    "expiry": (32, 732, 512, 612),
    "codec": (57, 757, 551, 651),  # the first of six that follow one another
    "dtmf": (20166, 20167, 20168, 20169),
    "payload": (79, 779, 579, 679),
    "srtp": (183, 443, 543, 643),
    "mwi": (99, 709, 515, 615),
    "mac": (20053, 20054, 20055, 20056),
}
_TRANSPORTS = {Transport.UDP: "0", Transport.TCP: "1", Transport.TLS: "2", Transport.DNS: "3"}
_CODECS = {"pcmu": "0", "pcma": "8", "g722": "9", "g726": "2", "g729": "18", "opus": "120"}
_CODEC_PLACES = 6
_DTMF = {"rfc2833": "0", "inband": "1", "info": "2"}
# 0 stands in every source; 1 and 2 are those of the maker's web page by recollection (L).
_SRTP = {"off": "0", "optional": "1", "mandatory": "2"}
_SWITCH = {True: "1", False: "0"}
_SHEET = "sheet htek 5; wazo_htek base.tpl"
_BOTH = "sheet htek 5; wazo_htek base.tpl; fusionpbx uc926"

Server = tuple[Endpoint, Endpoint | None, Endpoint | None, int]  # registrar, backup, outbound proxy, expiry


def account_number(name: str, account: int) -> str:
    """The parameter *name* of *account*: ``P34``."""
    if account < _COUNTED_FROM:
        return f"P{_ACCOUNT[name][account - 1]}"
    return f"P{_ACCOUNT[name][-1] + account - _COUNTED_FROM}"


def profile_number(name: str, profile: int, *, step: int = 0) -> str:
    """The parameter *name* of *profile*, or the one *step* numbers after it."""
    return f"P{_PROFILE[name][profile - 1] + step}"


def profile_of(line: Line, view: DeviceView) -> int | None:
    """
    The profile of *line*: its own up to the fourth, then that of an earlier line with the same server.

    None where there is no such line: the numbers of further profiles are not known.
    """
    if line.number <= PROFILES:
        return line.number
    same = (other.number for other in view.lines if other.number <= PROFILES and server_of(other) == server_of(line))
    return next(same, None)


def server_of(line: Line) -> Server:
    """What the profile of a line says of its server."""
    return line.registrar, line.backup_registrar, line.outbound_proxy, line.expires_s


def _write_account(number: int, at: At) -> Iterator[Entry]:
    yield Entry(account_number("active", number), "1")
    profile = profile_of(_line(at), at.view)
    if profile is not None and number <= MAX_ACCOUNTS:
        yield Entry(account_number("profile", number), str(profile - 1))


def _account(name: str) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        yield Entry(account_number(name, _line(at).number), value)

    return write


def _write_server(registrar: Endpoint, at: At) -> Iterator[Entry]:
    """
    Write the server with its ways out. One that the line does not have is emptied, or the phone would keep it.

    A line beyond the fourth has an earlier one's server.
    """
    line = _line(at)
    if line.number > PROFILES:
        return
    yield Entry(profile_number("server", line.number), _address(registrar))
    for name, endpoint in (("failover", line.backup_registrar), ("outbound", line.outbound_proxy)):
        yield Entry(profile_number(name, line.number), _address(endpoint) if endpoint else "")
    yield Entry(profile_number("transport", line.number), _TRANSPORTS[registrar.transport])
    yield Entry(profile_number("register", line.number), "1")
    yield Entry(profile_number("expiry", line.number), str(max(1, line.expires_s // 60)))  # whole minutes, rather less


def _address(endpoint: Endpoint) -> str:
    """``host:port``; a name that DNS shall resolve to a port of its own has none."""
    if endpoint.transport is Transport.DNS:
        return str(endpoint)
    default = 5061 if endpoint.transport is Transport.TLS else 5060
    return f"{endpoint.uri_host}:{endpoint.port or default}"


def _profile(name: str, values: dict[Any, str] | None = None) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        word = str(value) if values is None else values.get(value)
        if word is not None and _line(at).number <= PROFILES:
            yield Entry(profile_number(name, _line(at).number), word)

    return write


def _write_codecs(wishes: tuple[str, ...], at: At) -> Iterator[Entry]:
    """Write the choices in their order. Places that are left keep what they have: an empty one has no word."""
    number = _line(at).number
    words = [_CODECS[codec] for codec in wishes if codec in _CODECS]
    if number <= PROFILES:
        for place, word in enumerate(words[:_CODEC_PLACES]):
            yield Entry(profile_number("codec", number, step=place), word)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the first accounts that have no line: one that was taken away must stop registering."""
    used = {line.number for line in view.lines}
    for number in range(1, PROFILES + 1):  # as many as every model's file has
        if used and number not in used:
            yield Entry(account_number("active", number), "0")


def _line(at: At) -> Line:
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _row(setting: str, write: Writer, *, each: bool = False, source: str = _BOTH, mark: Confidence = "M") -> Parameter:
    return Parameter(setting=setting, write=write, each_line=each, section=LINE, source=source, confidence=mark)


ACCOUNT_ROWS = (
    _row("line.number", _write_account),
    _row("line.shown_label", _account("label")),
    _row("line.user_name", _account("user")),
    _row("line.auth_user", _account("auth")),
    # No slot, no element: an empty one would empty what the phone has (sheet htek 6, M).
    _row("line.password", _account("password")),
    _row("line.shown_name", _account("display")),
    _row("line.voicemail", _account("voicemail")),
    _row("line.registrar", _write_server),
    _row("blf_pickup_code", _account("pickup"), each=True, source=_SHEET),
    _row("codecs", _write_codecs, each=True),
    _row("dtmf", _profile("dtmf", _DTMF), each=True),
    _row("dtmf_payload", _profile("payload"), each=True),
    _row("srtp", _profile("srtp", _SRTP), each=True, mark="L"),
    _row("mwi_subscribe", _profile("mwi", _SWITCH), each=True),
    _row("mac_in_register", _profile("mac", _SWITCH), each=True),
    _row(DEVICE, _write_unused),
)
