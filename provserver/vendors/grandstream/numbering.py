"""
Which P-value a field of an account has: `number_of`. Four families count in four ways.

Sources: sheet grandstream 5 for phones (H); the maker's templates ht802, ht818 and dp750 in FusionPBX for the others
(H, names and numbers of one account each; that the second port of an adapter counts in P7xx is in Wazo too).
"""

from __future__ import annotations

from provserver.domain.line import Line
from provserver.domain.view import DeviceView
from provserver.vendors.grandstream.models import PROFILES, SIX_ACCOUNTS, Family, family_of, known_name

CODECS = tuple(f"codec{place}" for place in range(1, 8))
DTMF_ORDER = ("dtmf1", "dtmf2", "dtmf3")

# Field: its number for the first account, whether the others begin with a 2, and their last two digits.
_PHONE = {
    "active": ("271", "", "01"),
    "label": ("270", "", "17"),
    "server": ("47", "", "02"),
    "backup": ("2312", "2", "12"),
    "proxy": ("48", "", "03"),
    "user": ("35", "", "04"),
    "auth": ("36", "", "05"),
    "password": ("34", "", "06"),
    "name": ("3", "", "07"),
    "voicemail": ("33", "", "26"),
    "dns_mode": ("103", "", "08"),
    "nat": ("52", "", "14"),
    "register": ("31", "", "10"),
    "expires": ("32", "", "12"),
    "transport": ("130", "", "48"),
    "srtp": ("183", "", "43"),
    "mwi": ("99", "", "15"),
    "payload": ("79", "", "96"),
    "in_audio": ("2301", "2", "01"),
    "in_rtp": ("2302", "2", "02"),
    "in_info": ("2303", "2", "03"),
    **{
        field: (first, "", f"{51 + place}")
        for place, (field, first) in enumerate(zip(CODECS, ("57", "58", "59", "60", "61", "62", "46"), strict=True))
    },
}
_ACCOUNTS = {2: "4", 3: "5", 4: "6"}
_LATE_ACCOUNTS = {5: "17", 6: "18"}
_LATE_SERIES = {5: "7", 6: "8"}  # P2701, not P21701


def _codecs(*numbers: str) -> dict[str, str]:
    return dict(zip(CODECS, numbers, strict=True))


def _dtmf(*numbers: str) -> dict[str, str]:
    return dict(zip(DTMF_ORDER, numbers, strict=True))


# What a port of an adapter, and a profile of those who share them, is told about its server and its voice.
_FIRST = {
    "active": "271", "server": "47", "backup": "967", "proxy": "48", "dns_mode": "103", "nat": "52", "register": "31",
    "expires": "32", "transport": "130", "srtp": "183", "mwi": "99", "payload": "79", **_dtmf("850", "851", "852"),
    **_codecs("57", "58", "59", "60", "61", "62", "46"),
}  # fmt: skip
_SECOND = {
    "active": "401", "server": "747", "backup": "987", "proxy": "748", "dns_mode": "702", "nat": "730",
    "register": "731", "expires": "732", "transport": "830", "srtp": "443", "mwi": "709", "payload": "779",
    **_dtmf("860", "861", "862"), **_codecs("757", "758", "759", "760", "761", "762", "814"),
}  # fmt: skip
_ADAPTER = {
    1: {**_FIRST, "user": "35", "auth": "36", "password": "34", "name": "3"},
    2: {**_SECOND, "user": "735", "auth": "736", "password": "734", "name": "703"},
}
_BASE_ONLY = {1: {"voicemail": "27680"}, 2: {"voicemail": "27681"}}
_NOT_OF_A_BASE = {"mwi"}
_BASE = {
    **{
        profile: {**{f: p for f, p in fields.items() if f not in _NOT_OF_A_BASE}, **_BASE_ONLY[profile]}
        for profile, fields in {1: _FIRST, 2: _SECOND}.items()
    },
    3: {
        "active": "501", "server": "547", "backup": "997", "proxy": "548", "register": "531", "expires": "532",
        "transport": "530", "srtp": "543", "payload": "579", "voicemail": "27682", **_dtmf("560", "561", "562"),
        **_codecs("557", "558", "559", "660", "661", "662", "514"),
    },
    4: {
        "active": "601", "server": "602", "backup": "998", "proxy": "603", "register": "610", "expires": "612",
        "transport": "4648", "srtp": "643", "payload": "4574", "voicemail": "27683", **_dtmf("4583", "4584", "4585"),
        **_codecs("651", "652", "653", "654", "655", "656", "4657"), "nat": "614",
    },
}  # fmt: skip
# What a line has for itself where profiles are shared: the number of line 1, the others follow one by one.
_SHARED_LINE = {"user": 4060, "auth": 4090, "password": 4120, "profile": 4150, "name": 4180, "enabled": 4595}


def number_of(view: DeviceView, field: str, line: int) -> str | None:
    """The parameter (``P404``) of *field* for line *line*; None where this device has none, or it is not known."""
    kind = family_of(view)
    if kind in PROFILES and field in _SHARED_LINE:
        return f"P{_SHARED_LINE[field] + line - 1}"
    if kind is Family.CLASSIC:
        found = _phone_number(field, line, has_six=known_name(view.model) in SIX_ACCOUNTS)
    elif kind is Family.ADAPTER:
        found = _ADAPTER.get(line, {}).get(field)
    elif kind is Family.PORTS:
        found = _FIRST.get(field)
    else:
        found = _BASE.get(profile_of(view, line), {}).get(field)
    return found and f"P{found}"


def profile_of(view: DeviceView, line: int) -> int:
    """The profile (from 1) that line *line* uses: lines that say the same about their server share one."""
    servers = profiles(view)
    return next(servers.index(_server(one)) + 1 for one in view.lines if one.number == line)


def profiles(view: DeviceView) -> list[tuple[object, ...]]:
    """What the lines of this device say about their servers, each once, in the order of the lines."""
    return list(dict.fromkeys(_server(line) for line in view.lines))


def _server(line: Line) -> tuple[object, ...]:
    return (line.registrar, line.backup_registrar, line.outbound_proxy, line.expires_s, line.voicemail)


def _phone_number(field: str, line: int, *, has_six: bool) -> str | None:
    found = _PHONE.get(field)
    if found is None:
        return None
    first, series, digits = found
    if line == 1:
        return first
    if line in _ACCOUNTS:
        return f"{series}{_ACCOUNTS[line]}{digits}"
    if has_six and line in _LATE_ACCOUNTS:
        return f"{series}{(_LATE_SERIES if series else _LATE_ACCOUNTS)[line]}{digits}"
    return None
