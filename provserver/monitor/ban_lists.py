"""
What others know about attackers: lists of networks, as text or in CrowdSec's JSON, read into `ActiveBan`.

`read` takes any text, names each line that it cannot use, and never raises for what is in it. Files are of strangers:
how long they are, how many entries they hold, how wide a network is and how long it is believed are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from itertools import islice
from math import inf

import orjson

from provserver.monitor.active_bans import ActiveBan, Network
from provserver.monitor.decision import Origin

LARGEST_BYTES = 16_777_216  # a million addresses with their line ends
MOST_ENTRIES = 20_000  # the monitor walks over all that is in force four times a second; more is for a firewall
MOST_PROBLEMS = 50  # that are named; the rest is counted
_WIDEST = {4: 8, 6: 19}  # the widest that one provider has; a slip in a list must not shut out the world
_LINE_CHARS = 1_000
_QUOTED_CHARS = 60  # of a bad line, when it is named
_COMMENT = re.compile(r"\s*[#;].*")
_DURATION = re.compile(r"-?(?:\d{1,12}(?:\.\d{1,12})?(?:h|ms|us|µs|ns|m|s))+")  # as Go writes them: 3h59m58.1s
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DEEPEST = 3  # alerts that hold decisions, and the object that holds those


@dataclass(frozen=True, slots=True, kw_only=True)
class BanList:
    """What was read: *bans*, each network once; *problems* name what was not; *left_out* counts those not named."""

    bans: tuple[ActiveBan, ...]
    problems: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Problem:
    text: str


def read(content: bytes, *, reason: str, now: float, longest_s: float) -> BanList:
    """
    Read a plain list (an address or network a line, ``#`` or ``;`` begin a remark) or CrowdSec decisions (JSON).

    *reason* is what an entry without one of its own is banned for. An entry is believed for as long as it says and
    *longest_s* at most; those that are over are left out in silence. *now* in seconds.
    """
    if len(content) > LARGEST_BYTES:
        return BanList(bans=(), problems=(f"{len(content)} bytes are more than {LARGEST_BYTES}",))
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    is_json = text.lstrip()[:1] in {"[", "{"}
    entries = _of_json(text) if is_json else _of_lines(text)
    bans: dict[Network, ActiveBan] = {}
    problems: list[str] = []
    left_out = 0
    for entry in entries:
        made = entry if isinstance(entry, _Problem) else _ban(*entry, reason=reason, now=now, longest_s=longest_s)
        if isinstance(made, ActiveBan) and len(bans) >= MOST_ENTRIES and made.network not in bans:
            made = _Problem(f"more than {MOST_ENTRIES} entries")
        match made:
            case ActiveBan():
                present = bans.get(made.network)
                if present is None or _end(present) < _end(made):
                    bans[made.network] = made
            case _Problem(text=problem) if len(problems) < MOST_PROBLEMS:
                problems.append(problem)
            case _Problem():
                left_out += 1
    return BanList(bans=tuple(bans.values()), problems=tuple(problems), left_out=left_out)


def seconds_left(duration: object) -> float | str | None:
    """What CrowdSec's *duration* leaves, in seconds; None: not said; a text: what is wrong with it."""
    if duration is None:
        return None
    if not isinstance(duration, str) or len(duration) > _QUOTED_CHARS or not _DURATION.fullmatch(duration):
        return f"duration {_quoted(duration)} is none such as 4h or 3h59m58s"
    total = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(duration))
    return -total if duration.startswith("-") else total


_Entry = tuple[str, str, str, float | None]  # where, network, reason of its own, seconds it is to last


def _ban(
    where: str, value: str, own_reason: str, seconds: float | None, *, reason: str, now: float, longest_s: float
) -> ActiveBan | _Problem | None:
    if seconds is not None and seconds <= 0:
        return None
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return _Problem(f"{where}: {_quoted(value)} is no address or network")
    if not isinstance(network, IPv4Network) and network.network_address.scope_id is not None:
        return _Problem(f"{where}: {_quoted(value)} names an interface")
    if network.prefixlen < _WIDEST[network.version]:
        return _Problem(f"{where}: {_quoted(value)} is wider than /{_WIDEST[network.version]}")
    until = now + min(longest_s, inf if seconds is None else seconds)
    return ActiveBan(network=network, origin=Origin.IMPORT, reason=own_reason or reason, until=until)


def _of_lines(text: str) -> Iterator[_Entry | _Problem]:
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"line {number}"
        if len(line) > _LINE_CHARS:
            yield _Problem(f"{where}: longer than {_LINE_CHARS} characters")
            continue
        value = _COMMENT.sub("", line).strip()
        if value:
            yield (where, value, "", None)


def _of_json(text: str) -> Iterator[_Entry | _Problem]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        yield _Problem(f"line {error.lineno}: no JSON")
        return
    for number, decision in enumerate(islice(_decisions(found, 0), MOST_ENTRIES * 2), start=1):
        entry = _of_decision(f"decision {number}", decision)
        if entry is not None:
            yield entry


def _decisions(found: object, depth: int) -> Iterator[object]:
    """The decisions in *found*: a list of them, of alerts that hold them, or what a bouncer gets (``new``)."""
    if depth > _DEEPEST:
        return
    match found:
        case list():
            for one in found:
                yield from _decisions(one, depth + 1)
        case {"decisions": inner}:
            yield from _decisions(inner or [], depth + 1)
        case {"new": inner}:
            yield from _decisions(inner or [], depth + 1)
        case {"deleted": _}:
            return
        case _:
            yield found


def _of_decision(where: str, decision: object) -> _Entry | _Problem | None:
    if not isinstance(decision, Mapping):
        return _Problem(f"{where}: no object")
    seconds = seconds_left(decision.get("duration"))
    problem = _problem(decision) or (seconds if isinstance(seconds, str) else "")
    if problem or isinstance(seconds, str):
        return _Problem(f"{where}: {problem}")
    if decision.get("simulated") is True:
        return None
    reason = decision.get("scenario") or decision.get("reason") or ""
    return (where, decision["value"], _printable(reason) if isinstance(reason, str) else "", seconds)


def _problem(decision: Mapping[str, object]) -> str:
    """Why this is no ban of an address or a network, or nothing."""
    value, scope, kind = (decision.get(name) for name in ("value", "scope", "type"))
    if not isinstance(value, str):
        return "no value"
    if not isinstance(scope, str) or scope.lower() not in {"ip", "range"}:
        return f"scope {_quoted(scope)} is neither Ip nor Range"
    return "" if kind in (None, "ban") else f"type {_quoted(kind)} is no ban"


def _quoted(value: object) -> str:
    text = str(value)[: _QUOTED_CHARS + 1]
    return ascii(text if len(text) <= _QUOTED_CHARS else f"{text[:_QUOTED_CHARS]}...")


def _printable(text: str) -> str:
    return "".join(c for c in text[:_QUOTED_CHARS] if c.isprintable())


def _end(ban: ActiveBan) -> float:
    return inf if ban.until is None else ban.until
