"""The SIP accounts: rows that are written once for every line, as ``sip_account.N.*``."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.vtech.models import BRANDED, Family, accounts, family
from provserver.vendors.vtech.rows import (
    BRANDED_TEMPLATES,
    LINE,
    SHEET,
    SWITCH,
    each_line,
    line_at,
    of_line,
    only_for,
    row,
)

_PORTS = {Transport.UDP: "5060", Transport.TCP: "5060", Transport.TLS: "5061"}
_TRANSPORTS = {Transport.UDP: "udp", Transport.TCP: "tcp", Transport.TLS: "tls"}
_CODECS = {"g722": "g722", "pcma": "g711a", "pcmu": "g711u", "g729": "g729", "g726": "g726"}
_BRANDED_CODECS = _CODECS | {"opus": "opus", "ilbc": "ilbc"}  # ilbc: fusionpbx M100KLE; opus: sheet vtech 5 ("newer")
_PLACES, _BRANDED_PLACES = 5, 7  # codec_priority.1 to .5, and to .7 (fusionpbx vcs754, C520)
_NO_CODEC = "none"  # fusionpbx C520, M100KLE
# The phone has one switch for SRTP and no word for demanding it.
_SRTP = {"off": "0", "optional": "1", "mandatory": "1"}
_DTMF = {"rfc2833": "rfc2833", "inband": "inband", "info": "info"}


def _account(at: At) -> str:
    return f"sip_account.{line_at(at).number}"


def _write_registrar(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    """Write the SIP server, which is the domain, and the registrar. A transport by DNS has no word, nor a port then."""
    for role in ("sip_server", "registration_server"):
        yield Entry(f"{_account(at)}.primary_{role}_address", endpoint.host)
        yield from _port(f"primary_{role}", endpoint, at)
    transport = _TRANSPORTS.get(endpoint.transport)
    if transport:
        yield Entry(f"{_account(at)}.transport_mode", transport)


def _port(role: str, endpoint: Endpoint, at: At) -> Iterator[Entry]:
    """Write the port, also where it is the transport's own: the phone would keep one that it had before."""
    port = _PORTS.get(endpoint.transport) if endpoint.port is None else str(endpoint.port)
    if port:
        yield Entry(f"{_account(at)}.{role}_port", port)


def _write_proxy(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    yield Entry(f"{_account(at)}.primary_outbound_proxy_server_address", endpoint.host)
    yield from _port("primary_outbound_proxy_server", endpoint, at)


def _write_backup(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    """Send requests by the second registrar when the first is gone: the phone knows no other second server."""
    yield Entry(f"{_account(at)}.backup_outbound_proxy_server_address", endpoint.host)
    yield from _port("backup_outbound_proxy_server", endpoint, at)


def _write_no_proxies(_number: int, at: At) -> Iterator[Entry]:
    """Take proxies back that a line had before; rows behind this one put new ones in their places."""
    for role in ("primary", "backup"):
        yield Entry(f"{_account(at)}.{role}_outbound_proxy_server_address", "")


def _write_codecs(wanted: tuple[str, ...], at: At) -> Iterator[Entry]:
    """Write the *wanted* codecs in their order, and nothing in the places behind them."""
    is_branded = family(at.view.model) in BRANDED
    known, places = (_BRANDED_CODECS, _BRANDED_PLACES) if is_branded else (_CODECS, _PLACES)
    offered = [known[codec] for codec in wanted if codec in known]
    if not offered:
        return
    for place in range(1, places + 1):
        codec = offered[place - 1] if place <= len(offered) else _NO_CODEC
        yield Entry(f"{_account(at)}.codec_priority.{place}", codec)


def _write_stun(host: str, at: At) -> Iterator[Entry]:
    yield Entry(f"{_account(at)}.nat_traversal_stun_enable", "1")
    yield Entry(f"{_account(at)}.nat_traversal_stun_server_address", host)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Switch off the accounts that have no line.

    A phone keeps what a file does not mention, so a line that was taken away would go on registering.
    """
    known = accounts(view.model)
    used = {line.number for line in view.lines}
    if not used or known is None:
        return
    for number in range(1, known + 1):
        if number not in used:
            yield Entry(f"sip_account.{number}.sip_account_enable", "0")


_PLAIN = "sip_account.{n}."

ACCOUNT_ROWS = (
    of_line("number", lambda number, _at: (Entry(f"sip_account.{number}.sip_account_enable", "1"),)),
    of_line("shown_label", _PLAIN + "label"),
    of_line("shown_name", _PLAIN + "display_name"),
    of_line("user_name", _PLAIN + "user_id"),
    of_line("auth_user", _PLAIN + "authentication_name"),
    # No slot, no line: a blank value would wipe what the phone has (sheet vtech 6, M).
    of_line("password", _PLAIN + "authentication_access_password"),
    of_line("registrar", _write_registrar),
    of_line("expires_s", _PLAIN + "primary_registration_expires"),
    of_line("number", _write_no_proxies, source=f"{SHEET}, 6", mark="M"),
    of_line("outbound_proxy", _write_proxy),
    of_line("backup_registrar", _write_backup, mark="M"),
    of_line("voicemail", _PLAIN + "access_code_retrieve_voicemail"),
    each_line("register_retry_s", _PLAIN + "registration_retry_time"),
    each_line("mwi_subscribe", _PLAIN + "mwi_enable", SWITCH),
    each_line("srtp", _PLAIN + "voice_encryption_enable", _SRTP),
    each_line("codecs", _write_codecs),
    each_line("dtmf", _PLAIN + "dtmf_transport_method", _DTMF),
    each_line(
        "dtmf_payload", only_for(BRANDED, _PLAIN + "dtmf_payload_type"), source="fusionpbx snom/C520, M100KLE", mark="M"
    ),
    each_line("stun_server", _write_stun, source="fusionpbx vtech/vcs754, snom/C520"),
    each_line("tls_verify", _PLAIN + "check_trusted_certificate", SWITCH),
    each_line(
        "blf_pickup_code",
        only_for(frozenset({Family.DESK}), _PLAIN + "blf_remote_pickup_code"),
        source="SARK, device template Vtech",
        mark="M",
    ),
    row(
        "mac_in_register",
        only_for(BRANDED, "sip_account.mac_info_in_every_sip_message", SWITCH),
        section=LINE,
        source=BRANDED_TEMPLATES,
        mark="M",
    ),
    row(DEVICE, _write_unused, section=LINE, source=f"{SHEET}, 6", mark="M"),
)
