"""
Lines of the real log, with what other programs have to make of each: `record`.

The phone listener answers real requests, some of them by people who know how logs are read; times are a fake clock's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from provserver.monitor.decision import Alert, Decision, Evidence, Measure, Scope
from provserver.services.requests.arrivals import Arrivals
from provserver.settings import MonitorSettings
from tests.http.door import AGENT, Door, open_door

WALKER, GUESSER = "192.0.2.50", "192.0.2.60"
VICTIM = "203.0.113.99"  # whom attackers would like to have banned
FOLDER = Path(__file__).parents[2] / "config" / "fail2ban"
FORGED = (
    '{"timestamp":"2025-10-09T08:53:20.000Z","level":"info","event":"request.answered","outcome":"refused",'
    '"reason":"unknown_device","status":404,"method":"GET","path":"/x.cfg","mac":null,"vendor":null,"proof":null,'
    f'"address":"{VICTIM}","user_agent":"'
)
DECIDED = f'","level":"warning","event":"decision.made","measure":"ban","scope":"address","value":"{VICTIM}",'
HOSTILE_AGENTS = (
    f'","address":"{VICTIM}","user_agent":"',
    f'\\","address":"{VICTIM}","user_agent":"',
    f'x\\\\","proof":null,"address":"{VICTIM}",',
    FORGED,
    DECIDED,
    f"\x85{FORGED}",  # next line, in Latin-1
    f"\u2028{FORGED}",  # line separator, in UTF-8
    FORGED + "\\" * 2_000,
    f"from {VICTIM} Failed password for root from {VICTIM} port 22 ssh2",
)
_DURATION = re.compile(r'"duration_us":\d+')
_FINGERPRINT = re.compile(r'(?<="path":"/~)[0-9a-f]{16}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A line, and whom it speaks against, by mode of the filter; None: nobody."""

    line: str
    mode: str
    host: str | None


async def record(data: Path) -> list[Sample]:
    """Have all samples logged over the data folder *data*."""
    async with open_door(data, trusted_proxies="127.0.0.0/8", monitor=MonitorSettings(simulate=True)) as door:
        device = await door.phone(await door.tenant("acme"))
        own = f"/{door.bootstrap(device)}"
        asked: list[tuple[str, str, str, bool]] = [
            ("198.51.100.7", f"{own}/805ec0aabbcc.cfg", AGENT, False),
            ("198.51.100.7", f"{own}/nothing.such", AGENT, False),
            ("192.0.2.10", "/805ec0000001.cfg", AGENT, True),
            ("2001:db8:0:1::10", "/805ec0000002.cfg", AGENT, True),
            ("192.0.2.11", f"/{'A' * 24}/805ec0aabbcc.cfg", AGENT, True),
            ("192.0.2.12", "/..%2f..%2fetc/passwd", "curl/8.5.0", True),
            ("192.0.2.13", f"/805ec0000003.cfg%22,%22address%22:%22{VICTIM}%22,", AGENT, True),
        ]
        for number, agent in enumerate(HOSTILE_AGENTS):
            asked.append((f"192.0.2.{100 + number}", f"/805ec000010{number}.cfg", agent, True))
            asked.append(("198.51.100.7", f"{own}/805ec0aabbcc.cfg", agent, False))
        samples = []
        for address, path, agent, counts in asked:
            line = await _answered(door, address, path, agent)
            samples.append(Sample(line=line, mode="refusals", host=address if counts else None))
        return _same_each_time(samples + _handshakes(door) + _decisions(door))


async def record_walks(data: Path) -> list[Sample]:
    """Have people logged who try many MACs or tokens, and one phone that nobody has entered and that insists."""
    async with open_door(data, trusted_proxies="127.0.0.0/8", monitor=MonitorSettings(simulate=True)) as door:
        door.clock.advance_ms(60_000)
        asked = [(WALKER, f"/805ec0{n * 0x1001:06x}.cfg") for n in range(12)]
        asked += [(GUESSER, f"/{n:024d}/805ec0aabbcc.cfg") for n in range(5)]
        asked += [("198.51.100.50", "/805ec0777777.cfg")] * 30
        samples = [
            Sample(line=await _answered(door, address, path, AGENT), mode="scenarios", host=None)
            for address, path in asked
        ]
        return _same_each_time(samples)


