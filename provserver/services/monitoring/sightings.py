"""
What the monitor is told of a request: `Sighting`, taken down where it happens; `Sightings` makes events of it.

Taking it down costs the request path one append; everything else is done by the monitor's own task. The same function
reads live requests and lines of an old log.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from provserver.clock import to_ms
from provserver.domain.mac import MacAddress
from provserver.identify import Catalogue, take_apart
from provserver.monitor.event import Event
from provserver.monitor.keys import OUI_DIGITS
from provserver.release import Proof, Reason, network_prefix
from provserver.services.monitoring.hellos import Hellos
from provserver.storage.requests import REQUEST_COLUMNS

TRAVERSAL = "traversal"
_AT, _ADDRESS, _METHOD, _PATH, _MAC, _DEVICE, _AGENT, _OUTCOME, _REASON = (
    REQUEST_COLUMNS.index(name)
    for name in ("at", "address", "method", "path", "mac", "device_id", "user_agent", "outcome", "reason")
)
# `..`, backslashes and semicolons in any spelling, NUL, line ends, Windows shares: what leaves a folder, begins another
# line, or ends a command.
_TRAVERSAL = re.compile(r"\.\.|\\|;|%5c|%2e|%3b|%00|\x00|%0d|%0a|%25(?:2e|5c|3b|00)", re.IGNORECASE)
# What scanners ask first: dirb's two names, gobuster's random UUID, Nmap's check and its SDK probe, and the loot of web
# servers.
_PROBE = re.compile(
    r"/(?:randomfile1|frand2|nmaplowercheck.*|sdk|HNAP1/?|evox/about|\.env|\.git/.*|\.svn/.*|\.aws/.*|cgi-bin/.*"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|wp-login\.php|phpinfo\.php|actuator.*|bvsmweb/.*)",
    re.IGNORECASE,
)
# User-Agents of scanners and libraries, as they send them unless told not to; the bare MSIE 6.0 is dirb's.
_TOOL = re.compile(
    r"curl/|Wget/|python-requests/|Python-urllib/|Python/\d|aiohttp/|Go-http-client/|Java/|okhttp/|libwww-perl/|Ruby"
    r"|Fuzz Faster|gobuster/|Wfuzz/|feroxbuster/|sqlmap/|Nikto|masscan|zgrab|Mozilla/5\.0 \(compatible; Nmap"
    r"|Mozilla/4\.0 \(Hydra\)|Mozilla/4\.0 \(compatible; MSIE 6\.0; Windows NT 5\.1\)$|DirBuster",
    re.IGNORECASE,
)
_BROWSER = re.compile(r"Mozilla/5\.0 \((?:Windows|Macintosh|X11|Linux|iPhone|iPad|Android)")
_SCHEMES = ("basic", "digest")
_SENT = frozenset({"delivered", "served"})
_WITH_PROOF = frozenset({"delivered", "served", "not_modified", "uploaded", "broken"})
_NOT_NOTED = frozenset({"failed", "unavailable", "bad_request"})
_WITHHELD = (
    Reason.NOT_ARMED, Reason.PROVISIONED, Reason.STRICT, Reason.LOCKED, Reason.LEGACY, Reason.TFTP, Reason.RESTRAINED,
    Reason.WRONG_TOKEN, Reason.AGENT_DIFFERS,
)  # fmt: skip
_OF_REASON: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_WITHHELD, ("withheld",)),
    Reason.WRONG_CERTIFICATE: ("wrong_certificate",),
    Reason.DUPLICATE_KEY: ("wrong_certificate",),
    Reason.WRONG_LOGIN: ("wrong_login", "withheld"),
    Reason.WINDOW_OVER: ("window_over", "withheld"),
    Reason.DELETED: ("after_deletion",),
    Reason.MOVED: ("moved",),
    Reason.TOO_OFTEN: ("proven", "too_often"),
}
_EXCESS = frozenset({"quota", "too_large", "encoded"})
_UPLOADS = frozenset({"PUT", "POST"})
_BY_HTTP = frozenset({"GET", "HEAD", *_UPLOADS})  # TFTP knows no User-Agent


class Sighting(NamedTuple):
    """
    One answered request: its row of the request log, and what the row does not have.

    *tenant_id* and *home* (the network of its first delivery) are the device's; *token* the fingerprint of the token in
    the path, *tried* the header or the form of a login that was wrong, *hello* the hash of what the TLS client offers.
    """

    row: tuple[Any, ...]
    tenant_id: str = ""
    proof: Proof | None = None
    home: str | None = None
    token: bytes | None = None
    tried: str = ""
    hello: str = ""


class Sightings:
    """Makes events. *canaries* are MACs (12 hex digits) and fingerprints of tokens (hex) that no real phone has."""

    def __init__(self, catalogue: Catalogue, *, canaries: Collection[str] = ()) -> None:
        self._catalogue = catalogue
        self._makers_of_block = lru_cache(maxsize=4096)(lambda oui: catalogue.makers_of(MacAddress(f"{oui}000000")))
        self._hellos = Hellos()
        self._given = self._canaries = frozenset(canaries)
        self._key = secrets.token_bytes(16)  # of this process, written nowhere: nobody finds passwords by their hashes

    def look_out_for(self, macs: Collection[str]) -> None:
        """Take these MACs for canaries, beside those that were given at first."""
        self._canaries = self._given | frozenset(macs)

    def event(self, seen: Sighting, *, dead_token: bool = False) -> Event | None:
        """The event of a request; None where there is nothing in it for any detector. *dead_token*: it once was one."""
        row = seen.row
        mac, token = row[_MAC] or "", seen.token.hex() if seen.token else ""
        if seen.proof is not None and row[_OUTCOME] in _WITH_PROOF:
            words = _proven(seen)
            if "elsewhere_delivered" in words and _is_no_phone(row[_AGENT]):
                words += ("copied_url",)
        else:
            words = self._unproven(seen, mac, dead_token=dead_token)
        if seen.hello:
            words += self._of_hello(seen, words)
        if mac in self._canaries or token in self._canaries:
            words += ("canary",)
        if not words:
            return None
        at, device = row[_AT] / 1000, row[_DEVICE] or ""
        tried = self._login(seen.tried) if seen.tried else ""
        # By position, which is cheaper: one is made for every request.
        return Event(at, words, row[_ADDRESS], mac, device, seen.tenant_id, row[_AGENT], row[_PATH], token, tried)

    def _unproven(self, seen: Sighting, mac: str, *, dead_token: bool) -> tuple[str, ...]:
        row = seen.row
        reason, path = row[_REASON], row[_PATH]
        if row[_OUTCOME] == "method_not_allowed":  # answered before anything else of it was looked at
            return ("junk",)
        if row[_OUTCOME] in _NOT_NOTED or reason == Reason.STALE_LOGIN:
            return ()
        if reason in _EXCESS:
            return ("upload_excess",)
        words = _of_reason(reason, proven=seen.proof not in (None, Proof.WINDOW))
        if seen.token is not None and reason in (Reason.UNKNOWN_DEVICE, Reason.WRONG_TOKEN):
            words += ("dead_token",) if dead_token else ("wrong_token",)
        if reason == Reason.UNKNOWN_DEVICE:
            words += ("unknown_mac",) if mac else self._without_mac(path, has_token=seen.token is not None)
        if reason == Reason.HOSTILE_PATH:
            words += ("traversal",) if TRAVERSAL in path else ("stray",)
        if row[_METHOD] in _UPLOADS and ("unknown_mac" in words or "withheld" in words):
            words += ("upload_refused",)
        return words + self._of_agent(row[_AGENT], mac, row[_METHOD]) if "proven" not in words else words

    def _login(self, tried: str) -> str:
        """What tells a login from others: its scheme and a hash. What is wrong here may be right elsewhere."""
        scheme = tried.partition(" ")[0].lower()
        text = tried.encode("utf-8", "surrogatepass")
        hashed = blake2b(text, key=self._key, digest_size=8).hexdigest()
        return f"{scheme} {hashed}" if scheme in _SCHEMES else hashed

    def _without_mac(self, path: str, *, has_token: bool) -> tuple[str, ...]:
        """What a name without a MAC is: one that phones share, one that they miss, or nobody's."""
        if has_token:
            return ()
        asked = take_apart(path)
        if asked is not None and (known := self._catalogue.names_a_file(asked)) is not None:
            return ("optional_miss",) if known else ("common_file",)
        return ("stray", "probe") if _PROBE.fullmatch(path) else ("stray",)

    def _of_hello(self, seen: Sighting, words: tuple[str, ...]) -> tuple[str, ...]:
        """Learn from a device that has proven itself at home; of others, whether a phone of the maker greets so."""
        agent = self._catalogue.read_agent(seen.row[_AGENT])
        if agent is None:
            return ()
        if "proven" in words and "elsewhere" not in words:
            self._hellos.learn(agent.vendor, seen.hello, seen.row[_DEVICE] or "")
            return ()
        return ("tls_differs",) if self._hellos.differs(agent.vendor, seen.hello) else ()

    def _of_agent(self, text: str, mac: str, method: str) -> tuple[str, ...]:
        if not text and method in _BY_HTTP:
            return ("no_agent",)
        agent = self._catalogue.read_agent(text)
        if agent is None:
            return _of_no_phone(text)
        if not mac:
            return ()
        if agent.mac is not None and agent.mac.value != mac:
            return ("agent_mac_differs",)
        makers = self._makers_of_block(mac[:OUI_DIGITS])
        return ("agent_other_maker",) if makers and agent.vendor not in makers else ()


