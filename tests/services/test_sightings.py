"""What an answered request becomes for the monitor: the same from the request itself and from its line in the log."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from provserver.identify import Catalogue
from provserver.monitor.event import WORDS
from provserver.release import Proof, Reason
from provserver.services.monitoring.replay import UNTOLD
from provserver.services.monitoring.sightings import Sighting, Sightings, from_line, probe_in
from provserver.storage.requests import REQUEST_COLUMNS
from provserver.vendors import load_vendors

MAC = "805ec0aabbcc"
AGENT = "Yealink SIP-T54W 96.86.0.70 80:5e:c0:aa:bb:cc"
TOKEN = bytes(range(16))


@pytest.fixture(scope="module")
def sightings() -> Sightings:
    return Sightings(Catalogue(load_vendors()), canaries=["805ec0000bad", bytes(16).hex()])


def seen(**fields: Any) -> Sighting:  # noqa: ANN401 - columns of the request log, and fields of a Sighting
    row: dict[str, Any] = dict.fromkeys(REQUEST_COLUMNS)
    row |= {"at": 1_760_000_000_000, "address": "192.0.2.7", "method": "GET", "path": f"/{MAC}.cfg"}
    row |= {"mac": MAC, "user_agent": AGENT, "outcome": "refused", "reason": "unknown_device"}
    beside = {name: fields.pop(name) for name in ("tenant_id", "proof", "home", "token", "tried") if name in fields}
    return Sighting(row=tuple((row | fields).values()), **beside)


def words(sightings: Sightings, sighting: Sighting, *, dead_token: bool = False) -> set[str]:
    event = sightings.event(sighting, dead_token=dead_token)
    assert event is None or set(event.words) <= set(WORDS)
    return set(event.words) if event else set()


SERVED = {"outcome": "served", "reason": None, "device_id": "d1"}
DELIVERED = {**SERVED, "outcome": "delivered"}
HOME = "192.0.2.0/24"
AWAY = "198.51.100.0/24"
WITHOUT_MAC: dict[str, Any] = {"mac": None}


@pytest.mark.parametrize(
    ("tried", "scheme"),
    [("Basic dTpwYXNz", "basic"), ('Digest username="u"', "digest"), ("Username=u&Password=pass", "")],
)
def test_a_login_that_was_tried_is_told_from_others_and_not_said(sightings: Sightings, tried: str, scheme: str) -> None:
    def event_of(text: str, of: Sightings = sightings) -> str:
        event = of.event(seen(reason="wrong_login", tried=text))
        assert event is not None
        return event.tried

    assert event_of(tried) == event_of(tried) != event_of(f"{tried}x")
    assert event_of(tried) != event_of(tried, Sightings(Catalogue(load_vendors()))), "its key is that of the process"
    kind, _, hashed = event_of(tried).rpartition(" ")
    assert (kind, len(hashed)) == (scheme, 16)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"unknown_mac"}),
        ({**SERVED, "proof": Proof.LASTING_TOKEN, "home": HOME}, {"proven", "fetched"}),
        ({**SERVED, "outcome": "not_modified", "proof": Proof.LOGIN}, {"proven"}),
        (
            {**DELIVERED, "proof": Proof.LASTING_TOKEN, "home": AWAY},
            {"proven", "fetched", "elsewhere", "elsewhere_delivered"},
        ),
        ({**SERVED, "outcome": "not_modified", "proof": Proof.LASTING_TOKEN, "home": AWAY}, {"proven", "elsewhere"}),
        (
            {**DELIVERED, "proof": Proof.LASTING_TOKEN, "home": AWAY, "user_agent": "curl/8.5.0"},
            {"proven", "fetched", "elsewhere", "elsewhere_delivered", "copied_url"},
        ),
        ({**DELIVERED, "proof": Proof.LASTING_TOKEN, "user_agent": "curl/8.5.0"}, {"proven", "fetched"}),
        ({"reason": "moved"}, {"moved"}),
        ({"outcome": "limited", "reason": "too_often", "proof": Proof.LASTING_TOKEN}, {"proven", "too_often"}),
        ({**DELIVERED, "proof": Proof.LOGIN}, {"proven", "fetched", "login_delivered"}),
        ({**DELIVERED, "proof": Proof.WINDOW}, {"window", "delivered_unproven"}),
        ({"reason": "agent_differs", "user_agent": "curl/8.5.0"}, {"withheld", "tool_agent"}),
        ({**SERVED, "proof": Proof.WINDOW}, {"window"}),
        ({"reason": "no_template", "proof": Proof.LASTING_TOKEN}, {"proven"}),
        ({"reason": "not_armed"}, {"withheld"}),
        ({"reason": "restrained"}, {"withheld"}),
        ({"reason": "window_over"}, {"withheld", "window_over"}),
        ({"reason": "wrong_token", "token": TOKEN}, {"withheld", "wrong_token"}),
        ({"token": TOKEN}, {"unknown_mac", "wrong_token"}),
        ({**WITHOUT_MAC, "path": "/~0001/y000000000096.cfg", "token": TOKEN}, {"wrong_token"}),
        ({"reason": "wrong_login", "tried": "Basic eA=="}, {"withheld", "wrong_login"}),
        ({"reason": "stale_login"}, set()),
        ({**WITHOUT_MAC, "outcome": "method_not_allowed", "reason": None, "user_agent": "curl/8.5.0"}, {"junk"}),
        ({"reason": "wrong_certificate"}, {"wrong_certificate"}),
        ({"reason": "deleted"}, {"after_deletion"}),
        ({**WITHOUT_MAC, "reason": "hostile_path", "path": "(31 characters, traversal)"}, {"traversal"}),
        ({**WITHOUT_MAC, "reason": "hostile_path", "path": "(600 characters)"}, {"stray"}),
        ({**WITHOUT_MAC, "path": "/y000000000096.cfg"}, {"optional_miss"}),
        ({**WITHOUT_MAC, "path": "/lanpbx.cfg"}, {"common_file"}),
        ({**WITHOUT_MAC, "path": "/y000000000096.boot"}, {"optional_miss"}),
        ({**WITHOUT_MAC, "path": "/favicon.ico"}, {"stray"}),
        ({**WITHOUT_MAC, "path": "/.env", "user_agent": "gobuster/3.5"}, {"stray", "probe", "tool_agent"}),
        ({"method": "PUT"}, {"unknown_mac", "upload_refused"}),
        ({"method": "PUT", "reason": "quota", "proof": Proof.LASTING_TOKEN}, {"upload_excess"}),
        ({"user_agent": "curl/8.5.0"}, {"unknown_mac", "tool_agent"}),
        ({"user_agent": ""}, {"unknown_mac", "no_agent"}),
        ({"user_agent": "", "method": "RRQ"}, {"unknown_mac"}),
        ({"user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140"}, {"unknown_mac", "browser_agent"}),
        ({"user_agent": "Yealink SIP-T54W 96.86.0.70 80:5e:c0:00:00:01"}, {"unknown_mac", "agent_mac_differs"}),
        ({"user_agent": "Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13)"}, {"unknown_mac", "agent_other_maker"}),
        ({"outcome": "failed", "reason": None}, set()),
        ({"outcome": "unavailable", "reason": "store"}, set()),
        ({"mac": "805ec0000bad"}, {"unknown_mac", "canary", "agent_mac_differs"}),
        ({"token": bytes(16), "reason": "wrong_token"}, {"withheld", "wrong_token", "canary"}),
    ],
)
def test_a_request_becomes_words(sightings: Sightings, fields: dict[str, Any], expected: set[str]) -> None:
    assert words(sightings, seen(**fields)) == expected


def test_a_token_that_once_was_a_devices_is_no_guess(sightings: Sightings) -> None:
    assert words(sightings, seen(token=TOKEN), dead_token=True) == {"unknown_mac", "dead_token"}


def test_every_refusal_is_understood(sightings: Sightings) -> None:
    """What has no meaning for the monitor is named here, so that a new reason is thought about."""
    silent = {reason for reason in Reason if not words(sightings, seen(reason=reason.value))}

    # Assets: their folders cannot be guessed, and a whole office asks for one that was removed.
    assets = {Reason.NO_ASSET, Reason.UNPROVEN}
    # An office with two lines comes from two networks while its phones are being installed.
    usual = {Reason.STALE_LOGIN, Reason.NO_RULE, Reason.NO_TEMPLATE, Reason.NO_UPLOAD, Reason.SETTLING}
    assert silent == usual | assets


def test_a_line_of_the_log_becomes_the_same(sightings: Sightings) -> None:
    line = {
        "timestamp": "2025-10-09T08:53:20.000Z", "address": "192.0.2.7", "method": "GET", "mac": MAC, "proof": None,
        "path": f"/~{TOKEN.hex()[:16]}/{MAC}.cfg", "user_agent": AGENT, "outcome": "refused", "reason": "wrong_token",
    }  # fmt: skip

    live = sightings.event(seen(reason="wrong_token", path=line["path"], token=TOKEN, device_id="d1"))
    read = sightings.event(from_line(line))

    assert live is not None
    assert read is not None
    assert (read.at, read.words, read.address, read.mac) == (live.at, live.words, live.address, live.mac)
    assert read.token == live.token[:16]


# Tool, User-Agent and first requests: as the tools themselves send them, recorded against a server on loopback.
TOOLS = {
    "SeeYouCM-Thief": ("python-requests/2.31.0", f"/SEP{MAC.upper()}.cnf.xml"),
    "ffuf": ("Fuzz Faster U Fool v1.1.0", f"/{MAC}.cfg"),
    "gobuster": ("gobuster/3.5", f"/{MAC}.cfg"),
    "wfuzz": ("Wfuzz/3.1.0", f"/{MAC}.cfg"),
    "dirb": ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", f"/{MAC}.cfg"),
    "hydra": ("Mozilla/4.0 (Hydra)", f"/{MAC}.cfg"),
    "nmap": ("Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)", f"/{MAC}.cfg"),
    "curl": ("curl/7.88.1", f"/{MAC}.cfg"),
    "wget": ("Wget/1.21.3", f"/{MAC}.cfg"),
    "aiohttp": ("Python/3.11 aiohttp/3.14.5", f"/{MAC}.cfg"),
    "urllib": ("Python-urllib/3.11", f"/{MAC}.cfg"),
}
PROBES = (
    "/randomfile1",
    "/frand2",
    "/nmaplowercheck1760000000",
    "/sdk",
    "/0c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5",
    "/bvsmweb/showphones.cgi",
    "/.env",
    "/.git/config",
)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_published_tool_is_known_by_its_agent(sightings: Sightings, tool: str) -> None:
    agent, path = TOOLS[tool]

    assert "tool_agent" in words(sightings, seen(user_agent=agent, path=path))


@pytest.mark.parametrize("path", PROBES)
def test_a_scanners_first_path_is_known(sightings: Sightings, path: str) -> None:
    assert "probe" in words(sightings, seen(**WITHOUT_MAC, path=path, user_agent=""))


def test_the_old_browser_that_phones_claim_to_be_is_no_tool(sightings: Sightings) -> None:
    agent = "Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13)"

    assert "tool_agent" not in words(sightings, seen(user_agent=agent))


@pytest.mark.parametrize(
    "path", ["/../x", "/a%2e%2e%2f", "/a\\b", "/%00", "/x%0d%0aSet-Cookie", "/%252e%252e", "/a;id", "/a%3bid"]
)
def test_what_leaves_a_folder_or_begins_a_line_is_told(path: str) -> None:
    assert probe_in(path) == "traversal"


@pytest.mark.parametrize("path", [f"/{MAC}.cfg", "/{mac}.cfg", "/a b.cfg", "/Cisco/805ec0aabbcc.xml?x=1"])
def test_what_a_person_mistypes_is_no_attempt(path: str) -> None:
    assert probe_in(path) == ""


def greeted(sightings: Sightings, hello: str, **fields: Any) -> set[str]:  # noqa: ANN401 - see `seen`
    return words(sightings, seen(**fields)._replace(hello=hello)) & {"tls_differs"}


PROVEN = {"outcome": "served", "reason": None, "proof": Proof.LASTING_TOKEN}


def test_a_spoofed_agent_is_told_once_the_makers_phones_are_known(sightings: Sightings) -> None:
    assert greeted(sightings, "python") == set(), "nothing is known yet"
    for number in range(9):
        greeted(sightings, "phone", **PROVEN, device_id=f"d{number}")
    greeted(sightings, "phone", **PROVEN, device_id="d0")
    assert greeted(sightings, "python") == set(), "nine are few, however often they come"

    greeted(sightings, "new firmware", **PROVEN, device_id="d9")

    assert greeted(sightings, "python") == {"tls_differs"}
    assert greeted(sightings, "phone") == greeted(sightings, "new firmware") == set()
    assert greeted(sightings, "python", user_agent="curl/8.5.0") == set(), "that one says itself what it is"
    assert greeted(sightings, "", reason="not_armed") == set(), "nothing is known of plain HTTP"


def test_a_copied_url_teaches_nothing(sightings: Sightings) -> None:
    for number in range(10):
        greeted(sightings, "phone", **PROVEN, device_id=f"d{number}")

    assert greeted(sightings, "python", **PROVEN, home=AWAY) == {"tls_differs"}
    assert greeted(sightings, "python") == {"tls_differs"}


def test_a_maker_with_more_greetings_than_are_kept_is_let_alone(sightings: Sightings) -> None:
    for number in range(100):
        greeted(sightings, f"phone {number}", **PROVEN, device_id=f"d{number}")

    assert greeted(sightings, "python") == set()


def test_the_words_that_no_line_of_a_log_says_are_named() -> None:
    """`replay` says what it cannot see: every answer there can be, as a line of the log."""
    of_log = Sightings(Catalogue(load_vendors()), canaries=[MAC])
    agents = (
        "",
        AGENT,
        "Yealink SIP-T54W 96.86.0.70 80:5e:c0:00:00:01",
        "Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13)",
        "curl/8.5.0",
        "Mozilla/5.0 (X11; Linux)",
    )
    paths = (
        f"/{MAC}.cfg",
        f"/~{TOKEN.hex()[:16]}/{MAC}.cfg",
        "/lanpbx.cfg",
        "/y000000000096.boot",
        "/.env",
        "(31 characters, traversal)",
        "(600 characters)",
    )
    found: set[str] = set()
    for outcome, reason, proof, path, agent, method in product(
        ("refused", "delivered", "served", "limited", "method_not_allowed"),
        (None, *(reason.value for reason in Reason), "quota"),
        (None, *(proof.value for proof in Proof)),
        paths,
        agents,
        ("GET", "PUT"),
    ):
        line = {
            "timestamp": "2025-10-09T08:53:20.000Z", "address": "192.0.2.7", "method": method, "path": path,
            "mac": MAC if MAC in path else None, "user_agent": agent, "outcome": outcome, "reason": reason,
            "proof": proof,
        }  # fmt: skip
        event = of_log.event(from_line(line))
        found.update(event.words if event else ())

    assert set(WORDS) - found == UNTOLD
