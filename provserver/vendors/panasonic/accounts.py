"""The lines of a phone: `ACCOUNT_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.panasonic.files import LINE
from provserver.vendors.panasonic.models import Family, family, lines
from provserver.vendors.panasonic.rows import FSPBX, SARK, each_row, line_of, line_row, row

_TRANSPORTS = {Transport.UDP: "0", Transport.TCP: "1", Transport.TLS: "2"}  # what DNS decides has no word
_PORTS = {Transport.TLS: 5061}
_PORT = 5060
# 0 demands SRTP and 1 takes both: SARK's two uses of it (M). 2 for plain RTP is L.
_SRTP = {"mandatory": "0", "optional": "1", "off": "2"}
_EVENTS = {"rfc2833": "Y", "inband": "N"}  # SIP INFO has no known word
# The numbers in the names CODEC_ENABLE<x>_N; 2 stands for G.726-32 (M).
_CODECS = {"g722": "0", "pcma": "1", "g726": "2", "g729": "3", "pcmu": "4"}


def _write_user(user: str, at: At) -> Iterator[Entry]:
    line = line_of(at)
    yield Entry(f"PHONE_NUMBER_{line.number}", user)
    yield Entry(f"SIP_URI_{line.number}", f"sip:{user}@{line.registrar.uri_host}")  # wazo_panasonic base.tpl


def _write_registrar(registrar: Endpoint, at: At) -> Iterator[Entry]:
    """
    Write registrar, proxy and presence server, which are one, and all ways out.

    A way out that the line does not have is emptied: a phone keeps what a file does not mention (sheet 6, H).
    """
    line = line_of(at)
    number = line.number
    yield Entry(f"SIP_SVCDOMAIN_{number}", registrar.uri_host)
    for name in ("RGSTR", "PRXY", "PRSNC"):
        yield from _server(name, number, registrar)
    by_name = registrar.transport is Transport.DNS
    yield Entry(f"SIP_DNSSRV_ENA_{number}", "Y" if by_name else "N")
    if not by_name:
        yield Entry(f"SIP_TRANSPORT_{number}", _TRANSPORTS[registrar.transport])
        yield Entry(f"SIP_TLS_MODE_{number}", "1" if registrar.transport is Transport.TLS else "0")
    yield from _server("2NDRGSTR", number, line.backup_registrar)
    yield from _server("2NDPROXY", number, line.backup_registrar)
    yield from _server("OUTPROXY", number, line.outbound_proxy)


def _server(name: str, number: int, endpoint: Endpoint | None) -> Iterator[Entry]:
    yield Entry(f"SIP_{name}_ADDR_{number}", endpoint.uri_host if endpoint else "")
    if endpoint is not None:
        port = endpoint.port or _PORTS.get(endpoint.transport, _PORT)
        yield Entry(f"SIP_{name}_PORT_{number}", str(port))


def _write_codecs(wishes: tuple[str, ...], at: At) -> Iterator[Entry]:
    """Switch each codec on, with its rank, or off. Bases name them in another way, of which the words are not known."""
    wished = [codec for codec in wishes if codec in _CODECS]
    if not wished or family(at.view.model) is Family.TGP:
        return
    number = line_of(at).number
    for codec, digit in _CODECS.items():
        yield Entry(f"CODEC_ENABLE{digit}_{number}", "Y" if codec in wished else "N")
        if codec in wished:
            yield Entry(f"CODEC_PRIORITY{digit}_{number}", str(wished.index(codec) + 1))


def _write_payload(payload: int, at: At) -> Iterator[Entry]:
    """Write the payload type of digits: of each line on bases, of the phone elsewhere."""
    if family(at.view.model) is Family.TGP:
        yield Entry(f"TELEVENT_PTYPE_{line_of(at).number}", str(payload))
    else:
        yield Entry("TELEVENT_PAYLOAD", str(payload))


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Take the number from lines that are not there any more: a phone would go on registering them."""
    used = {line.number for line in view.lines}
    for number in range(1, (lines(view.model) or 0) + 1):
        if used and number not in used:
            yield Entry(f"PHONE_NUMBER_{number}", "")


ACCOUNT_ROWS = (
    line_row("user_name", _write_user),
    line_row("shown_name", "DISPLAY_NAME_{n}"),
    line_row("auth_user", "SIP_AUTHID_{n}"),
    # No slot, no line: an empty value would empty what the phone has (sheet panasonic 6, H).
    line_row("password", "SIP_PASS_{n}"),
    line_row("registrar", _write_registrar),
    line_row("expires_s", "REG_EXPIRE_TIME_{n}", source="KX-UT administrator guide, 5.7.2"),
    line_row("voicemail", "VM_NUMBER_{n}"),
    each_row("srtp", "SRTP_CONNECT_MODE_{n}", _SRTP, source=SARK, confidence="L"),
    each_row("dtmf", "OUTBANDDTMF_{n}", _EVENTS, source=FSPBX, confidence="M"),
    each_row("dtmf_payload", _write_payload, source=FSPBX, confidence="M"),
    each_row("codecs", _write_codecs, source=FSPBX, confidence="M"),
    row(DEVICE, _write_unused, section=LINE, confidence="M"),
)