def probe_in(path: str) -> str:
    """In one word what a path that no phone would send tries; empty if nothing that is known."""
    return TRAVERSAL if _TRAVERSAL.search(path) else ""


def from_line(line: Mapping[str, Any]) -> Sighting:
    """
    The sighting of a `request.answered` line of the log. Raises KeyError or ValueError for what is none.

    A line has no ids of device and tenant: the MAC stands for the device where it is known. Its token is the beginning
    of the fingerprint. What login was tried is not in it: each is another, as with Digest.
    """
    proof = Proof(line["proof"]) if line.get("proof") else None
    known = line["reason"] not in (Reason.UNKNOWN_DEVICE, Reason.HOSTILE_PATH)
    row = dict.fromkeys(REQUEST_COLUMNS)
    row |= {name: line[name] for name in ("address", "method", "path", "mac", "user_agent", "outcome", "reason")}
    row["at"] = to_ms(datetime.fromisoformat(line["timestamp"]))
    row["device_id"] = line["mac"] if known else None
    token = re.match(r"/~([0-9a-f]{16})/", str(line["path"]))
    return Sighting(
        row=tuple(row.values()),
        proof=proof,
        token=bytes.fromhex(token[1]) if token else None,
        tried=f"Digest {line['timestamp']}" if line["reason"] == Reason.WRONG_LOGIN else "",
    )


