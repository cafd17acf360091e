"""Events get the system they came from; a device that stays in its system is not elsewhere."""

from __future__ import annotations

import pytest

from provserver.monitor.decision import Alert, Evidence, Scope
from provserver.monitor.event import Event
from provserver.monitor.holders import with_holders, with_system
from provserver.whereabouts import NOBODY, Holder

KNOWN = {
    "192.0.2.0": Holder("AS64500", "Example Net", "DE"),
    "192.0.2.7": Holder("AS64500", "Example Net", "DE"),
    "198.51.100.9": Holder("AS64500", "Example Net", "DE"),
    "203.0.113.9": Holder("AS64501", "", ""),
    "2001:db8::": Holder("", "", "FR"),
}
HOME = "192.0.2.0/24"
AWAY = ("proven", "fetched", "elsewhere", "elsewhere_delivered")


def of(address: str) -> Holder:
    return KNOWN.get(address, NOBODY)


def event(address: str, words: tuple[str, ...] = AWAY) -> Event:
    return Event(at=1.0, words=words, address=address, mac="805ec0aabbcc", device="d1", tried="t")


@pytest.mark.parametrize(
    ("address", "home", "words"),
    [
        ("198.51.100.9", HOME, ("proven", "fetched")),
        ("203.0.113.9", HOME, AWAY),
        ("10.0.0.1", HOME, AWAY),  # nobody knows whose
        ("203.0.113.9", "10.0.0.0/24", AWAY),
        ("198.51.100.9", None, AWAY),
    ],
)
def test_elsewhere_is_another_system(address: str, home: str | None, words: tuple[str, ...]) -> None:
    before = event(address)

    after = with_system(before, home, of)

    assert (after.words, after.system) == (words, of(address).system)
    assert after._replace(words=AWAY, system="") == before, "nothing else has changed"


def test_what_was_never_elsewhere_keeps_its_words() -> None:
    assert with_system(event("192.0.2.7", ("unknown_mac",)), HOME, of).words == ("unknown_mac",)


def test_an_alert_names_each_holder_once() -> None:
    evidence = Evidence(
        count=4, known=0, since=1.0, samples=(), sources=("192.0.2.7", "10.0.0.1", "198.51.100.9", "2001:db8::/64")
    )
    alert = Alert(
        detector="d", signal="S1", pace="fast", at=1.0, scope=Scope.OUI, value="x", confidence="low", evidence=evidence
    )

    assert with_holders(alert, of).evidence.holders == ("AS64500 Example Net DE", "FR")
    assert with_holders(alert, lambda _address: NOBODY) is alert
