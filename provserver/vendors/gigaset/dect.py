"""
The parameter table of the new bases (N530 to N870E): handsets with one account each, and providers.

A handset is added by an operation, and its account is set by the handset's number. The operation is written only while
the server holds the line's password: for a handset that is there already, after the password was deleted, it could
make a new account without one (sheet gigaset 6, M). The operation that removes all handsets which a file does not
name is never written: handsets that were paired by hand would have to be paired again by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.gigaset.models import Family
from provserver.vendors.gigaset.pointer import own_url
from provserver.vendors.gigaset.providers import Provider, port, provider_of, providers, proxy_mode
from provserver.vendors.gigaset.zones import base_zone

HANDSET = "handset"  # the place of entries that add a handset; all others are parameters

_SHEET = "sheet gigaset 5"
_WAZO = "sheet gigaset 5; wazo_gigaset Nx70 base.tpl"
_SWITCH = {True: "1", False: "0"}
_TRANSPORTS = {Transport.UDP: "1", Transport.TCP: "2", Transport.TLS: "3"}  # what DNS decides has no word
_DTMF = {"inband": "1", "rfc2833": "2", "info": "4", "rfc2833_info": "6"}  # a bit mask
_SRTP = {"off": ("0", None), "optional": ("1", "1"), "mandatory": ("1", "0")}  # and whether calls without are accepted
_TONES = {"de": "Germany", "es": "Spain", "fr": "France"}  # wazo_gigaset Nx70 common.py (M)


def handset(number: int) -> str:
    """The number of a handset as the file has it, five digits (wazo_gigaset Nx70 base.tpl, M)."""
    return f"{number:05}"


def _write_handset(number: int, at: At) -> Iterator[Entry]:
    assert at.line is not None  # noqa: S101 - a row of a line
    if at.line.password is not None:
        yield Entry("add_hs", handset(number), HANDSET, number)
    yield Entry(f"SipAccount.{handset(number)}.ProviderId", str(providers(at.view)[provider_of(at.line)]))


def _account(name: str) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        assert at.line is not None  # noqa: S101 - a row of a line
        yield Entry(f"SipAccount.{handset(at.line.number)}.{name}", value)

    return write


def _write_voicemail(mailbox: str, at: At) -> Iterator[Entry]:
    yield from _account("VoiceMailMailbox")(mailbox, at)
    yield from _account("VoiceMailActive")("1", at)


def _write_code(code: SecretSlot, at: At) -> Iterator[Entry]:
    assert at.line is not None  # noqa: S101 - written for each line
    yield Entry(f"hs.{handset(at.line.number)}.DECT_AC", code)


def _write_providers(view: DeviceView, _at: At) -> Iterator[Entry]:
    for provider, index in providers(view).items():
        yield from _provider(provider, f"SipProvider.{index}")


def _provider(provider: Provider, prefix: str) -> Iterator[Entry]:
    registrar, backup, proxy, expires_s = provider
    yield Entry(f"{prefix}.Name", registrar.host)
    yield Entry(f"{prefix}.Domain", registrar.uri_host)
    yield from _server(f"{prefix}.ProxyServer", registrar)
    yield from _server(f"{prefix}.RegServer", registrar)
    yield Entry(f"{prefix}.RegServerRefreshTimer", str(expires_s))
    if registrar.transport in _TRANSPORTS:
        yield Entry(f"{prefix}.TransportProtocol", _TRANSPORTS[registrar.transport])
    yield Entry(f"{prefix}.UseSIPS", "0")  # sip: addresses also over TLS, as registrars want them
    yield Entry(f"{prefix}.OutboundProxyMode", proxy_mode(proxy))
    if proxy is not None:
        yield from _server(f"{prefix}.OutboundProxy", proxy)
    yield Entry(f"{prefix}.FailoverServerEnabled", _SWITCH[backup is not None])
    if backup is not None:
        yield from _server(f"{prefix}.FailoverServer", backup)


def _server(prefix: str, endpoint: Endpoint) -> Iterator[Entry]:
    yield Entry(f"{prefix}Address", endpoint.uri_host)
    yield Entry(f"{prefix}Port", str(port(endpoint)))


def _each_provider(name: str, values: Mapping[Any, str]) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        if value in values:
            for index in providers(at.view).values():
                yield Entry(f"SipProvider.{index}.{name}", values[value])

    return write


def _write_srtp(wish: str, at: At) -> Iterator[Entry]:
    """Write media encryption; ZRTP and DTLS have no word."""
    if wish not in _SRTP:
        return
    enabled, accepts = _SRTP[wish]
    for index in providers(at.view).values():
        yield Entry(f"SipProvider.{index}.SRTP_Enabled", enabled)
        if accepts is not None:
            yield Entry(f"SipProvider.{index}.AcceptNonSRTPCalls", accepts)


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    found = base_zone(name)
    if found is not None:
        yield Entry("DmGlobal.0.TimeZone", found)


def _write_phonebook(url: str, at: At) -> Iterator[Entry]:
    """Write the first directory; more are not known to have a place."""
    if at.indices != (1,):
        return
    name = str(at.view.settings.get("phonebook.1.name", "Directory"))
    yield Entry("Netdir.1.Activated", "1")
    yield Entry("XMLDir.1.ProviderName", name)
    yield Entry("XMLDir.1.WhitePagesDirName", name)
    yield Entry("XMLDir.1.ServerURL", url)


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("Provisioning.global.ProvisioningServer", own_url(view))


def _nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows elsewhere."""
    yield from ()


def _row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    each_line: bool = False,
    source: str = _WAZO,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=each_line,
        section=Family.DECT.value,
        source=source,
        confidence=confidence,
    )


DECT_ROWS = (
    _row("line.number", _write_handset),
    _row("dect_code", _write_code, each_line=True),
    _row("line.auth_user", _account("AuthName")),
    _row("line.password", _account("AuthPassword")),
    _row("line.user_name", _account("UserName")),
    _row("line.shown_name", _account("DisplayName")),
    _row("line.voicemail", _write_voicemail),
    _row(DEVICE, _write_providers),
    _row("srtp", _write_srtp),
    _row("dtmf", _each_provider("DTMFTransmission", _DTMF)),
    _row("mwi_subscribe", _each_provider("MWISubscription", _SWITCH)),
    _row("ntp_server", "DmGlobal.0.NtpServer"),
    _row("timezone", _write_zone, confidence="M"),
    _row("tone_country", "Telephony.0.ToneScheme", _TONES, confidence="M"),
    _row("admin_password", "WebUIAccounts.1.Password"),
    _row("phonebook.N.url", _write_phonebook, confidence="M"),
    _row("phonebook.N.name", _nothing, confidence="M"),
    _row(DEVICE, _write_pointer, source=_SHEET),
    _row("notify_reboots", "SystemSettings.global.CheckSyncRebootEnabled", _SWITCH, source="sheet gigaset 10"),
    _row("discovery_pnp", "SystemSettings.global.SipMulticastEnabled", _SWITCH, source="gigawiki, SIP multicast"),
    _row("firmware_url", _nothing, source="sheet gigaset 1: an element of its own, with the version", confidence="M"),
)
