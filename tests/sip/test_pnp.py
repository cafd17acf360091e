"""Makers' own questions are understood and answered as RFC 3261 and 6665 want it; nothing else is."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provserver.identify import Catalogue
from provserver.services.requests.pnp import PnpUrls
from provserver.sip.message import read_head
from provserver.sip.pnp import LIMIT_BYTES, Address, Subscribe, accept, read_subscribe, tell
from provserver.vendors import load_vendors
from tests.sip.questions import NOTHING, QUESTIONS, Question, wire

URL = "https://prov.example.com/"
CATALOGUE = Catalogue(load_vendors())
SNOM = QUESTIONS["snom"]
SOURCE, LOCAL = ("192.0.2.33", 5060), ("192.0.2.1", 40000)


def read(question: Question = SNOM, changed: Mapping[str, str | None] = NOTHING) -> Subscribe:
    asked = read_subscribe(wire(question, changed))
    assert asked is not None
    return asked


def answers(asked: Subscribe, *, source: Address = SOURCE, url: str = URL) -> list[tuple[bytes, Address]]:
    return [
        accept(asked, source=source, local=LOCAL, tag="ours"),
        tell(asked, url, source=source, local=LOCAL, tag="ours", branch="z9hG4bKours"),
    ]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_makers_questions_are_understood(question: Question) -> None:
    asked = read(question)

    maker, mac = PnpUrls(CATALOGUE, url=URL).identify(asked)
    assert (maker, mac.value if mac else None, asked.model) == (question.maker, question.mac, question.model)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_each_makers_phones_are_told_what_they_can_use(question: Question) -> None:
    asked = read(question)

    assert PnpUrls(CATALOGUE, url=URL).url_for(asked) == question.told
    named = PnpUrls(CATALOGUE, url="https://prov.example.com/{mac}.cfg").url_for(asked)
    assert named == (f"https://prov.example.com/{question.mac}.cfg" if question.mac else None)


def test_all_makers_with_pnp_and_a_value_of_their_own_are_tried() -> None:
    own = {slug for slug, vendor in CATALOGUE.vendors.items() for way in vendor.bootstrap if way.way == "pnp"}

    assert own - {question.maker for question in QUESTIONS.values()} <= {"alcatel", "audiocodes"}


def test_the_200_is_to_this_very_request() -> None:
    (start, headers), to = read_head(answers(read())[0][0]), answers(read())[0][1]

    assert start == "SIP/2.0 200 OK"
    assert headers["via"] == ("SIP/2.0/UDP 192.0.2.33:5060;branch=z9hG4bK-386d4398;rport=5060;received=192.0.2.33")
    assert headers["from"] == SNOM.sender
    assert headers["to"] == f"<{SNOM.uri}>;tag=ours"
    assert (headers["call-id"], headers["cseq"], headers["expires"]) == ("3348292@192.0.2.33", "1 SUBSCRIBE", "0")
    assert to == SOURCE


def test_the_notify_is_in_the_same_dialog_and_ends_it() -> None:
    message, to = answers(read())[1]

    (start, headers), body = read_head(message), message.partition(b"\r\n\r\n")[2]
    assert start == "NOTIFY sip:phone@192.0.2.33:5060;transport=udp SIP/2.0"
    assert headers["via"] == "SIP/2.0/UDP 192.0.2.1:40000;branch=z9hG4bKours;rport"
    assert (headers["from"], headers["to"]) == (f"<{SNOM.uri}>;tag=ours", SNOM.sender)
    assert (headers["call-id"], headers["cseq"]) == ("3348292@192.0.2.33", "1 NOTIFY")
    assert (headers["event"], headers["subscription-state"]) == (SNOM.event, "terminated;reason=timeout")
    assert (headers["content-type"], headers["content-length"]) == ("application/url", str(len(URL)))
    assert body == URL.encode()
    assert to == SOURCE


@pytest.mark.parametrize(
    ("changed", "source", "ok_to", "notify_to"),
    [
        ({}, ("192.0.2.33", 40001), 40001, 5060),
        ({"Via": "SIP/2.0/UDP 192.0.2.33:5070;branch=z9hG4bK1"}, ("192.0.2.33", 40001), 5070, 5060),
        ({"Via": "SIP/2.0/UDP phone;branch=z9hG4bK1"}, ("192.0.2.33", 40001), 5060, 5060),
        ({"Via": "SIP/2.0/UDP 192.0.2.33:53;branch=z9hG4bK1"}, ("192.0.2.33", 40001), 40001, 5060),
        ({"Via": "SIP/2.0/UDP 198.51.100.1:5070;maddr=198.51.100.2"}, ("192.0.2.33", 40001), 5070, 5060),
        ({"Contact": "<sip:a@192.0.2.33:5062>"}, ("192.0.2.33", 40001), 40001, 5062),
        ({"Contact": "<sip:a@192.0.2.33>"}, ("192.0.2.33", 40001), 40001, 5060),
        ({"Contact": "<sip:a@192.0.2.33:53>"}, ("192.0.2.33", 40001), 40001, 40001),
        ({"Contact": "<sip:a@192.0.2.33:99999>"}, ("192.0.2.33", 40001), 40001, 40001),
        ({"Contact": "<sip:a@198.51.100.1:5060>"}, ("192.0.2.33", 40001), 40001, 40001),
        ({"Contact": None}, ("192.0.2.33", 40001), 40001, 40001),
        ({"Contact": "*"}, ("192.0.2.33", 40001), 40001, 40001),
    ],
)
def test_answers_go_where_the_question_came_from_whatever_it_says(
    changed: dict[str, str | None], source: Address, ok_to: int, notify_to: int
) -> None:
    destinations = [to for _, to in answers(read(SNOM, changed), source=source)]

    assert destinations == [("192.0.2.33", ok_to), ("192.0.2.33", notify_to)]


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\r\n\r\n",
        b"SUBSCRIBE",
        wire(SNOM).replace(b"SUBSCRIBE sip:", b"REGISTER sip:", 1),
        wire(SNOM).replace(b" SIP/2.0\r\n", b" SIP/3.0\r\n", 1),
        wire(SNOM, {"Event": "presence"}),
        wire(SNOM, {"Event": "ua-profiles"}),
        wire(SNOM, {"Event": None}),
        wire(SNOM, {"Accept": "application/pidf+xml"}),
        wire(SNOM, {"Via": None}),
        wire(SNOM, {"Via": "SIP/2.0/TCP 192.0.2.33:5060"}),
        wire(SNOM, {"From": None}),
        wire(SNOM, {"To": None}),
        wire(SNOM, {"CSeq": "1 INVITE"}),
        wire(SNOM, {"Call-ID": None}),
        wire(SNOM, {"Call-ID": "x" * 257}),
        wire(SNOM, {"Call-ID": "x\nEvil: 1"}),
        wire(SNOM, {"Call-ID": "x\rEvil: 1"}),
        wire(SNOM, {"From": "<sip:ü@example.com>"}),
        wire(SNOM, {"Padding": "x" * LIMIT_BYTES}),
        b"SIP/2.0 200 OK\r\n" + wire(SNOM).partition(b"\r\n")[2],
    ],
)
def test_what_is_no_such_question_is_none(datagram: bytes) -> None:
    assert read_subscribe(datagram) is None


@pytest.mark.parametrize(
    "name", ["MAC%3a000413AABBCC", "MAC%3A000413aabbcc", "MAC000413AABBCC", "mac:00-04-13-aa-bb-cc"]
)
def test_a_mac_is_read_in_every_form(name: str) -> None:
    mac = read(SNOM._replace(uri=f"sip:{name}@224.0.1.75", sender="<sip:a@b>")).mac

    assert mac is not None
    assert mac.value == "000413aabbcc"


@pytest.mark.parametrize("name", ["MAC%3a000413AABBCCDD", "MAC%3a000413AABB", "MAC%3affffffffffff", "000413AABBCC"])
def test_what_is_nearly_a_mac_is_none(name: str) -> None:
    assert read(SNOM._replace(uri=f"sip:{name}@224.0.1.75", sender="<sip:a@b>")).mac is None


def test_headers_may_be_short_and_folded() -> None:
    datagram = wire(
        SNOM,
        {"Event": None, "o": "ua-profile;\r\n vendor=snom", "From": None, "f": SNOM.sender, "To": None, "t": "<sip:b>"},
    )

    asked = read_subscribe(datagram)

    assert asked is not None
    assert (asked.vendor, asked.sender, asked.recipient) == ("snom", SNOM.sender, "<sip:b>")


_MUTATIONS = st.lists(st.tuples(st.integers(0, 800), st.binary(max_size=8), st.integers(0, 8)), max_size=6)


@given(question=st.sampled_from(list(QUESTIONS.values())), mutations=_MUTATIONS)
@example(question=SNOM, mutations=[])
def test_whatever_arrives_is_answered_within_bounds_or_not_at_all(
    question: Question, mutations: list[tuple[int, bytes, int]]
) -> None:
    datagram = wire(question)
    for place, inserted, dropped in mutations:
        datagram = datagram[:place] + inserted + datagram[place + dropped :]

    asked = read_subscribe(datagram)

    if asked is None:
        return
    url = PnpUrls(CATALOGUE, url=URL).url_for(asked)
    assert url is not None
    for message, (host, port) in answers(asked, url=url):
        head, _, body = message.partition(b"\r\n\r\n")
        assert re.fullmatch(rb"(?:[ -~]*\r\n)*[ -~]*", head)
        assert len(head.split(b"\r\n")) <= 12
        assert len(message) <= 2 * LIMIT_BYTES
        assert body in (b"", url.encode())
        assert host == SOURCE[0]
        assert 1024 <= port <= 65_535


@given(st.binary(max_size=3000))
def test_noise_is_none(datagram: bytes) -> None:
    assert read_subscribe(datagram) is None
