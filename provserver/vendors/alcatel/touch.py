"""What an IP Touch in SIP mode is told: one account, in an ini file; `TOUCH_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.timezones import load_zone
from provserver.domain.view import DeviceView
from provserver.vendors.alcatel.rows import row

TOUCH = "touch"  # the section of these rows; the place of an entry is its section in the file
_SOURCE = "sheet alcatel-lucent B; wazo wazo_alcatel v2_01_10, v2_01_20"
_MINUTE = timedelta(minutes=1)
_KEYS = 4
_TRANSPORTS = {Transport.UDP: "1", Transport.TCP: "2"}  # it has no TLS
_DTMF = {"rfc2833": "0", "inband": "1", "info": "2"}
_CODECS = {"pcma": "8", "pcmu": "0", "g729": "18"}
_COUNTRIES = {"us": "0", "fr": "1", "de": "2", "it": "3", "es": "4", "nl": "5", "pt": "6"}


def _write_account(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    The first line; the phone has one account.

    Whatever is not mentioned goes back to its default, so nothing has to be switched off.
    """
    if not view.lines:
        return
    line = view.lines[0]
    for name, value in _account(line, view):
        yield Entry(name, value, "sip")
    if line.password is not None:
        yield Entry("authentication_password", line.password, "sip")


def _account(line: Line, view: DeviceView) -> Iterator[tuple[str, str]]:
    registrar = line.registrar
    yield "domain_name", registrar.host
    for role in ("proxy", "registrar"):
        yield from _address(role, registrar)
    if line.backup_registrar is not None:
        for role in ("proxy2", "registrar2"):
            yield from _address(role, line.backup_registrar)
    if line.outbound_proxy is not None:
        yield from _address("outbound_proxy", line.outbound_proxy)
    transport = _TRANSPORTS.get(registrar.transport)
    if transport is not None:
        yield "sip_transport_mode", transport
    yield "register_expire", str(line.expires_s)
    yield "authentication_realm", str(view.settings.get("realm") or registrar.host)
    yield "authentication_name", line.auth_user
    yield "user_name", line.user_name
    yield "display_name", line.shown_name
    if line.voicemail:
        yield "voice_mail_uri", line.voicemail
        yield "message_waiting_indication_uri", f"{line.voicemail}@{registrar.host}"


def _address(role: str, endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    yield f"{role}_addr", endpoint.host
    if endpoint.port is not None:
        yield f"{role}_port", str(endpoint.port)


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    return iter(())


def _write_codecs(wanted: tuple[str, ...], _at: At) -> Iterator[Entry]:
    offered = [_CODECS[codec] for codec in wanted if codec in _CODECS]
    if offered:
        yield Entry("preferred_vocoder", ",".join(offered), "sip")


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    """
    The offset alone.

    Summer time could be told by the dates of one year only, and would be wrong from the next one on.
    """
    yield Entry("timezone", f"UT::{load_zone(name).offset // _MINUTE}:000000:000000", "sntp")


def _write_key(key: Key, at: At) -> Iterator[Entry]:
    """Speed dials, of which there are four; one without a name does not work."""
    number = at.indices[0]
    if key.kind is KeyKind.SPEED_DIAL and number <= _KEYS:
        yield Entry(f"speed_dial_{number}_first_name", key.label or key.value, "appl")
        yield Entry(f"speed_dial_{number}_uri", key.value, "appl")


def _write_polling(minutes: int, _at: At) -> Iterator[Entry]:
    yield Entry("config_polling_timer", str(minutes), "admin")


def _placed(setting: str, name: str, place: str, values: dict[str, str] | None = None) -> Parameter:
    return Parameter(
        setting=setting, write=name, values=values, section=TOUCH, place=place, source=_SOURCE, confidence="M"
    )


TOUCH_ROWS: tuple[Parameter, ...] = (
    row(DEVICE, _write_account, section=TOUCH, source=_SOURCE),
    row("realm", _write_nothing, section=TOUCH, source=_SOURCE),
    row("codecs", _write_codecs, section=TOUCH, source=_SOURCE),
    _placed("dtmf", "dtmf_type", "audio", _DTMF),
    _placed("tone_country", "tone_country", "audio", _COUNTRIES),
    _placed("ntp_server", "sntp_addr", "sntp"),
    row("timezone", _write_zone, section=TOUCH, source=_SOURCE),
    row("key.N", _write_key, section=TOUCH, source=_SOURCE),
    row("resync_minutes", _write_polling, section=TOUCH, source=_SOURCE),
    _placed("admin_password", "admin_password", "appl"),
    _placed("admin_password", "telnet_password", "telnet"),
)
