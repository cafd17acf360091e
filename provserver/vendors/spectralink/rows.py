"""
The parameter table of the 84-Series: attributes of XML, as in the UC Software of Polycom that these phones run.

Names that the 84-Series guide was seen to have are H. Others are those of UC Software 4.x, of which the 84-Series' is a
branch: M. What stands in no such source is left out; a raw parameter remains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer, Written
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

USER_FILE = "-user.cfg"  # after the MAC; the name is ours, the master file tells it to the phone
FLASH = "flash"  # place of every device.* parameter: it is ignored unless its own ".set" stands beside it
_GUIDE = "Spectralink 84-Series administration guide; sheet spectralink"
_UCS = "UC Software 4.x, of which the 84-Series' software is a branch"
_FOLDERS = ("LOG_FILE", "OVERRIDES", "CONTACTS", "LICENSE")
_TRANSPORTS = {Transport.UDP: "UDPOnly", Transport.TCP: "TCPOnly", Transport.TLS: "TLS", Transport.DNS: "DNSnaptr"}
_SET = ".set"
# XML 1.0 names, as far as raw parameters can have them; "xml…" means something to every parser.
_ATTRIBUTE = re.compile(r"(?!xml)[A-Za-z][A-Za-z0-9_.-]*", re.IGNORECASE)
_OURS = frozenset({"device.set", "device.prov.servername", "device.dhcp.bootsrvuseopt"})


def raw_entry(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*.

    Raises InvalidValue for a name that no attribute can have, for the switches that are written beside their
    parameters, and for the URL to ask next time: an artefact with credentials always points the phone at its own.
    """
    field = f"raw.{name}"
    if not _ATTRIBUTE.fullmatch(name):
        raise InvalidValue(field, "is not a name that an XML attribute can have")
    if not name.lower().startswith("device."):
        return Entry(name, value)
    if name.lower() in _OURS:
        raise InvalidValue(field, "is always the device's own provisioning URL, or goes with it")
    if name.lower().endswith(_SET):
        raise InvalidValue(field, "is written of itself beside its parameter")
    return Entry(name, value, FLASH)


def _file_names(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("APP_FILE_PATH", "sip.ld")
    yield Entry("CONFIG_FILES", f"{view.mac}{USER_FILE}")
    yield Entry("MISC_FILES", "")
    for folder in _FOLDERS:
        yield Entry(f"{folder}_DIRECTORY", "")


def _basics(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("device.set", "1")
    yield Entry("device.prov.serverName", view.provisioning_url, FLASH)
    # Otherwise a DHCP option would go on to send the phone to an address without its token.
    yield Entry("device.dhcp.bootSrvUseOpt", "Static", FLASH)


def _server(endpoint: Endpoint, at: At, *, role: str) -> Iterator[Entry]:
    """*role* is ``server.1``, ``server.2`` or ``outboundProxy``. Without a port the phone takes the transport's own."""
    assert at.line is not None  # noqa: S101 - rows of a line are written for a line
    server = f"reg.{at.line.number}.{role}."
    yield Entry(server + "address", endpoint.host)
    if endpoint.port is not None:
        yield Entry(server + "port", str(endpoint.port))
    yield Entry(server + "transport", _TRANSPORTS[endpoint.transport])


def _voicemail(number: str, at: At) -> Iterator[Entry]:
    assert at.line is not None  # noqa: S101 - rows of a line are written for a line
    yield Entry(f"msg.mwi.{at.line.number}.callBackMode", "contact")
    yield Entry(f"msg.mwi.{at.line.number}.callBack", number)


def _line(field: str, write: str | Writer, *, source: str = _UCS, confidence: Confidence = "M") -> Parameter:
    return Parameter(setting=f"line.{field}", write=write, section="line", source=source, confidence=confidence)


def _row(setting: str, write: str | Writer, *, values: Mapping[Any, str] | None = None, place: str = "") -> Parameter:
    return Parameter(setting=setting, write=write, values=values, place=place, source=_UCS, confidence="M")


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(setting=DEVICE, write=_file_names, section="master", source=_GUIDE, confidence="H"),
    Parameter(setting="firmware_url", write="APP_FILE_PATH", section="master", source=_UCS, confidence="M"),
    _line("user_name", "reg.{n}.address", source=_GUIDE, confidence="H"),
    _line("shown_label", "reg.{n}.label"),
    _line("shown_name", "reg.{n}.displayName"),
    _line("auth_user", "reg.{n}.auth.userId", source=_GUIDE, confidence="H"),
    _line("password", "reg.{n}.auth.password", source=_GUIDE, confidence="H"),
    _line("registrar", partial(_server, role="server.1"), source=f"address: {_GUIDE}; the others: {_UCS}"),
    _line("expires_s", "reg.{n}.server.1.expires"),
    _line("backup_registrar", partial(_server, role="server.2")),
    _line("outbound_proxy", partial(_server, role="outboundProxy")),
    _line("voicemail", _voicemail),
    Parameter(setting=DEVICE, write=_basics, source=_UCS, confidence="M"),
    _row("ntp_server", "tcpIpApp.sntp.address"),
    _row("admin_password", "device.auth.localAdminPassword", place=FLASH),
    _row("user_password", "device.auth.localUserPassword", place=FLASH),
    _row("provisioning_user", "device.prov.user", place=FLASH),
    _row("provisioning_password", "device.prov.password", place=FLASH),
)
