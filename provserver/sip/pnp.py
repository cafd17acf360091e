"""
What a phone asks by multicast, and what it is told: `read_subscribe`, `accept`, `tell`. Pure.

A phone out of the box sends SUBSCRIBE for the event ``ua-profile`` (RFC 6080, as Snom wrote it first) to 224.0.1.75. It
gets 200, and in a NOTIFY the URL of its configuration. The sender is hostile: everything is bounded, what is copied is
printable ASCII, and where an answer goes is decided by where the question came from, never by what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue
from provserver.sip.message import TOKEN, read_head, written

GROUP = "224.0.1.75"  # IANA: sip.mcast.net
PORT = 5060
LIMIT_BYTES = 2048  # phones' own take 500 to 800
_LIMIT_CHARS = 256  # of any header that is copied
_LEAST_PORT = 1024  # below are other services' ports, and no phone's SIP
_DEFAULT_PORT = 5060  # RFC 3261 18.2.2
_TYPE = "application/url"
_EVENT = "ua-profile"

_START = re.compile(r"SUBSCRIBE (sips?:[!-~]{1,250}) SIP/2\.0")
_COPIED = re.compile(rf"[ -~]{{1,{_LIMIT_CHARS}}}")
_CSEQ = re.compile(r"\d{1,10} +SUBSCRIBE")
_VIA = re.compile(rf"SIP *\/ *2\.0 *\/ *UDP +{TOKEN}(?:: *(\d{{1,5}}))? *(?:;[ -~]*)?", re.IGNORECASE)
_RPORT = re.compile(r"(;\s*rport)(?=\s*(?:;|,|$))", re.IGNORECASE)
_ASKS_RPORT = re.compile(r";\s*rport", re.IGNORECASE)
_CONTACT = re.compile(r"sip:(?:[A-Za-z0-9%._~+-]{1,64}@)?([0-9.]{7,15})(?::(\d{1,5}))?(?:;[A-Za-z0-9=;._-]{0,64})?")
_PARAMETER = re.compile(rf';\s*({TOKEN})\s*=\s*(?:"([^"]{{0,64}})"|({TOKEN}))')
_MAC = re.compile(r"MAC(?:%3a|[:=]| )?([0-9a-f]{12}|[0-9a-f]{2}(?:[-:][0-9a-f]{2}){5})(?![0-9a-f])", re.IGNORECASE)

Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """
    A phone's question. *vendor*, *model* and *version* are what it says of itself, *mac* is in its own address.

    The rest are headers as they came, to be copied.
    """

    vendor: str
    model: str
    version: str
    mac: MacAddress | None
    user_agent: str
    event: str
    via: str
    sender: str
    recipient: str
    call_id: str
    cseq: str
    contact: str


def read_subscribe(datagram: bytes) -> Subscribe | None:
    """The question in *datagram*; None for everything else that arrives at the group."""
    if len(datagram) > LIMIT_BYTES:
        return None
    start, headers = read_head(datagram)
    asked = _START.fullmatch(start)
    copied = [headers.get(name, "") for name in ("via", "from", "to", "call-id", "cseq", "event")]
    if not asked or not all(map(_COPIED.fullmatch, copied)):
        return None
    via, sender, recipient, call_id, cseq, event = copied
    accepted = headers.get("accept", _TYPE).lower()
    is_asked = event.partition(";")[0].strip().lower() == _EVENT and (_TYPE in accepted or "*/*" in accepted)
    if not is_asked or not _VIA.fullmatch(via) or not _CSEQ.fullmatch(cseq):
        return None
    said = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(event)}
    contact = headers.get("contact", "")
    return Subscribe(
        vendor=said.get("vendor") or said.get("vender") or "",  # Panasonic writes vender
        model=said.get("model", ""),
        version=said.get("version", ""),
        mac=_mac(asked[1], sender, recipient, contact[:_LIMIT_CHARS]),
        user_agent=headers.get("user-agent", "")[:_LIMIT_CHARS],
        event=event,
        via=via,
        sender=sender,
        recipient=recipient,
        call_id=call_id,
        cseq=cseq,
        contact=contact[:_LIMIT_CHARS],
    )


def accept(asked: Subscribe, *, source: Address, local: Address, tag: str) -> tuple[bytes, Address]:
    """The 200 for *asked*, which came from *source*, and where it goes; *local* is where we are."""
    via = _RPORT.sub(rf"\g<1>={source[1]};received={source[0]}", asked.via, count=1)  # RFC 3581 4
    lines = (
        "SIP/2.0 200 OK",
        f"Via: {via}",
        f"From: {asked.sender}",
        f"To: {_tagged(asked.recipient, tag)}",
        f"Call-ID: {asked.call_id}",
        f"CSeq: {asked.cseq}",
        f"Contact: <sip:{local[0]}:{local[1]}>",
        "Expires: 0",
    )
    return written(lines), (source[0], source[1] if _ASKS_RPORT.search(asked.via) else _sent_by(asked.via, source[1]))


def tell(
    asked: Subscribe, url: str, *, source: Address, local: Address, tag: str, branch: str
) -> tuple[bytes, Address]:
    """The NOTIFY that tells *url*, and where it goes: to the phone's own address, at the port it names there."""
    uri, port = f"sip:{source[0]}:{source[1]}", source[1]
    contact = _CONTACT.search(asked.contact)
    if contact and contact[1] == source[0]:  # else it is somebody else's address, who has asked nothing
        uri, port = contact[0], _sound(contact[2] or str(_DEFAULT_PORT), source[1])
    lines = (
        f"NOTIFY {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {local[0]}:{local[1]};branch={branch};rport",
        "Max-Forwards: 20",
        f"From: {_tagged(asked.recipient, tag)}",
        f"To: {asked.sender}",
        f"Call-ID: {asked.call_id}",
        "CSeq: 1 NOTIFY",
        f"Contact: <sip:{local[0]}:{local[1]}>",
        f"Event: {asked.event}",
        "Subscription-State: terminated;reason=timeout",
        f"Content-Type: {_TYPE}",
    )
    return written(lines, url.encode("ascii")), (source[0], port)


def _mac(*places: str) -> MacAddress | None:
    for place in places:
        found = _MAC.search(place)
        if found:
            try:
                return MacAddress.parse(found[1])
            except InvalidValue:
                return None
    return None


def _tagged(recipient: str, tag: str) -> str:
    return recipient if ";tag=" in recipient.rpartition(">")[2] else f"{recipient};tag={tag}"


def _sent_by(via: str, otherwise: int) -> int:
    """The port to which the phone wants its answer, where it does not ask for the one it sent from."""
    found = _VIA.fullmatch(via)
    return _sound((found[1] if found else None) or str(_DEFAULT_PORT), otherwise)


def _sound(port: str, otherwise: int) -> int:
    # fail closed: no answer to a port below 1024 because somebody wrote it into a header
    return int(port) if _LEAST_PORT <= int(port) <= 65_535 else otherwise  # noqa: PLR2004 - 16 bits
