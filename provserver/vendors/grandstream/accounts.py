"""The SIP accounts: rows of the parameter table that are written once for every line."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer, Written
from provserver.domain.view import DeviceView
from provserver.vendors.grandstream.models import MODELS, PROFILES, Family, family_of, known_name
from provserver.vendors.grandstream.notation import ITEM, SHEET, SWITCH, YES_NO, P, entry, notation
from provserver.vendors.grandstream.numbering import number_of, profile_of

LINE = "line"
_NAMES = "FusionPBX grp2612, gxp2170 and Wazo base_v2.tpl: names beside their P-values"
_TRANSPORTS = {
    Transport.UDP: ("0", "UDP"),
    Transport.TCP: ("1", "TCP"),
    Transport.TLS: ("2", "TlsOrTcp"),
    Transport.DNS: ("0", "UDP"),  # the records that dns_mode makes it ask for say how
}
_BY_ADDRESS, _BY_RECORDS = ("0", "ARecord"), ("2", "NaptrOrSrv")
_SRTP = {"off": ("0", "Disabled"), "optional": ("1", "EnabledButNotForced"), "mandatory": ("2", "EnabledAndForced")}
_STUN = ("1", "STUN")
# The first line of the five handsets of a base, 1 to 5: each has the account of its own number (template dp750, M).
_HANDSETS = ("P4300", "P4310", "P4320", "P4250", "P21328")
_LINES = {model.name: model.lines for model in MODELS}

# Field: its name behind ``account.N.`` for those who are told by name.
_ITEMS = {
    "active": "enable",
    "label": "name",
    "server": "sip.server.1.address",
    "backup": "sip.server.2.address",
    "proxy": "sip.outboundProxy.1.address",
    "user": "sip.userid",
    "auth": "sip.subscriber.userid",
    "password": "sip.subscriber.password",
    "name": "sip.subscriber.name",
    "voicemail": "sip.voicemail.number",
    "dns_mode": "network.dnsMode",
    "nat": "network.natTraversal",
    "register": "sip.registration",
    "expires": "sip.registerExpiration",
    "transport": "sip.transport",
    "srtp": "audio.srtpMode",
    "mwi": "sip.subscribe.forMwi",
    "payload": "codec.payloadType.dtmf",
    "in_audio": "dtmf.sendInAudio",
    "in_rtp": "dtmf.sendInRtp",
    "in_info": "dtmf.sendInSip",
    "pickup": "sip.blf.callPickup.prefix",
    "publish": "sip.publishForPresence",
    "mac_header": "sip.header.macHeader",
    **{f"codec{place}": f"codec.choice.{place}" for place in range(1, 9)},
}


def write_field(
    view: DeviceView, field: str, line: int, value: Written, word: Written | None = None
) -> Iterator[Entry]:
    """*field* of line *line*: *value* as a P-value, *word* (or the same) by name."""
    if notation(view) == ITEM:
        yield Entry(f"account.{line}.{_ITEMS[field]}", value if word is None else word, ITEM)
        return
    number = number_of(view, field, line)
    if number is not None:
        yield Entry(number, value, P)


def line_of(at: At) -> Line:
    """The line that a row is being written for."""
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _plain(field: str) -> Writer:
    def write(value: Written | int, at: At) -> Iterator[Entry]:
        written = str(value) if isinstance(value, int) else value
        yield from write_field(at.view, field, line_of(at).number, written)

    return write


def _switch(field: str) -> Writer:
    def write(on: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
        yield from write_field(at.view, field, line_of(at).number, SWITCH[on], YES_NO[on])

    return write


def _write_begin(number: int, at: At) -> Iterator[Entry]:
    """An account that is on and registers. What later rows may fill begins empty: a phone keeps what it was told."""
    view = at.view
    yield from write_field(view, "active", number, "1", "Yes")
    yield from write_field(view, "register", number, "1", "Yes")
    if family_of(view) in PROFILES:
        yield from write_field(view, "enabled", number, "1")
        yield from write_field(view, "profile", number, str(profile_of(view, number) - 1))
    if family_of(view) is Family.BASE and number <= len(_HANDSETS):
        yield Entry(_HANDSETS[number - 1], str(number), P)
    for field in ("backup", "proxy", "voicemail"):
        yield from write_field(view, field, number, "")


def _write_server(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    number = line_of(at).number
    by_records = endpoint.transport is Transport.DNS
    yield from write_field(at.view, "server", number, _address(endpoint))
    yield from write_field(at.view, "transport", number, *_TRANSPORTS[endpoint.transport])
    yield from write_field(at.view, "dns_mode", number, *(_BY_RECORDS if by_records else _BY_ADDRESS))


def _write_endpoint(field: str) -> Writer:
    def write(endpoint: Endpoint, at: At) -> Iterator[Entry]:
        yield from write_field(at.view, field, line_of(at).number, _address(endpoint))

    return write


def _address(endpoint: Endpoint) -> str:
    """``host`` or ``host:port``. A port beside records would keep the phone from asking for them (RFC 3263 4.2)."""
    return endpoint.uri_host if endpoint.transport is Transport.DNS else str(endpoint)


def _write_expires(seconds: int, at: At) -> Iterator[Entry]:
    yield from write_field(at.view, "expires", line_of(at).number, str(max(1, seconds // 60)))  # minutes


def _write_srtp(mode: str, at: At) -> Iterator[Entry]:
    if mode in _SRTP:
        yield from write_field(at.view, "srtp", line_of(at).number, *_SRTP[mode])


def _write_stun(host: str, at: At) -> Iterator[Entry]:
    yield from entry(at.view, "P76", "network.stunServer", host)
    yield from write_field(at.view, "nat", line_of(at).number, *_STUN)


def _write_pickup(code: str, at: At) -> Iterator[Entry]:
    """The code before a watched extension: one for the phone as a P-value, one for each account by name."""
    if notation(at.view) == ITEM:
        yield from write_field(at.view, "pickup", line_of(at).number, code)
    elif family_of(at.view) is Family.CLASSIC:
        yield Entry("P1347", code, P)


def _write_named_switch(field: str, words: dict[bool, str]) -> Writer:
    def write(on: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
        if notation(at.view) == ITEM:
            yield from write_field(at.view, field, line_of(at).number, words[on])

    return write


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the accounts that have no line: a phone keeps what a file does not mention."""
    used = {line.number for line in view.lines}
    known = _LINES.get(known_name(view.model))
    if not used or known is None:
        return
    field = "enabled" if family_of(view) in PROFILES else "active"
    for number in range(1, known + 1):
        if number not in used:
            yield from write_field(view, field, number, "0", "No")


