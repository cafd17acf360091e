"""
A server as the monitor sees it, over virtual time: devices that are entered, a door, and everything in between.

Requests are answered by the rules of the release, decisions are carried out at once, and what came of it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from provserver.monitor.decision import Alert, Decision, Measure, Scope
from provserver.monitor.detector import Detector, load_detectors
from provserver.monitor.engine import Engine
from provserver.monitor.event import Event
from provserver.monitor.policy import UNTIL_UNLOCKED, Policy
from provserver.monitor.restraints import Restraints

DETECTORS = load_detectors()
KEY = b"0123456789abcdef"
START = 1_760_000_000.0
DAY_S = 86_400.0
_OF_ANOTHER = frozenset({"wrong_login", "wrong_certificate"})


@dataclass(slots=True, kw_only=True)
class Phone:
    """A device that is entered. *home* is the network of its first delivery; empty: it has had none."""

    mac: str
    tenant: str = "acme"
    armed: bool = False
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, or what came instead of one: *words* then says what."""

    at: float
    address: str
    mac: str = ""
    agent: str = ""
    path: str = ""
    proof: bool = False  # its lasting URL, or its certificate
    bootstrap: bool = False  # its first URL, from its maker's service
    token: str = ""
    tried: str = ""
    file: str = "fetched"  # or not_modified, optional, common, upload
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class World:
    """Answers requests, and counts."""

    seed: int = 1
    detectors: Iterable[Detector] = DETECTORS
    simulate: bool = False
    provider: str = ""  # the beginning of addresses that are known to be one provider's
    phones: dict[str, Phone] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    misses: Counter[str] = field(default_factory=Counter)  # unknown MACs that were looked at, by address
    asked: int = 0
    asked_at_alert: list[int] = field(default_factory=list)  # how many requests there had been, for each alert
    asked_at_decision: list[int] = field(default_factory=list)
    served_at: Counter[str] = field(default_factory=Counter)  # requests with a proof that were served, by address
    engine: Engine = field(init=False)
    policy: Policy = field(init=False)
    restraints: Restraints = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.detectors, key=KEY)
        self.policy = Policy(self.detectors, random=Random(self.seed), simulate=self.simulate)
        self.restraints = Restraints()

    def enter(self, *phones: Phone) -> None:
        """Enter devices."""
        self.phones.update((phone.mac, phone) for phone in phones)

    def run(self, asks: Iterable[Ask]) -> None:
        """Answer *asks*, which are in the order of time."""
        for ask in asks:
            self.ask(ask)

    def ask(self, ask: Ask) -> str:
        """Answer one request: in one word what came of it."""
        self.asked += 1
        self.restraints.expire(ask.at)
        if self.restraints.is_banned(ask.address):
            answer = "banned"
        else:
            answer, event = self._answer(ask)
            if "unknown_mac" in event.words:
                self.misses[ask.address] += 1
            self.feed(event)
        self.answers[answer] += 1
        self.served_at[ask.address] += answer == "served"
        return answer

    def feed(self, event: Event) -> None:
        """Let the monitor see *event*, and carry out what it decides."""
        for alert in self.engine.feed(event):
            self.alerts.append(alert)
            self.asked_at_alert.append(self.asked)
            for decision in self.policy.decide(alert, self.restraints):
                self.decisions.append(decision)
                self.asked_at_decision.append(self.asked)
                self.restraints.add(decision, event.at)

    @property
    def bans(self) -> list[Decision]:
        return [decision for decision in self.decisions if decision.measure is Measure.BAN]

    @property
    def locks(self) -> list[Decision]:
        return [decision for decision in self.decisions if decision.measure in UNTIL_UNLOCKED]

    @property
    def fired(self) -> set[str]:
        """The detectors that have spoken."""
        return {alert.detector for alert in self.alerts}

    def _answer(self, ask: Ask) -> tuple[str, Event]:
        phone = self.phones.get(ask.mac)
        answer, words = self._decide(ask, phone)
        event = Event(
            at=ask.at,
            words=words,
            address=ask.address,
            mac=ask.mac,
            device=f"id-{ask.mac}" if phone else "",
            tenant=phone.tenant if phone else "",
            agent=ask.agent,
            path=ask.path or f"/{ask.mac}.cfg",
            token=ask.token,
            tried=ask.tried,
        )
        return answer, event

    def _decide(self, ask: Ask, phone: Phone | None) -> tuple[str, tuple[str, ...]]:
        if ask.words and not ask.mac:
            return "refused", ask.words
        if phone is None:
            extra = ("wrong_token",) if ask.token else ()
            sent = ("upload_refused",) if ask.file == "upload" else ()
            return "refused", ("unknown_mac", *extra, *sent, *ask.words)
        # A login or a certificate of another device withholds even where a window would have released.
        if self.restraints.find(Scope.DEVICE, phone.mac) or not _OF_ANOTHER.isdisjoint(ask.words):
            return "refused", ("withheld", *ask.words)
        if ask.proof or ask.bootstrap:
            return self._proven(ask, phone)
        if ask.token:
            return "refused", ("wrong_token", *ask.words)
        return self._unproven(ask, phone)

    def _proven(self, ask: Ask, phone: Phone) -> tuple[str, tuple[str, ...]]:
        if ask.bootstrap and self._is_away(ask.address, phone):
            return "refused", ("moved",)
        phone.home = phone.home or _network(ask.address)
        words = ["proven"]
        if ask.file == "fetched":
            words.append("fetched")
        if self._is_away(ask.address, phone):
            words.append("elsewhere")
            if ask.file == "fetched":
                words.append("elsewhere_delivered")
        return "served", tuple(words)

    def _unproven(self, ask: Ask, phone: Phone) -> tuple[str, tuple[str, ...]]:
        measure = self.restraints.measure_at(ask.address)
        refused = measure in (Measure.LIMIT, Measure.REFUSE) or self.restraints.is_locked_down(phone.mac)
        network = _network(ask.address)
        if phone.armed and not refused and phone.home in ("", network):
            phone.home = network
            return "window", ("window", "fetched", "delivered_unproven", *ask.words)
        return "refused", ("withheld", *ask.words)

    def _is_away(self, address: str, phone: Phone) -> bool:
        """Whether *phone* is neither in the network of its first delivery nor at its provider."""
        if phone.home in ("", _network(address)):
            return False
        return not (self.provider and address.startswith(self.provider) and phone.home.startswith(self.provider))


def _network(address: str) -> str:
    return ".".join(address.split(".")[:3])
