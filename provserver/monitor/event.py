"""`Event`: one thing that happened at the doors, in the words that detectors look for."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

# Every word an event can carry. A detector names words, so a mistake in its file is noticed when it is read.
WORDS = MappingProxyType(
    {
        "proven": "answered after a proof: token, certificate or login",
        "fetched": "proven, and a file was sent",
        "elsewhere": "proven, from another network than the one the device was first delivered to",
        "elsewhere_delivered": "credentials sent to another network than the first",
        "copied_url": "the same, to a tool or a browser",
        "moved": "a proof that others may have seen, from another network than the first delivery went to; withheld",
        "too_often": "proven, and refused because the device asks more often than any phone does",
        "window": "answered by an open window, without any proof",
        "delivered_unproven": "credentials sent by an open window, without any proof",
        "login_delivered": "credentials sent after a login, which can be guessed",
        "unknown_mac": "a MAC that nobody has entered",
        "withheld": "a device that is entered, and no proof",
        "window_over": "a device whose window closed before it came",
        "after_deletion": "a configuration asked for after its password was deleted",
        "wrong_token": "a token that never was anybody's",
        "dead_token": "a token that was once a device's",
        "wrong_login": "a login that is not the device's",
        "wrong_certificate": "a certificate that is another device's, or whose key another device has shown",
        "claimed_elsewhere": "a MAC that a tenant has entered and that somebody else has at its maker",
        "bad_handshake": "a TLS handshake that failed over the client's certificate",
        "traversal": "a path that tries to leave its folder, or to inject something",
        "probe": "a path that scanners ask for first",
        "stray": "a name that no maker's phones ask for",
        "common_file": "a name that phones share, without saying whose it is",
        "optional_miss": "a name that phones normally miss",
        "upload_refused": "something sent to us by nobody we know",
        "upload_excess": "an upload too many, or too large",
        "junk": "bytes that are no HTTP, or a method that no phone uses",
        "tool_agent": "the User-Agent of a scanner or of a library",
        "browser_agent": "the User-Agent of a browser",
        "no_agent": "no User-Agent, by HTTP",
        "agent_mac_differs": "a User-Agent with another MAC than the path's",
        "agent_other_maker": "a User-Agent of a maker who has no such MACs",
        "tls_differs": "a User-Agent of a maker, and TLS as none of its phones that have proven themselves speak it",
        "canary": "a MAC or token that no real phone has",
        "canary_account": "a SIP account that no real phone has, tried at a registrar",
        "claim_conflict": "a tenant adds a MAC that is another tenant's; refused",
        "over_quota": "a tenant adds a MAC beyond its quota; refused",
    }
)


class Event(NamedTuple):  # one is made for every request
    """
    One thing that happened.

    *at* is in seconds of a clock that never goes back. *words* are of `WORDS`. *address* is canonical text, or who did
    it where that is no address. *mac* is 12 lower-case hex digits, *device* the id of a device that is entered,
    *tenant* its tenant's; of a claim, the name of the tenant that makes it. *path* is the file as the log has it,
    *token* the fingerprint of the token in the path, *tried* scheme and keyed hash of a login that was tried, or a
    canary's SIP account. Empty where there is none.

    *system* is the autonomous system that the address is in, as far as the operator's files know it.
    """

    at: float
    words: tuple[str, ...]
    address: str
    mac: str = ""
    device: str = ""
    tenant: str = ""
    agent: str = ""
    path: str = ""
    token: str = ""
    tried: str = ""
    system: str = ""
