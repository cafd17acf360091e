"""
2N's parameter table: paths below ``<DeviceDatabase>``, with the number of a repeated node behind an ``@``.

``Phone/Sip@0/User/Id`` is ``<Phone><Sip At="0"><User><Id>``. Nodes that are not mentioned stay (sheet 2n 6, M).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from provserver.domain.line import Endpoint, Line
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer, as_written
from provserver.domain.slot import URLPart
from provserver.domain.view import DeviceView
from provserver.vendors.twon.models import accounts

LINE, SYSTEM = "line", "system"
UPDATE = "AutoUpdate/Configuration/"
_FIRMWARE = "AutoUpdate/Firmware/"
_SOURCE = "sheet 2n 5; fusionpbx 2n/ipsolo, ipstyle"
_SWITCH = {True: "1", False: "0"}
_CODECS = {"pcmu": "PCMU", "pcma": "PCMA", "g729": "G729", "g722": "G722"}
_NEVER_WANTED = "L16"  # the phone's fifth; no word of ours for it
_STUN_PORT = "3478"  # RFC 8489 4
_DEFAULT_PORT = "0"  # templates: the transport's own
# For telephone events in RTP, tones in the audio, SIP INFO. All three are said: what stood there would stay.
_DTMF = {
    "rfc2833": ("1", "0", "0"),
    "inband": ("0", "1", "0"),
    "info": ("0", "0", "1"),
    "rfc2833_info": ("1", "0", "1"),
}


def _account(at: At) -> str:
    return f"Phone/Sip@{_line_at(at).number - 1}/"


def _line_at(at: At) -> Line:
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _of_account(path: str) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - fields of a line have many types
        yield Entry(_account(at) + path, as_written(value))

    return write


def _write_enable(_number: int, at: At) -> Iterator[Entry]:
    """Both stay on when the password is gone, or the device would leave its registrar (sheet 2n 6)."""
    yield Entry(f"{_account(at)}Enabled", "1")
    yield Entry(f"{_account(at)}Registrar/Enabled", "1")


def _write_registrar(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    """Write domain and registrar, and the proxy, which calls go by: the outbound one or the same."""
    line = _line_at(at)
    yield Entry(f"{_account(at)}Client/Domain", endpoint.host)
    yield from _server("Registrar", "", endpoint, at)
    yield from _server("Registrar", "Backup", line.backup_registrar, at)
    yield from _server("Proxy", "", line.outbound_proxy or endpoint, at)
    yield from _server("Proxy", "Backup", None if line.outbound_proxy else line.backup_registrar, at)


def _server(role: str, which: str, endpoint: Endpoint | None, at: At) -> Iterator[Entry]:
    """Write an address and its port; one that is not there is blank, so that none is left from before."""
    prefix = f"{_account(at)}{role}/{which}"
    port = endpoint.port if endpoint else None
    yield Entry(f"{prefix}Address", endpoint.host if endpoint else "")
    yield Entry(f"{prefix}Port", str(port) if port else _DEFAULT_PORT)


def _write_srtp(wish: str, at: At) -> Iterator[Entry]:
    """Off or demanded, in both directions. Whether one of them can be offered only is not known."""
    word = {"off": "0", "mandatory": "1"}.get(wish)
    if word:
        yield Entry(f"{_account(at)}Misc/IncomingSecureOnly", word)
        yield Entry(f"{_account(at)}Misc/OutgoingSecure", word)


def _write_codecs(wanted: tuple[str, ...], at: At) -> Iterator[Entry]:
    """Switch the *wanted* codecs on, the first with priority 1, and all others off."""
    offered = [_CODECS[codec] for codec in wanted if codec in _CODECS]
    if not offered:
        return
    for priority, codec in enumerate(offered, start=1):
        yield Entry(f"{_account(at)}Audio/Codecs/{codec}/Priority", str(priority))
        yield Entry(f"{_account(at)}Audio/Codecs/{codec}/Enabled", "1")
    for codec in (*_CODECS.values(), _NEVER_WANTED):
        if codec not in offered:
            yield Entry(f"{_account(at)}Audio/Codecs/{codec}/Enabled", "0")


def _write_dtmf(kind: str, at: At) -> Iterator[Entry]:
    for way, word in zip(("Rtp", "Audio", "Sip"), _DTMF[kind], strict=True):
        yield Entry(f"{_account(at)}Dtmf/SendIn{way}", word)


def _write_stun(host: str, at: At) -> Iterator[Entry]:
    yield Entry(f"{_account(at)}Stun/Enabled", "1")
    yield Entry(f"{_account(at)}Stun/Address", host)
    yield Entry(f"{_account(at)}Stun/Port", _STUN_PORT)


def _write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Switch off the accounts that have no line: what a file does not mention would go on registering."""
    used = {line.number for line in view.lines}
    for number in range(1, (accounts(view.model) or 0) + 1):
        if used and number not in used:
            yield Entry(f"Phone/Sip@{number - 1}/Enabled", "0")


