"""The SIP accounts in the flat profile: `LINE_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.view import DeviceView
from provserver.vendors.cisco.models import Family, family_of, lines_of
from provserver.vendors.cisco.rows import YES_NO, each, flat, line_of, row

_FPBX = "fusionpbx cisco/8861, spa514g, spa122"
_TRANSPORTS = {Transport.UDP: "UDP", Transport.TCP: "TCP", Transport.TLS: "TLS"}
_SIPS_PORT, _SIP_PORT = 5061, 5060  # RFC 3261 19.1.2
_DTMF = {"rfc2833": "AVT", "inband": "InBand", "info": "INFO"}  # no sourced word for RFC 2833 and INFO together


def _write_enable(number: int, _at: At) -> Iterator[Entry]:
    yield flat(f"Line_Enable_{number}_", "Yes")
    yield flat(f"Register_{number}_", "Yes")
    # A NOTIFY asks the phone to fetch its file. Otherwise it wants the line's own password for it, which the server has
    # deleted by then; whoever forges one makes the phone ask us, and no more.
    yield flat(f"Auth_Resync-Reboot_{number}_", "No")


def _write_key(label: str, at: At) -> Iterator[Entry]:
    """Put the line on the key of its number. What a key did before is taken back; the rows of keys come later."""
    number = line_of(at).number
    yield flat(f"Extension_{number}_", number)
    yield flat(f"Short_Name_{number}_", label)
    yield flat(f"Extended_Function_{number}_", "")


def _write_station(label: str, at: At) -> Iterator[Entry]:
    """Write what the screen says beside the clock: the first line's label."""
    if line_of(at) != at.view.lines[0]:
        return
    family = family_of(at.view.model)
    if family is not Family.MPP:
        yield flat("Station_Name", label)
    if family in (Family.MPP, None):
        yield flat("Station_Display_Name", label)


def _write_auth(name: str, at: At) -> Iterator[Entry]:
    number = line_of(at).number
    if family_of(at.view.model) is not Family.MPP:
        yield flat(f"Use_Auth_ID_{number}_", "Yes")
    yield flat(f"Auth_ID_{number}_", name)


def _write_registrar(registrar: Endpoint, at: At) -> Iterator[Entry]:
    """
    Write the registrar, and a spare one as a list that stands in for DNS.

    ``host:SRV=first:5060:p=0|second:5060:p=1``: the name before the list is what requests are addressed to.
    """
    line = line_of(at)
    spare = line.backup_registrar
    if spare is None:
        yield flat(f"Proxy_{line.number}_", str(registrar))
    else:
        servers = f"{_with_port(registrar)}:p=0|{_with_port(spare)}:p=1"
        yield flat(f"Proxy_{line.number}_", f"{registrar.uri_host}:SRV={servers}")
    asks_dns = registrar.transport is Transport.DNS
    yield flat(f"Use_DNS_SRV_{line.number}_", YES_NO[asks_dns or spare is not None])
    yield flat(f"DNS_SRV_Auto_Prefix_{line.number}_", YES_NO[asks_dns])
    if not asks_dns:
        yield flat(f"SIP_Transport_{line.number}_", _TRANSPORTS[registrar.transport])
    elif family_of(at.view.model) is Family.MPP:
        yield flat(f"SIP_Transport_{line.number}_", "AUTO")


def _write_no_proxy(number: int, at: At) -> Iterator[Entry]:
    """Nothing between the phone and its registrar, unless the next row has something."""
    if family_of(at.view.model) is not Family.MPP:
        yield flat(f"Use_Outbound_Proxy_{number}_", "No")
    yield flat(f"Outbound_Proxy_{number}_", "")


def _write_proxy(proxy: Endpoint, at: At) -> Iterator[Entry]:
    number = line_of(at).number
    if family_of(at.view.model) is not Family.MPP:
        yield flat(f"Use_Outbound_Proxy_{number}_", "Yes")
    yield flat(f"Outbound_Proxy_{number}_", str(proxy))


