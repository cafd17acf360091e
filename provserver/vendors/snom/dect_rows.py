"""
The parameter table of Snom M DECT base stations: accounts are *extensions* of handsets, registrars are *servers*.

Source: sheet snom 12 (H unless marked), wazo_snom common_dect, a published M700 configuration (M).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.snom.accounts import codec_list
from provserver.vendors.snom.models import file_model
from provserver.vendors.snom.timezone import ZONE_NAMES
from provserver.vendors.snom.words import LANGUAGES, ON_OFF, TONES

DECT = "dect"  # the section of these rows
MAX_SERVERS = 10  # wazo_snom common_dect warns at the tenth (M)

_WAZO = "sheet snom 12; wazo_snom common_dect base-new.tpl"
_FIRMWARE = "sheet snom 12; wazo_snom common_dect snom-model-firmware-740.htm"
_M700 = "a published M700 configuration"
_DTMF = {"rfc2833": "off", "info": "sip_info_only"}  # base-new.tpl; other ways are not known of bases
_SRTP = {"off": "off", "mandatory": "on"}  # "off" was seen in use; nothing is known of an offer that may be declined

Server = tuple[Endpoint, Endpoint | None, int]  # what a server's settings say: registrar, outbound proxy, expiry


def servers(view: DeviceView) -> dict[Server, int]:
    """The servers that the lines of *view* need, numbered from 1 in the order of the lines."""
    found: dict[Server, int] = {}
    for line in view.lines:
        found.setdefault(_server_of(line), len(found) + 1)
    return found


def _server_of(line: Line) -> Server:
    return line.registrar, line.outbound_proxy, line.expires_s


def _write_servers(view: DeviceView, _at: At) -> Iterator[Entry]:
    for (registrar, proxy, expires_s), number in servers(view).items():
        yield Entry("srv_sip_server_alias", registrar.host, index=number)
        yield Entry("user_host", str(registrar), index=number)
        yield Entry("user_outbound", str(proxy) if proxy else "", index=number)
        transport = (proxy or registrar).transport
        if transport is not Transport.DNS:  # no word is known
            yield Entry("srv_sip_transport", transport.value, index=number)
        yield Entry("user_expiry", str(expires_s), index=number)


def _each_server(name: str, value: str, view: DeviceView) -> Iterator[Entry]:
    for number in servers(view).values():
        yield Entry(name, value, index=number)


def _write_codecs(wishes: tuple[str, ...], at: At) -> Iterator[Entry]:
    text = codec_list(tuple(codec for codec in wishes if codec != "opus"), at.view)
    if text is not None:
        yield from _each_server("codec_priority_list", text, at.view)


def _write_dtmf(wish: str, at: At) -> Iterator[Entry]:
    if wish in _DTMF:
        yield from _each_server("user_dtmf_info", _DTMF[wish], at.view)


def _write_dtmf_payload(number: int, at: At) -> Iterator[Entry]:
    yield from _each_server("srv_dtmf_payload_type", str(number), at.view)


def _write_srtp(wish: str, at: At) -> Iterator[Entry]:
    if wish in _SRTP:
        yield from _each_server("user_srtp", _SRTP[wish], at.view)


def _write_extension(number: int, at: At) -> Iterator[Entry]:
    """Link the extension with a handset, one each, and with its server."""
    if at.line is None:
        raise TypeError("an extension was written outside of a line")
    yield Entry("user_active", "on", index=number)
    yield Entry("subscr_sip_hs_idx", str(number), index=number)
    yield Entry("subscr_sip_ua_data_server_id", str(servers(at.view)[_server_of(at.line)]), index=number)


def _write_admin(password: SecretSlot, at: At) -> Iterator[Entry]:
    """The base has two powerful web users; leaving the second at its factory password would leave the door open."""
    yield Entry("http_user", str(at.view.settings.get("admin_user", "admin")))
    yield Entry("http_pass", password)
    yield Entry("http_engineer_user", "Engineer")
    yield Entry("http_engineer_pass", password)


def _write_user(password: SecretSlot, at: At) -> Iterator[Entry]:
    yield Entry("http_basic_user", str(at.view.settings.get("user_user", "User")))
    yield Entry("http_basic_pass", password)


def _write_code(code: SecretSlot, at: At) -> Iterator[Entry]:
    """One code pairs with the base and with every extension; a raw ``subscr_dect_ac_code@N`` gives one its own."""
    yield Entry("ac_code", code)
    for line in at.view.lines:
        yield Entry("subscr_dect_ac_code", code, index=line.number)


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    if name in ZONE_NAMES:
        yield Entry("timezone", ZONE_NAMES[name])


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The file that carries the model in its name: it is a base's whatever the server knows of the device."""
    model = file_model(view.model)
    file = f"snom{model}-{view.mac.upper}.htm" if model else f"{view.mac.upper}.xml"
    yield Entry("setting_server", view.provisioning_url.framed(after=file))


def _write_phonebook(url: str, at: At) -> Iterator[Entry]:
    if at.indices == (1,):
        yield Entry("phonebook_server_location", "3")  # 3: an address on the web (base-new.tpl)
        yield Entry("phonebook_location", url)


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: firmware has a block of its own."""
    yield from ()


def _row(
    setting: str,
    write: str | Writer,
    *,
    values: Mapping[Any, str] | None = None,
    source: str = _WAZO,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(setting=setting, write=write, values=values, section=DECT, source=source, confidence=confidence)


DECT_ROWS = (
    _row("line.number", _write_extension),
    _row("line.shown_name", "user_realname"),
    _row("line.user_name", "user_name"),
    _row("line.auth_user", "user_pname"),
    _row("line.password", "user_pass"),
    _row("line.shown_label", "subscr_sip_line_name"),
    _row("line.voicemail", "user_mailnumber"),
    _row(DEVICE, _write_servers),
    _row("codecs", _write_codecs, source=_M700, confidence="M"),
    _row("dtmf", _write_dtmf),
    _row("dtmf_payload", _write_dtmf_payload, source=_M700, confidence="M"),
    _row("srtp", _write_srtp, source=_M700, confidence="L"),
    _row("admin_password", _write_admin),
    _row("admin_user", "http_user"),
    _row("user_password", _write_user),
    _row("user_user", "http_basic_user"),
    _row("dect_code", _write_code),
    _row("dect_register", "auto_dect_register", values=ON_OFF),
    _row("ntp_server", "ntp_server"),
    _row("timezone", _write_zone, source="sheet snom 12; a published M700 configuration"),
    _row("language", "language", values=LANGUAGES, confidence="M"),
    _row("language", "web_language", values=LANGUAGES, confidence="M"),
    _row("tone_country", "tone_scheme", values=TONES),
    _row("vlan_id", "vlan_id"),
    _row("vlan_priority", "vlan_qos"),
    _row("stun_server", "stun_server", source=_M700, confidence="M"),
    _row("phonebook.N.url", _write_phonebook, confidence="M"),
    _row("tls_verify", "tls_server_authentication", values=ON_OFF, source=_M700, confidence="M"),
    _row("discovery_pnp", "pnp_config", values=ON_OFF, source=_M700, confidence="M"),
    _row("firmware_url", _write_nothing, source=_FIRMWARE),
    _row("firmware_version", _write_nothing, source=_FIRMWARE),
    _row("handset_firmware.N.model", _write_nothing, source=_FIRMWARE),
    _row("handset_firmware.N.version", _write_nothing, source=_FIRMWARE),
    _row(DEVICE, _write_pointer, source="sheet snom 12; a published M700 configuration"),
)
