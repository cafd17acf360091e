"""Algo's parameter table: its extensions, and what is set once for a device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.slot import SecretSlot, URLPart
from provserver.domain.view import DeviceView
from provserver.vendors.algo.models import MAX_ALERTS, PAGE, alerts

LINE, SYSTEM = "line", "system"
SHEET = "sheet algo 5; fusionpbx algo/8301"
_SWITCH = {True: "1", False: "0"}
_TRANSPORTS = {Transport.UDP: "udp", Transport.TCP: "tcp", Transport.TLS: "tls"}
_EVERY_DAY = "1,2,3,4,5,6,7,"  # with the comma at the end, as the device writes it


def extension(line: Line) -> str:
    """The parameters' prefix for *line*: the first is the page extension, those behind it alert."""
    return "sip.u1" if line.number == PAGE else f"sip.alert{line.number - PAGE}"


def _line_at(at: At) -> Line:
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _of_extension(field: str) -> Writer:
    def write(value: str | SecretSlot, at: At) -> Iterator[Entry]:
        yield Entry(f"{extension(_line_at(at))}.{field}", value)

    return write


def _write_enable(number: int, _at: At) -> Iterator[Entry]:
    """Switch the extension on. Alert extension 1 has no switch of its own (fusionpbx algo/8180, 8301)."""
    if number == PAGE:
        yield Entry("sip.page.use", "1")
    elif number > PAGE + 1:
        yield Entry(f"sip.alert{number - PAGE}.use", "1")


def _write_name(name: str, at: At) -> Iterator[Entry]:
    if _line_at(at).number == PAGE:  # alert extensions have none
        yield Entry("sip.u1.dname", name)


def _write_servers(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Write what all extensions share; `check` has seen that the lines agree."""
    if not view.lines:
        return
    line = view.lines[0]
    yield Entry("sip.register.use", "1")
    yield Entry("sip.proxy", str(line.registrar))
    yield Entry("sip.registrar", "")  # the same as the proxy
    yield Entry("sip.bkproxy1", _text(line.backup_registrar))
    yield Entry("sip.obproxy", _text(line.outbound_proxy))
    yield Entry("sip.regexp", str(line.expires_s))
    transport = _TRANSPORTS.get(line.registrar.transport)
    if transport:
        yield Entry("sip.transp", transport)


def _text(endpoint: Endpoint | None) -> str:
    return str(endpoint) if endpoint else ""


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off extensions that have no line: an incremental file would leave them as they were."""
    used = {line.number - PAGE for line in view.lines}
    if not used:
        return
    if 0 not in used:
        yield Entry("sip.page.use", "0")
    for number in range(2, (alerts(view.model) or 0) + 1):
        if number not in used:
            yield Entry(f"sip.alert{number}.use", "0")


def _write_codecs(wanted: tuple[str, ...], _at: At) -> Iterator[Entry]:
    """Write whether G.722 may be used: the one choice there is, under an old and a new name."""
    for name in ("audio.codec.g722", "audio.g722"):
        yield Entry(name, _SWITCH["g722" in wanted])


def _write_ntp(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("net.time", host)  # firmware with one server
    yield Entry("net.time1", host)


def _write_vlan(number: int, _at: At) -> Iterator[Entry]:
    yield Entry("net.vlan.use", "1")
    yield Entry("net.vlan.id", str(number))


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The device's own URL in its pieces: method, host, path. ``algom<MAC>.conf`` is put behind by itself."""
    url = view.provisioning_url
    yield Entry("prov.use", "1")
    yield Entry("prov.server.method", "static")
    yield Entry("prov.server.static", url.only(URLPart.AUTHORITY))
    yield Entry("prov.download.method", url.only(URLPart.SCHEME_WORD))
    yield Entry("prov.download.cfgpath", url.only(URLPart.PATH))


def _write_daily(_time: str, at: At) -> Iterator[Entry]:
    """Ask once a day, at a time or at a random moment between two."""
    begin, end = (at.view.settings.get(name) for name in ("resync_from", "resync_until"))
    yield Entry("prov.sync.frequency", "daily")
    yield Entry("prov.sync.wdays", _EVERY_DAY)
    yield Entry("prov.sync.time", str(begin if begin is not None else end))
    yield Entry("prov.sync.endtime", str(end) if begin is not None and end is not None else "")


def _write_check_sync(_view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("sip.interop.checksync", "conditional-reboot")


def _row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = SYSTEM,
    source: str = SHEET,
    mark: Confidence = "M",
) -> Parameter:
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=mark)


def _of_line(setting: str, write: Writer) -> Parameter:
    return _row(f"line.{setting}", write, section=LINE)


PARAMETERS = (
    _of_line("number", _write_enable),
    _of_line("user_name", _of_extension("user")),
    _of_line("auth_user", _of_extension("auth")),
    # No slot, no line: ``key =`` with nothing behind sets the password to nothing (sheet algo 6).
    _of_line("password", _of_extension("pwd")),
    _of_line("shown_name", _write_name),
    _row(DEVICE, _write_servers, section=LINE),
    _row(DEVICE, _write_unused, section=LINE),
    # Only what the device has without encryption is known; the words for using it are not.
    _row("srtp", "sip.srtp", {"off": ""}),
    _row("codecs", _write_codecs),
    _row("stun_server", "sip.stun.server"),
    _row("timezone", "admin.timezone", source="sheet algo 5: names of the tz database", mark="H"),
    _row("ntp_server", _write_ntp),
    _row("ntp_server_backup", "net.time2"),
    _row("language", "admin.lang", {"en": "en"}),
    _row("admin_password", "admin.pwd"),
    _row("lldp", "net.ll.lldp", _SWITCH),
    _row("cdp", "net.ll.cdp", _SWITCH),
    _row("vlan_id", _write_vlan, source="fusionpbx algo/8180"),
    _row("vlan_priority", "net.vlan.priority", source="fusionpbx algo/8180"),
    _row(DEVICE, _write_pointer),
    _row("provisioning_user", "prov.auth.user"),
    _row("provisioning_password", "prov.auth.pwd"),
    _row("tls_verify", "prov.download.cert", _SWITCH),
    _row("resync_from", _write_daily, mark="L"),  # the notation of times is not known
    _row("resync_until", _write_daily, mark="L"),
    _row("discovery_redirect", "prov.ztp.use", _SWITCH),
    _row(DEVICE, _write_check_sync, source="sheet algo 5, 10; fusionpbx algo/8301"),
)

LAST_LINE = PAGE + MAX_ALERTS