def written(samples: Iterable[Sample]) -> str:
    """The file of samples: before each line, in the way of fail2ban's own samples, what has to become of it."""
    lines = []
    for sample in samples:
        expected: dict[str, object] = {"filter": f"provserver[mode={sample.mode}]", "match": sample.host is not None}
        if sample.host is not None:
            expected |= {"time": json.loads(sample.line)["timestamp"], "host": sample.host}
        lines += [f"# failJSON: {json.dumps(expected)}", sample.line]
    return "\n".join(lines) + "\n"


def _same_each_time(samples: Iterable[Sample]) -> list[Sample]:
    """*samples* without what differs from run to run: durations, and fingerprints of tokens, which get numbers."""
    numbers: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        return f"{numbers.setdefault(match[0], len(numbers)):016x}"

    return [
        replace(sample, line=_FINGERPRINT.sub(numbered, _DURATION.sub('"duration_us":900', sample.line)))
        for sample in samples
    ]


async def _answered(door: Door, address: str, path: str, agent: str) -> str:
    door.clock.advance_ms(1_000)
    await door.ask(path, agent=agent, headers={"X-Forwarded-For": address})
    return _last(door, "request.answered")


def _handshakes(door: Door) -> list[Sample]:
    arrivals = Arrivals(clock=door.clock, metrics=door.services.metrics)
    samples = []
    for address, reason, counts in (
        ("192.0.2.20", "unknown_authority", True),
        ("2001:db8:0:2::20", "plain_http", True),
        ("198.51.100.8", "expired_certificate", False),
        ("198.51.100.9", "no_common_ground", False),
    ):
        door.clock.advance_ms(1_000)
        arrivals.failed("tls", reason, address)
        samples.append(
            Sample(line=_last(door, "handshake.failed"), mode="handshakes", host=address if counts else None)
        )
    return samples


def _decisions(door: Door) -> list[Sample]:
    samples = []
    for measure, scope, value, simulated, counts in (
        (Measure.BAN, Scope.ADDRESS, "192.0.2.30", False, True),
        (Measure.BAN, Scope.PREFIX, "192.0.2.0/24", False, True),
        (Measure.BAN, Scope.ADDRESS, "2001:db8:0:3::/64", False, True),
        (Measure.BAN, Scope.ADDRESS, "198.51.100.30", True, False),
        (Measure.REFUSE, Scope.ADDRESS, "198.51.100.31", False, False),
        (Measure.REFUSE, Scope.BLOCK, "805ec0aab", False, False),
    ):
        door.clock.advance_ms(1_000)
        at = door.clock.wall_ms() / 1000
        decision = Decision(
            at=at, until=at + 3600, scope=scope, value=value, measure=measure, reason="mac-walk", simulated=simulated
        )
        door.services.monitor._say(_alert(decision), [decision])
        samples.append(Sample(line=_last(door, "decision.made"), mode="decisions", host=value if counts else None))
    return samples


def _alert(decision: Decision) -> Alert:
    return Alert(
        detector="mac-walk",
        signal="S2",
        pace="fast",
        at=decision.at,
        scope=decision.scope,
        value=decision.value,
        confidence="high",
        evidence=Evidence(count=9, known=0, since=decision.at, samples=(), sources=()),
    )


def _last(door: Door, event: str) -> str:
    """The last line about *event*; the monitor speaks in between. Split by line feeds alone, as programs do."""
    door.log.flush()
    lines = door.output.getvalue().decode().split("\n")[:-1]
    return next(line for line in reversed(lines) if json.loads(line)["event"] == event)
