"""The parameter table of the Maxwell desk phones; accounts are counted from 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.view import DeviceView
from provserver.vendors.gigaset.maxwell_keys import write_key, write_softkey
from provserver.vendors.gigaset.models import Family
from provserver.vendors.gigaset.pointer import own_url
from provserver.vendors.gigaset.providers import port, proxy_mode
from provserver.vendors.gigaset.zones import maxwell_zone

_BOTH = "sheet gigaset 5; tancredi gigaset-Maxwell.tmpl"
_ACCOUNTS = 4  # sheet gigaset 5: n = 0..3 (H)
_SWITCH = {True: "1", False: "0"}
# tancredi knows UDP and TLS (M). What TCP is called is not known; DNS has no word either.
_TRANSPORTS = {Transport.UDP: ("1", "0"), Transport.TLS: ("2", "1")}  # the protocol, and whether SIPS
_DTMF = {"inband": "0", "rfc2833": "1", "info": "3"}  # tancredi gigaset.macros (M); another count than the bases'
_SRTP = {"off": ("0", "1"), "optional": ("1", "1"), "mandatory": ("1", "0")}  # and whether calls without are accepted
_LANGUAGES = {"en": "en-us", "it": "it-it"}  # tancredi gigaset.macros (M); others are not known by their words
_TONES = {"us": "USA", "it": "ITA"}
_DATES = {"dmy": "dd.mm.yyyy", "mdy": "mm.dd.yyyy"}
_LDAP_TLS = {"off": "0", "starttls": "1", "ldaps": "2"}
_LDAP = "NetDir.LDAP.0"


def transport(view: DeviceView) -> Transport | None:
    """The one transport of the phone's accounts; None without a line."""
    return view.lines[0].registrar.transport if view.lines else None


def _line(at: At) -> Line:
    assert at.line is not None  # noqa: S101 - a row of a line
    return at.line


def _account(*names: str) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        for name in names:
            yield Entry(f"SIP.Account.{_line(at).number - 1}.{name}", value)

    return write


def _write_active(_number: int, at: At) -> Iterator[Entry]:
    yield from _account("Active")("1", at)


def _write_registrar(registrar: Endpoint, at: At) -> Iterator[Entry]:
    line = _line(at)
    prefix = f"SIP.Account.{line.number - 1}"
    yield Entry(f"{prefix}.Provider", registrar.host)
    yield Entry(f"{prefix}.Domain", registrar.uri_host)
    yield from _server(f"{prefix}.ProxyServer", registrar)
    yield from _server(f"{prefix}.RegistrationServer", registrar)
    yield Entry(f"{prefix}.OutboundProxy.Mode", proxy_mode(line.outbound_proxy))
    if line.outbound_proxy is not None:
        yield from _server(f"{prefix}.OutboundProxy", line.outbound_proxy)


def _server(prefix: str, endpoint: Endpoint) -> Iterator[Entry]:
    yield Entry(f"{prefix}.Address", endpoint.uri_host)
    yield Entry(f"{prefix}.Port", str(port(endpoint)))


def _write_voicemail(mailbox: str, at: At) -> Iterator[Entry]:
    yield from _account("VoiceMail.Active")("1", at)
    yield from _account("VoiceMail.Mailbox")(mailbox, at)


def _write_dtmf(wish: str, at: At) -> Iterator[Entry]:
    if wish in _DTMF:
        yield from _account("DTMFTransmission")(_DTMF[wish], at)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the accounts that have no line: one that was taken away must stop registering."""
    used = {line.number for line in view.lines}
    for number in range(1, _ACCOUNTS + 1):
        if used and number not in used:
            yield Entry(f"SIP.Account.{number - 1}.Active", "0")


def _write_transport(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Write the transport, which is the phone's and not an account's; `check` has seen to it that it is one."""
    found = transport(view)
    if found in _TRANSPORTS:
        protocol, sips = _TRANSPORTS[found]
        yield Entry("SIP.TransportProtocol", protocol)
        yield Entry("SIP.Security.UseSIPS", sips)


def _write_srtp(wish: str, _at: At) -> Iterator[Entry]:
    if wish in _SRTP:
        enabled, accepts = _SRTP[wish]
        yield Entry("SIP.Security.SRTP", enabled)
        yield Entry("SIP.Security.AcceptNonSRTPCalls", accepts)


def _write_ntp(server: str, _at: At) -> Iterator[Entry]:
    yield Entry("System.DateAndTime.AutoAdjustTime", "NTPServiceEnabled")
    yield Entry("System.DateAndTime.TimeServer", server)


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    found = maxwell_zone(name)
    if found is not None:
        yield Entry("System.DateAndTime.TimeZone", found)
        yield Entry("System.DateAndTime.AutoAdjustClockForDST", "AutomatedDaylightSavingEnabled")


