"""The parameter table of the N510: six accounts, each with a registrar of its own."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Endpoint
from provserver.domain.parameters import DEVICE, At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.gigaset.models import Family
from provserver.vendors.gigaset.old_words import (
    DTMF_BITS,
    LANGUAGES,
    NUMBER,
    ON_OFF,
    TONES,
    nothing,
    number,
    number_row,
    phonebook,
    text,
    text_row,
    vocoders,
    writer_row,
)
from provserver.vendors.gigaset.pointer import pointer_rows
from provserver.vendors.gigaset.providers import port, proxy_mode
from provserver.vendors.gigaset.zones import old_zone

_N510 = Family.N510.value
_DATA = "BS_IP_Data1"
_ACCOUNTS = 6  # sheet gigaset 5 (H)


def _write_account(line: int, at: At) -> Iterator[Entry]:
    """Switch the account on and give it to the handset of the same number, for calls out and calls in."""
    yield number(f"{_DATA}.ucB_SIP_ACCOUNT_IS_ACTIVE_{{n}}", 1, at)
    for mask in ("uiSendMask", "uiReceiveMask"):
        yield number(f"BS_Accounts.astAccounts[{{i}}].{mask}", 1 << (line - 1), at)


def _write_label(label: str, at: At) -> Iterator[Entry]:
    yield text("BS_Accounts.astAccounts[{i}].aucAccountName[0]", label, at)
    yield text(f"{_DATA}.aucS_SIP_ACCOUNT_NAME_{{n}}", label, at)
    yield text("BS_AE_Subscriber.stMtDat[{i}].aucTlnName", label, at)


def _write_registrar(registrar: Endpoint, at: At) -> Iterator[Entry]:
    assert at.line is not None  # noqa: S101 - a row of a line
    for name in ("aucS_SIP_DOMAIN", "aucS_SIP_SERVER", "aucS_SIP_REGISTRAR"):
        yield text(f"{_DATA}.{name}{{s}}", registrar.uri_host, at)
    for name in ("uiI_SIP_SERVER_PORT", "uiI_SIP_REGISTRAR_PORT"):
        yield number(f"{_DATA}.{name}{{s}}", port(registrar), at)
    proxy = at.line.outbound_proxy
    yield number(f"{_DATA}.ucI_OUTBOUND_PROXY_MODE{{s}}", int(proxy_mode(proxy)), at)
    if proxy is not None:
        yield text(f"{_DATA}.aucS_OUTBOUND_PROXY{{s}}", proxy.uri_host, at)
        yield number(f"{_DATA}.uiI_OUTBOUND_PROXY_PORT{{s}}", port(proxy), at)


def _write_voicemail(mailbox: str, at: At) -> Iterator[Entry]:
    yield text(f"{_DATA}.aucS_VOIP_NET_AM_NUMBER_{{n}}", mailbox, at)
    yield number(f"{_DATA}.ucB_VOIP_NET_AM_ENABLED_{{n}}", 1, at)


def _write_stun(server: str, at: At) -> Iterator[Entry]:
    yield number(f"{_DATA}.ucB_SIP_USE_STUN{{s}}", 1, at)
    yield text(f"{_DATA}.aucS_STUN_SERVER{{s}}", server, at)


def _write_codecs(wishes: tuple[str, ...], at: At) -> Iterator[Entry]:
    found = vocoders(wishes)
    if found is not None:
        yield text(f"{_DATA}.ucI_SIP_PREFERRED_VOCODER{{s}}", found, at)._replace(place=NUMBER)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the accounts that have no line: one that was taken away must stop registering."""
    used = {line.number for line in view.lines}
    for account in range(1, _ACCOUNTS + 1):
        if used and account not in used:
            yield Entry(f"{_DATA}.ucB_SIP_ACCOUNT_IS_ACTIVE_{account}", "0x0", NUMBER)


def _write_dtmf(wish: str, at: At) -> Iterator[Entry]:
    yield number(f"{_DATA}.ucB_DTMF_TX_MODE_AUTO", 0, at)
    yield number(f"{_DATA}.ucI_DTMF_TX_MODE_BITS", DTMF_BITS[wish], at)


def _write_zone(name: str, at: At) -> Iterator[Entry]:
    found = old_zone(name)
    if found is not None:
        yield number(f"{_DATA}.uiI_TIME_TIMEZONE", found[0], at)
        yield number(f"{_DATA}.ucB_TIME_USE_AUTOMATIC_DST", int(found[1]), at)


def _write_vlan(vlan: int, at: At) -> Iterator[Entry]:
    yield number(f"{_DATA}.ucB_VLAN_ENABLED", 1, at)
    yield number(f"{_DATA}.uiI_VLAN_ID", vlan, at)


N510_ROWS = (
    writer_row("line.number", _write_account, section=_N510),
    writer_row("line.shown_label", _write_label, section=_N510),
    text_row("line.shown_name", f"{_DATA}.aucS_SIP_DISPLAYNAME{{s}}", section=_N510),
    text_row("line.auth_user", "BS_IP_Data3.aucS_SIP_LOGIN_ID{s}", section=_N510),
    text_row("line.password", f"{_DATA}.aucS_SIP_PASSWORD{{s}}", section=_N510),
    text_row("line.user_name", f"{_DATA}.aucS_SIP_USER_ID{{s}}", section=_N510),
    writer_row("line.registrar", _write_registrar, section=_N510),
    number_row("line.expires_s", f"{_DATA}.uiI_RE_REGISTRATION_TIMER{{s}}", section=_N510),
    writer_row("line.voicemail", _write_voicemail, section=_N510),
    writer_row("stun_server", _write_stun, each_line=True, section=_N510),
    writer_row("codecs", _write_codecs, each_line=True, section=_N510),
    writer_row(DEVICE, _write_unused, section=_N510),
    writer_row("dtmf", _write_dtmf, section=_N510),
    writer_row("timezone", _write_zone, section=_N510, source="wazo_gigaset common.py"),
    text_row("ntp_server", f"{_DATA}.aucS_TIME_NTP_SERVER", section=_N510),
    number_row("tone_country", "BS_AE_SwConfig.ucCountryCodeTone", TONES, section=_N510),
    number_row("language", f"{_DATA}.ucI_HTTPLANGUAGE", LANGUAGES, section=_N510),
    number_row("ip_by_dhcp", f"{_DATA}.ucB_USE_DHCP", ON_OFF, section=_N510),
    writer_row("vlan_id", _write_vlan, section=_N510),
    number_row("vlan_priority", f"{_DATA}.ucI_VLAN_PRIORITY", section=_N510),
    writer_row("phonebook.N.url", phonebook, section=_N510),
    writer_row("phonebook.N.name", nothing, section=_N510),
    number_row("discovery_dhcp", f"{_DATA}.ucB_USE_DHCP_66_IF_114_NOT_AVAILABLE", ON_OFF, section=_N510),
    text_row("firmware_url", f"{_DATA}.aucS_USER_FIRMWARE_URL", section=_N510),
    *pointer_rows(_N510),
)