def _write_voicemail(number: str, at: At) -> Iterator[Entry]:
    """Write what the phone's one message key dials: the mailbox of the first line that has one."""
    if line_of(at) == next(line for line in at.view.lines if line.voicemail):
        yield flat("Voice_Mail_Number", number)


def _write_mwi(subscribe: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    """Whom to ask for waiting messages, and where. Nobody: both are empty."""
    line = line_of(at)
    yield flat(f"Mailbox_ID_{line.number}_", line.user_name if subscribe else "")
    yield flat(f"Voice_Mail_Server_{line.number}_", str(line.registrar) if subscribe else "")


def _write_srtp(wish: str, at: At) -> Iterator[Entry]:
    """
    Write media encryption with keys in the signalling (SDES). Nothing for ZRTP and DTLS, which have no word.

    SPA phones and adapters know encrypted and not: whether the other end may refuse cannot be told to them.
    """
    if wish in {"zrtp", "dtls"}:
        return
    number, wanted = line_of(at).number, wish != "off"
    family = family_of(at.view.model)
    yield flat("Secure_Call_Serv", YES_NO[wanted])
    if family is not Family.MPP:
        if family is not Family.SPA:
            yield flat(f"Secure_Call_Serv_{number}_", YES_NO[wanted])
        yield flat(f"Secure_Call_Setting_{number}_", YES_NO[wanted])
        if wanted:
            yield flat("SRTP_Method", "s-descriptor")
    if family in (Family.MPP, None) and wanted:
        yield flat(f"Encryption_Method_{number}_", "AES 128")
        yield flat(f"Secure_Call_Option_{number}_", "Required" if wish == "mandatory" else "Optional")


def _write_stun(host: str, at: At) -> Iterator[Entry]:
    yield flat("STUN_Enable", "Yes")
    yield flat("STUN_Server", host)
    yield flat(f"NAT_Mapping_Enable_{line_of(at).number}_", "Yes")


def _write_shared(shared: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    (number,) = at.indices
    if any(line.number == number for line in at.view.lines):
        yield flat(f"Share_Ext_{number}_", "shared" if shared else "private")


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Switch off the accounts without a line, which would go on registering: what a file does not mention is kept.

    Their passwords are left alone. Accounts that a user added stay if the user's changes are to be kept.
    """
    if not view.lines or view.settings.get("keep_user_changes") is True:
        return
    used = {line.number for line in view.lines}
    for number in range(1, lines_of(view.model) + 1):
        if number not in used:
            yield flat(f"Line_Enable_{number}_", "No")


def _with_port(endpoint: Endpoint) -> str:
    if endpoint.port is not None:
        return str(endpoint)
    return f"{endpoint.uri_host}:{_SIPS_PORT if endpoint.transport is Transport.TLS else _SIP_PORT}"


LINE_ROWS: tuple[Parameter, ...] = (
    row("line.number", _write_enable, source="sheet cisco 5, 10"),
    row("line.shown_label", _write_key),
    row("line.shown_label", _write_station),
    row("line.shown_name", "Display_Name_{n}_"),
    row("line.user_name", "User_ID_{n}_"),
    row("line.auth_user", _write_auth),
    # No slot, no element: an empty one would take the phone's password away (sheet cisco 6, H).
    row("line.password", "Password_{n}_"),
    row("line.registrar", _write_registrar, source="sheet cisco 5; wazo_cisco_spa, wazo_cisco_sip: SRV list"),
    row("line.number", _write_no_proxy),
    row("line.outbound_proxy", _write_proxy),
    row("line.expires_s", "Register_Expires_{n}_"),
    row("line.voicemail", _write_voicemail),
    each("mwi_subscribe", _write_mwi, confidence="M"),
    each("srtp", _write_srtp, source="sheet cisco 5: Secure_Call_Option by recollection", confidence="L"),
    each("dtmf", "DTMF_Tx_Method_{n}_", _DTMF),
    each("stun_server", _write_stun, source=_FPBX, confidence="M"),
    row("line_shared.N", _write_shared, source=_FPBX, confidence="M"),
    row(DEVICE, _write_unused, source="wazo_cisco_spa spa-phone.xml", confidence="M"),
)
