"""The parameter table of the N720: up to a hundred accounts, whose registrars are providers of their own."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Transport
from provserver.domain.parameters import DEVICE, At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.gigaset.models import Family
from provserver.vendors.gigaset.old_words import (
    DTMF_BITS,
    LANGUAGES,
    NUMBER,
    ON_OFF,
    TEXT,
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
from provserver.vendors.gigaset.providers import Provider, port, provider_of, providers, proxy_mode
from provserver.vendors.gigaset.zones import old_zone

_N720 = Family.N720.value
_DATA, _VOIP = "BS_IP_Data", "BS_VOIP_Data"
_ACCOUNT = f"{_VOIP}.astVoipAccounts[{{i}}]"
_UDP = "17"  # the protocol's number in IP; wazo_gigaset N720 base.tpl knows no other (M)


def _write_account(_number: int, at: At) -> Iterator[Entry]:
    assert at.line is not None  # noqa: S101 - a row of a line
    yield number(f"{_ACCOUNT}.ucB_SIP_ACCOUNT_IS_ACTIVE_1", 1, at)
    yield number(f"{_ACCOUNT}.ucVoipProviderIndex", providers(at.view)[provider_of(at.line)], at)


def _write_providers(view: DeviceView, _at: At) -> Iterator[Entry]:
    for provider, index in providers(view).items():
        yield from _provider(provider, f"{_VOIP}.astVoipProviders[{index}]")


def _provider(provider: Provider, prefix: str) -> Iterator[Entry]:
    registrar, proxy = provider.registrar, provider.proxy
    yield Entry(f"{prefix}.aucSIP_PROVIDER_NAME[%]", registrar.host, TEXT)
    for name in ("aucSIP_DOMAIN", "aucSIP_SERVER", "aucSIP_REGISTRAR"):
        yield Entry(f"{prefix}.{name}[%]", registrar.uri_host, TEXT)
    for name in ("uiSIP_SERVER_PORT", "uiSIP_REGISTRAR_PORT"):
        yield Entry(f"{prefix}.{name}", f"{port(registrar):#x}", NUMBER)
    yield Entry(f"{prefix}.uiRE_REGISTRATION_TIMER", f"{provider.expires_s:#x}", NUMBER)
    if registrar.transport is Transport.UDP:
        yield Entry(f"{prefix}.ucSIP_PREFERRED_TRANSPORT_LAYER", _UDP, NUMBER)
    yield Entry(f"{prefix}.ucOUTBOUND_PROXY_MODE", proxy_mode(proxy), NUMBER)
    if proxy is not None:
        yield Entry(f"{prefix}.aucOUTBOUND_PROXY[%]", proxy.uri_host, TEXT)
        yield Entry(f"{prefix}.uiOUTBOUND_PROXY_PORT", f"{port(proxy):#x}", NUMBER)


def _write_voicemail(mailbox: str, at: At) -> Iterator[Entry]:
    yield text(f"{_ACCOUNT}.aucS_VOIP_NET_AM_NUMBER_1[%]", mailbox, at)
    yield number(f"{_ACCOUNT}.ucB_VOIP_NET_AM_ENABLED_1", 1, at)


def _write_stun(server: str, at: At) -> Iterator[Entry]:
    for index in providers(at.view).values():
        yield Entry(f"{_VOIP}.astVoipProviders[{index}].ucSIP_USE_STUN", "0x1", NUMBER)
        yield Entry(f"{_VOIP}.astVoipProviders[{index}].aucSTUN_SERVER[%]", server, TEXT)


def _write_codecs(wishes: tuple[str, ...], at: At) -> Iterator[Entry]:
    found = vocoders(wishes)
    if found is not None:
        yield text(f"{_ACCOUNT}.aucI_SIP_PREFERRED_VOCODER[%]", found, at)._replace(place=NUMBER)


def _write_dtmf(wish: str, at: At) -> Iterator[Entry]:
    yield number(f"{_VOIP}.ucB_DTMF_TX_MODE_AUTO", 0, at)
    yield number(f"{_VOIP}.ucI_DTMF_TX_MODE_BITS", DTMF_BITS[wish], at)


def _write_zone(name: str, at: At) -> Iterator[Entry]:
    found = old_zone(name)
    if found is not None:
        yield number(f"{_DATA}.uiI_TIME_TIMEZONE", found[0], at)
        yield number(f"{_DATA}.ucB_TIME_USE_AUTOMATIC_DST", int(found[1]), at)


def _write_ntp(server: str, at: At) -> Iterator[Entry]:
    yield text(f"{_DATA}.aucS_TIME_NTP_SERVER[%]", server, at)
    yield number(f"{_DATA}.ucB_TIME_USE_AUTOMATIC_NTP_SYN", 1, at)


def _write_vlan(vlan: int, at: At) -> Iterator[Entry]:
    yield number(f"{_DATA}.ucB_VLAN_ENABLED", 1, at)
    yield number(f"{_DATA}.uiI_VLAN_ID", vlan, at)


N720_ROWS = (
    writer_row("line.number", _write_account, section=_N720),
    text_row("line.shown_name", f"{_ACCOUNT}.aucS_SIP_DISPLAYNAME[0]", section=_N720),
    text_row("line.auth_user", f"{_ACCOUNT}.aucS_SIP_LOGIN_ID[0]", section=_N720),
    text_row("line.password", f"{_ACCOUNT}.aucS_SIP_PASSWORD[0]", section=_N720),
    text_row("line.user_name", f"{_ACCOUNT}.aucS_SIP_USER_ID[0]", section=_N720),
    writer_row("line.voicemail", _write_voicemail, section=_N720),
    writer_row("codecs", _write_codecs, each_line=True, section=_N720),
    writer_row(DEVICE, _write_providers, section=_N720),
    writer_row("stun_server", _write_stun, section=_N720),
    writer_row("dtmf", _write_dtmf, section=_N720),
    number_row("dtmf_payload", f"{_VOIP}.ucI_DTMF_TX_RTP_PAYLOAD_TYPE", section=_N720),
    writer_row("timezone", _write_zone, section=_N720, source="wazo_gigaset common.py"),
    writer_row("ntp_server", _write_ntp, section=_N720),
    number_row("tone_country", "BS_AE_SwConfig.ucCountryCodeTone", TONES, section=_N720),
    number_row("language", f"{_DATA}.ucI_HTTPLANGUAGE", LANGUAGES, section=_N720),
    number_row("ip_by_dhcp", f"{_DATA}.ucB_USE_DHCP", ON_OFF, section=_N720),
    writer_row("vlan_id", _write_vlan, section=_N720),
    number_row("vlan_priority", f"{_DATA}.ucI_VLAN_PRIORITY", section=_N720),
    text_row("admin_password", "BS_CUSTOM.WebUIPassword", section=_N720),
    writer_row("phonebook.N.url", phonebook, section=_N720),
    writer_row("phonebook.N.name", nothing, section=_N720),
    *pointer_rows(_N720),
)