def _write_vlan(vlan: int, at: At) -> Iterator[Entry]:
    """Tag the phone's own packets (1), or those of the PC port too (2)."""
    yield Entry("NET.VLAN.Tagging", "2" if "pc_vlan_id" in at.view.settings else "1")
    yield Entry("NET.VLAN.LAN.Identifier", str(vlan))


def _write_ldap_server(server: str, _at: At) -> Iterator[Entry]:
    yield Entry(f"{_LDAP}.Enable", "1")
    yield Entry(f"{_LDAP}.Server.Address", server)


def _write_ldap_names(names: str, _at: At) -> Iterator[Entry]:
    """Write the attributes of first name and surname, in this order."""
    for part, attribute in zip(("FirstName", "Surname"), names.split(), strict=False):
        yield Entry(f"{_LDAP}.{part}", attribute)


def _write_ldap_numbers(names: str, _at: At) -> Iterator[Entry]:
    for part, attribute in zip(("PhoneHome", "PhoneOffice", "PhoneMobile"), names.split(), strict=False):
        yield Entry(f"{_LDAP}.{part}", attribute)


def _write_discovery(wanted: bool, _at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    """Switch both options off. What switches them on again is not known."""
    if not wanted:
        yield Entry("NET.IP.IPv4.DHCP.Options.Disabled", "66,114")


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("System.Provision.ProvisioningServer", own_url(view))


def _nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows elsewhere."""
    yield from ()


def _row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    each_line: bool = False,
    source: str = _BOTH,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=each_line,
        section=Family.MAXWELL.value,
        source=source,
        confidence=confidence,
    )


MAXWELL_ROWS = (
    _row("line.number", _write_active),
    _row("line.shown_label", _account("AccountName")),
    _row("line.auth_user", _account("AuthName")),
    _row("line.password", _account("AuthPassword")),
    _row("line.user_name", _account("Username")),
    _row("line.shown_name", _account("DisplayName")),
    _row("line.registrar", _write_registrar),
    _row("line.voicemail", _write_voicemail),
    _row("dtmf", _write_dtmf, each_line=True, confidence="M"),
    _row(DEVICE, _write_unused, confidence="M"),
    _row(DEVICE, _write_transport, confidence="M"),
    _row("srtp", _write_srtp),
    _row("ntp_server", _write_ntp),
    _row("timezone", _write_zone, confidence="M"),
    _row("time_format", "System.DateAndTime.TimeFormat", {"12": "12h", "24": "24h"}, confidence="M"),
    _row("date_format", "System.DateAndTime.DateOrder", _DATES, confidence="M"),
    _row("language", "PhoneUI.Settings.Language", _LANGUAGES, confidence="M"),
    _row("language", "WebUI.Language", _LANGUAGES, confidence="M"),
    _row("tone_country", "Telephony.ToneScheme", _TONES, confidence="M"),
    _row("key.N", write_key),
    _row("softkey.N", write_softkey, confidence="M"),
    _row("blf_pickup_code", _nothing, confidence="M"),
    _row("admin_password", "WebUI.AdminPassword"),
    _row("user_password", "WebUI.UserPassword"),
    _row("vlan_id", _write_vlan),
    _row("vlan_priority", "NET.VLAN.LAN.Priority"),
    _row("pc_vlan_id", "NET.VLAN.PC.Identifier"),
    _row("pc_vlan_priority", "NET.VLAN.PC.Priority"),
    _row("ldap.server", _write_ldap_server),
    _row("ldap.port", f"{_LDAP}.Server.Port"),
    _row("ldap.tls", f"{_LDAP}.Security", _LDAP_TLS),
    _row("ldap.base", f"{_LDAP}.BaseDN"),
    _row("ldap.user", f"{_LDAP}.Uername"),  # the maker's own spelling (tancredi)
    _row("ldap.password", f"{_LDAP}.Password"),
    _row("ldap.name_filter", f"{_LDAP}.NameFilter"),
    _row("ldap.number_filter", f"{_LDAP}.NumberFilter"),
    _row("ldap.display_name", f"{_LDAP}.DisplayFormat"),
    _row("ldap.name_attributes", _write_ldap_names, confidence="M"),
    _row("ldap.number_attributes", _write_ldap_numbers, confidence="M"),
    _row(DEVICE, _write_pointer),
    _row("discovery_dhcp", _write_discovery),
    _row("firmware_url", _nothing, confidence="M"),
)