def _write_name(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The device is called what its first line is called."""
    if view.lines:
        yield Entry("WebServer/DeviceName", view.lines[0].shown_label)


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The device's own URL, cut where 2N cuts it: the server's address, and the path that file names are put behind."""
    yield Entry(f"{UPDATE}Enabled", "1")
    yield Entry(f"{UPDATE}PrefferedAddress", "1")  # the one below, not DHCP's; the spelling is 2N's
    yield Entry(f"{UPDATE}ServerAddress", view.provisioning_url.only(URLPart.ORIGIN))
    yield Entry(f"{UPDATE}FilePath", view.provisioning_url.only(URLPart.PATH).framed(before="/", after="/"))


def _write_user(name: str, _at: At) -> Iterator[Entry]:
    yield Entry(f"{UPDATE}AuthEnabled", "1")
    yield Entry(f"{UPDATE}Username", name)


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    parts = urlsplit(url)
    yield Entry(f"{_FIRMWARE}Enabled", "1")
    yield Entry(f"{_FIRMWARE}ServerAddress", f"{parts.scheme}://{parts.netloc}")
    yield Entry(f"{_FIRMWARE}FilePath", url.partition("://")[2].removeprefix(parts.netloc) or "/")


def _write_period(minutes: int, _at: At) -> Iterator[Entry]:
    yield Entry(f"{UPDATE}Period", str(minutes * 60))


def _row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    mark: Confidence = "M",
) -> Parameter:
    return Parameter(setting=setting, write=write, values=values, section=SYSTEM, source=_SOURCE, confidence=mark)


def _of_line(setting: str, write: Writer) -> Parameter:
    return Parameter(setting=f"line.{setting}", write=write, section=LINE, source=_SOURCE, confidence="M")


def _each_line(setting: str, write: Writer) -> Parameter:
    return Parameter(setting=setting, write=write, each_line=True, section=LINE, source=_SOURCE, confidence="M")


def _switch(path: str) -> Writer:
    def write(value: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
        yield Entry(_account(at) + path, _SWITCH[value])

    return write


PARAMETERS = (
    _of_line("number", _write_enable),
    _of_line("shown_name", _of_account("User/DisplayName")),
    _of_line("user_name", _of_account("User/Id")),
    _of_line("auth_user", _of_account("User/AuthId")),
    # No slot, no node: a blank one would be the password. Encryption="1" would mark the device's own cipher.
    _of_line("password", _of_account("User/PasswordString")),
    _of_line("registrar", _write_registrar),
    _of_line("expires_s", _of_account("Registrar/ExpireTime")),
    _each_line("srtp", _write_srtp),
    _each_line("codecs", _write_codecs),
    _each_line("dtmf", _write_dtmf),
    _each_line("stun_server", _write_stun),
    _each_line("tls_verify", _switch("Tls/VerifyServerCert")),
    Parameter(setting=DEVICE, write=_write_unused, section=LINE, source=_SOURCE, confidence="M"),
    _row(DEVICE, _write_name),
    _row("ip_by_dhcp", "Network/DhcpEnabled", {True: "1"}),  # off would leave the device without an address
    _row(DEVICE, _write_pointer),
    _row("provisioning_user", _write_user),
    _row("provisioning_password", f"{UPDATE}Password"),
    _row("tls_verify", f"{UPDATE}VerifyServerCert", _SWITCH),
    _row("tls_client_certificate", f"{UPDATE}ClientCert", {"factory": "#factory"}),
    _row("resync_at_boot", f"{UPDATE}CheckAtBootTime", _SWITCH),
    _row("resync_minutes", _write_period),
    _row("resync_from", f"{UPDATE}UpdateTime"),
    _row("firmware_url", _write_firmware),
)
