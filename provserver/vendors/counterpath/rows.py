"""
Bria's parameter table.

Settings are named ``domain:section:setting``. What a file does not list stays as it is (H), so a switch that is off is
written, and the name for authentication always.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provserver.domain.line import Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer, Written
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

DATA, SETTINGS = "DATA", "SETTINGS"  # sections of the file
_GUIDES = "Bria Provisioning Guides 2.5, 3.0 and 4"
_CLIENT = "settings file of a CounterPath client (facts only)"
_TWO = f"{_CLIENT}; sipXconfig, phone.counterpath (facts only)"
_NAME = "sheet counterpath 5"  # the client's own file has the name, what its values mean is recollected

_RAW = re.compile(r"[A-Za-z][A-Za-z0-9_-]*/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+")
_LICENSE = "LicenseKey"
_UPDATE_URL = "feature:auto_update:config_server_url"
# "auto" is what a client wrote by itself (M); it asks DNS.
_TRANSPORTS = {Transport.UDP: "udp", Transport.TCP: "tcp", Transport.TLS: "tls", Transport.DNS: "auto"}
_SWITCH = {True: "1", False: "0"}


def place_raw(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*: ``domain/section/setting`` as in ``proxies/proxy0/use_rport``, or ``LicenseKey``.

    Raises InvalidValue for any other name, and for the URL to ask next time: an artefact with credentials always
    points the client at its own.
    """
    if name == _LICENSE:
        return Entry(name, value, DATA)
    if not _RAW.fullmatch(name):
        raise InvalidValue(f"raw.{name}", "is not a domain, a section and a setting, as in proxies/proxy0/use_rport")
    setting = name.replace("/", ":")
    if setting == _UPDATE_URL:
        raise InvalidValue(f"raw.{name}", "is always the device's own provisioning URL")
    return Entry(setting, value, SETTINGS)


def _of_account(*names: str, spell: Callable[[Any, Line], Written] = lambda value, _line: value) -> Writer:
    """Write *names* for the line's account, all but the first as switches that turn it on; accounts count from 0."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        assert at.line is not None  # noqa: S101 - rows of a line are written for a line
        account = f"proxies:proxy{at.line.number - 1}"
        first, *switches = names
        yield Entry(f"{account}:{first}", spell(value, at.line), SETTINGS)
        for name in switches:
            yield Entry(f"{account}:{name}", "1", SETTINGS)

    return write


def _write_update_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry(_UPDATE_URL, view.provisioning_url.framed(after=f"{view.mac}-update.ini"), SETTINGS)


def _write_interval(minutes: int, _at: At) -> Iterator[Entry]:
    yield Entry("feature:auto_update:update_check_t1_s", str(minutes * 60), SETTINGS)


def _line(field: str, write: Writer, *, source: str, confidence: Confidence) -> Parameter:
    """A row that writes a field of the line."""
    return Parameter(setting=f"line.{field}", write=write, section="line", source=source, confidence=confidence)


def _row(setting: str, write: Writer, *, source: str, confidence: Confidence) -> Parameter:
    """A row that writes a setting of the device for each account."""
    return Parameter(setting=setting, write=write, each_line=True, section="line", source=source, confidence=confidence)


def _worded(words: Mapping[Any, str]) -> Callable[[Any, Line], str]:
    return lambda value, _line: words[value]


PARAMETERS: tuple[Parameter, ...] = (
    _line("number", _of_account("enabled", spell=lambda _number, _line: "1"), source=_GUIDES, confidence="H"),
    _line("user_name", _of_account("username"), source=_GUIDES, confidence="H"),
    _line("password", _of_account("password"), source=_GUIDES, confidence="H"),
    _line("auth_user", _of_account("authorization_username"), source=_TWO, confidence="H"),
    _line("shown_name", _of_account("display_name"), source=_GUIDES, confidence="H"),
    _line(
        "registrar",
        _of_account("domain", spell=lambda endpoint, _line: str(endpoint)),
        source=f"{_GUIDES}; with a port: {_CLIENT}",
        confidence="H",
    ),
    _line(
        "registrar",
        _of_account("transport", spell=lambda endpoint, _line: _TRANSPORTS[endpoint.transport]),
        source=_NAME,
        confidence="L",
    ),
    _line(
        "outbound_proxy",
        _of_account("proxy", "override_outbound_proxy", spell=lambda endpoint, _line: str(endpoint)),
        source=_NAME,
        confidence="L",
    ),
    _line("number", _of_account("register", spell=lambda _number, _line: "1"), source=_CLIENT, confidence="M"),
    _line(
        "expires_s",
        _of_account("reregister_in_seconds", spell=lambda seconds, _line: str(seconds)),
        source=f"{_CLIENT}; Bria 2.0 User Guide, Account Properties",
        confidence="M",
    ),
    _line("voicemail", _of_account("voicemail_url"), source=_TWO, confidence="H"),
    _row(
        "mwi_subscribe",
        _of_account("subscribe_to_message_waiting", spell=_worded(_SWITCH)),
        source=_CLIENT,
        confidence="M",
    ),
    _row("stun_server", _of_account("stun_server", "override_stun_server"), source=_CLIENT, confidence="M"),
    _row("ice", _of_account("ice_enabled", spell=_worded(_SWITCH)), source=_CLIENT, confidence="M"),
    Parameter(setting=DEVICE, write=_write_update_url, source=f"{_GUIDES}; sipXconfig (facts only)", confidence="H"),
    Parameter(setting="resync_minutes", write=_write_interval, source=_GUIDES, confidence="H"),
)
