"""`Alert`, what a detector says, and `Decision`, what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What is done, the mildest first."""

    OBSERVE = "observe"  # nothing: people look
    SLOW = "slow"  # refusals take longer
    LIMIT = "limit"  # without a proof of its own, only so many requests a minute are looked at
    REFUSE = "refuse"  # without a proof of its own nothing leaves, windows are not believed
    BAN = "ban"  # closed at accept
    LOCK = "lock"  # a device's credentials are withheld until people unlock it
    ROTATE = "rotate"  # the same, and its bootstrap URL is replaced, also where its maker sends it


class Scope(StrEnum):
    """What a decision is about."""

    ADDRESS = "address"  # an IPv4 address or an IPv6 /64
    PREFIX = "prefix"  # a larger network
    SYSTEM = "system"  # an autonomous system, by number; nothing is done to one, people look
    BLOCK = "block"  # 4,096 MACs: their upper 9 digits
    OUI = "oui"  # a maker's block
    DEVICE = "device"  # by MAC
    TENANT = "tenant"  # by name; nothing is done to one, people look


class Origin(StrEnum):
    """Who decided."""

    MONITOR = "monitor"
    OPERATOR = "operator"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    What an alert rests on: how many, of what, between when, and a few of them.

    *holders* are those of the sources' networks, as far as the operator's files know them.
    """

    count: float
    known: int  # devices that have proven themselves from there, within a day
    since: float
    samples: tuple[str, ...]
    sources: tuple[str, ...]
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    A threshold was crossed.

    *detector* names its file, *signal* the class of attack, *pace* which bucket overflowed (``fast``, ``slow``,
    ``once``). *at* in seconds, as the event that crossed it. *tenant* is whose device it is about, if it is about one.
    """

    detector: str
    signal: str
    pace: str
    at: float
    scope: Scope
    value: str
    confidence: str
    evidence: Evidence
    tenant: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What is done about *value* until *until* (seconds, None: until somebody ends it), and why.

    *reason* is the detector's name or what a person has said; *times* says how often this has been decided on about the
    same value; *simulated* decisions are written down and not carried out. *allowed* names the entry of the allow list
    that has kept it from being carried out.
    """

    at: float
    until: float | None
    scope: Scope
    value: str
    measure: Measure
    reason: str
    origin: Origin = Origin.MONITOR
    times: int = 1
    simulated: bool = False
    id: int = 0
