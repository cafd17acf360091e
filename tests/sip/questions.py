"""How makers' phones ask for their server by multicast, and what is read from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

NOTHING: Mapping[str, str | None] = MappingProxyType({})


class Question(NamedTuple):
    """
    One SUBSCRIBE: request address, From, event, User-Agent, Accept; and maker, MAC and model that are in it.

    *told* is what the phone is told when the URL is ``https://prov.example.com/``.
    """

    uri: str
    sender: str
    event: str
    agent: str
    accept: str | None
    maker: str | None
    mac: str | None
    model: str
    told: str = "https://prov.example.com/"


QUESTIONS = {
    # sheet snom 11: H
    "snom": Question(
        uri="sip:MAC%3a000413AABBCC@224.0.1.75",
        sender="<sip:MAC%3a000413AABBCC@224.0.1.75>;tag=2098317",
        event='ua-profile;profile-type="device";vendor="snom";model="snomD785";version="10.1.33.33"',
        agent="",
        accept="application/url",
        maker="snom",
        mac="000413aabbcc",
        model="snomD785",
    ),
    "snom DECT": Question(  # sheet snom 11, the User-Agent: H
        uri="sip:MAC%3a00087BAABBCC@224.0.1.75",
        sender="<sip:MAC%3a00087BAABBCC@224.0.1.75>;tag=x",
        event='ua-profile;profile-type="device";vendor="snom";model="snomM700";version="03.23.0005"',
        agent="snomM700/03.23.0005 (MAC=00087BAABBCC; SER= 00000; HW=255)",
        accept="application/url",
        maker="snom",
        mac="00087baabbcc",
        model="snomM700",
    ),
    "yealink": Question(  # sheet yealink 11, group and event: H; the rest as Snom's
        uri="sip:MAC%3a805ec0aabbcc@224.0.1.75",
        sender="<sip:MAC%3a805ec0aabbcc@224.0.1.75>;tag=1487036",
        event='ua-profile;profile-type="device";vendor="Yealink";model="T54W";version="96.86.0.70"',
        agent="Yealink SIP-T54W 96.86.0.70",
        accept="application/url",
        maker="yealink",
        mac="805ec0aabbcc",
        model="T54W",
    ),
    "grandstream": Question(  # sheet grandstream 11, the address: M; the rest as Snom's
        uri="sip:MAC%3AC074ADAABBCC@224.0.1.75",
        sender="<sip:MAC%3AC074ADAABBCC@224.0.1.75>;tag=99",
        event='ua-profile;profile-type="device";vendor="Grandstream";model="GRP2614";version="1.0.5.33"',
        agent="Grandstream GRP2614 1.0.5.33",
        accept="application/url",
        maker="grandstream",
        mac="c074adaabbcc",
        model="GRP2614",
    ),
    "fanvil": Question(  # sheet fanvil 11, the event's vendor: H; the MAC without %3a as in sheet sark 11: M
        uri="sip:0c383eaabbcc@224.0.1.75",
        sender="<sip:MAC0c383eaabbcc@224.0.1.75>;tag=7",
        event='ua-profile;profile-type="device";vendor="Fanvil";model="X4U";version="2.12.1"',
        agent="Fanvil X4U 2.12.1 0c383eaabbcc",
        accept="application/url",
        maker="fanvil",
        mac="0c383eaabbcc",
        model="X4U",
        told="https://prov.example.com/$mac.cfg",
    ),
    "panasonic": Question(  # sheets panasonic 11 and sark 11, "vender" is the maker's own spelling: H
        uri="sip:MAC%3abcc342aabbcc@224.0.1.75",
        sender="<sip:MAC%3abcc342aabbcc@224.0.1.75>;tag=7",
        event='ua-profile;profile-type="device";vender="Panasonic";model="KX-HDV230";version="08.101"',
        agent="",
        accept="application/url",
        maker="panasonic",
        mac="bcc342aabbcc",
        model="KX-HDV230",
    ),
    "gigaset": Question(  # sheet gigaset 11, says who it is in the User-Agent: H; that it does nowhere else: L
        uri="sip:224.0.1.75",
        sender="<sip:7c2f80aabbcc@192.0.2.33>;tag=7",
        event="ua-profile",
        agent="Gigaset N670 IP PRO/83.V2.39.0+build.a1b2c3d;7C2F80AABBCC",
        accept=None,
        maker="gigaset",
        mac="7c2f80aabbcc",
        model="",
        told="https://prov.example.com/%MACD.xml",
    ),
    "htek": Question(  # sheet htek 11, that it asks: M; known by its block alone
        uri="sip:MAC%3a001fc1aabbcc@224.0.1.75",
        sender="<sip:MAC%3a001fc1aabbcc@224.0.1.75>;tag=7",
        event='ua-profile;profile-type="device";model="UC926";version="2.42.6"',
        agent="",
        accept="application/url",
        maker="htek",
        mac="001fc1aabbcc",
        model="UC926",
    ),
    "vtech": Question(  # sheet vtech 11, that it asks: H; the rest as Snom's
        uri="sip:MAC%3a0011a0aabbcc@224.0.1.75",
        sender="<sip:MAC%3a0011a0aabbcc@224.0.1.75>;tag=7",
        event='ua-profile;profile-type="device";vendor="VTech";model="VSP736";version="2.0.3.3"',
        agent="",
        accept="application/url",
        maker="vtech",
        mac="0011a0aabbcc",
        model="VSP736",
    ),
    # 400HD administrator's manual, "SIP SUBSCRIBE message to obtain provisioning information": says no MAC at all: H
    "audiocodes": Question(
        uri="sip:224.0.1.75:5060",
        sender="<sip:00000001@192.0.2.37:5060>;tag=87a5a8-25020d0a-13c4-50029",
        event='ua-profile;profile-type="application";model="440HD";version="2.2.2"',
        agent="AUDC-IPPhone/2.2.2",
        accept="application/url",
        maker=None,
        mac=None,
        model="440HD",
    ),
}


def wire(
    question: Question, changed: Mapping[str, str | None] = NOTHING, *, host: str = "192.0.2.33", port: int = 5060
) -> bytes:
    """The datagram of *question* from a phone at *host* and *port*, with headers *changed* or (None) left out."""
    headers: dict[str, str | None] = {
        "Via": f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK-386d4398;rport",
        "From": question.sender,
        "To": f"<{question.uri}>",
        "Call-ID": f"3348292@{host}",
        "CSeq": "1 SUBSCRIBE",
        "Max-Forwards": "70",
        "Contact": f"<sip:phone@{host}:{port};transport=udp>",
        "Event": question.event,
        "User-Agent": question.agent or None,
        "Accept": question.accept,
        "Expires": "0",
        "Content-Length": "0",
    }
    lines = [f"{name}: {value}" for name, value in {**headers, **changed}.items() if value is not None]
    return "\r\n".join([f"SUBSCRIBE {question.uri} SIP/2.0", *lines, "", ""]).encode()