def _row(setting: str, write: Writer, *, source: str = f"{SHEET}; {_NAMES}", confidence: Confidence = "H") -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        each_line=not setting.startswith("line."),
        section=LINE,
        source=source,
        confidence=confidence,
    )


ACCOUNT_ROWS: tuple[Parameter, ...] = (
    # Before the lines' own rows would be too late for a device's row: unused accounts come last, each name once.
    _row("line.number", _write_begin, source=f"{SHEET}; empty elements clear: sheet grandstream 6", confidence="M"),
    _row("line.shown_label", _plain("label")),
    _row("line.registrar", _write_server),
    _row("line.backup_registrar", _write_endpoint("backup")),
    _row("line.outbound_proxy", _write_endpoint("proxy")),
    _row("line.user_name", _plain("user")),
    _row("line.auth_user", _plain("auth")),
    # No slot, no element: an empty one would clear what the phone has (sheet grandstream 6, M).
    _row("line.password", _plain("password")),
    _row("line.shown_name", _plain("name")),
    _row("line.voicemail", _plain("voicemail")),
    _row("line.expires_s", _write_expires),
    _row("mwi_subscribe", _switch("mwi")),
    _row("srtp", _write_srtp),
    _row("stun_server", _write_stun, source="FusionPBX grp26xx, ht802, dp750: P76 and NAT traversal"),
    _row("dtmf_payload", _plain("payload")),
    _row("blf_pickup_code", _write_pickup),
    _row("presence_publish", _write_named_switch("publish", YES_NO), source=_NAMES),
    _row("mac_in_register", _write_named_switch("mac_header", {True: "RegisterOnly", False: "No"}), source=_NAMES),
    Parameter(setting=DEVICE, write=_write_unused, section=LINE, source=SHEET, confidence="H"),
)