def _is_no_phone(agent: str) -> bool:
    return bool(_of_no_phone(agent))


@lru_cache(maxsize=4096)  # looking through one for every tool takes as long as all the rest of an event
def _of_no_phone(agent: str) -> tuple[str, ...]:
    if _TOOL.search(agent):
        return ("tool_agent",)
    return ("browser_agent",) if _BROWSER.match(agent) else ()


def _proven(seen: Sighting) -> tuple[str, ...]:
    outcome = seen.row[_OUTCOME]
    if seen.proof is Proof.WINDOW:
        return ("window", "delivered_unproven") if outcome == "delivered" else ("window",)
    words = _from_where(seen, outcome)
    return (*words, "login_delivered") if seen.proof is Proof.LOGIN and outcome == "delivered" else words


def _from_where(seen: Sighting, outcome: str) -> tuple[str, ...]:
    sent = outcome in _SENT
    if seen.home is None or network_prefix(seen.row[_ADDRESS]) == seen.home:
        return ("proven", "fetched") if sent else ("proven",)
    if outcome == "delivered":
        return ("proven", "fetched", "elsewhere", "elsewhere_delivered")
    return ("proven", "fetched", "elsewhere") if sent else ("proven", "elsewhere")


def _of_reason(reason: str | None, *, proven: bool) -> tuple[str, ...]:
    """Words for why it was refused; of a device that is entered, unless it has proven itself, that it was withheld."""
    return _OF_REASON.get(reason or "", ("proven",) if proven else ())
