"""What Algo devices cannot do: different registrars, more lines than extensions, raw names that are no names."""

from __future__ import annotations

import re

from provserver.domain.line import Line
from provserver.domain.parameters import Entry, Written
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.algo.rows import LAST_LINE

_RAW = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z0-9]+)+", re.IGNORECASE)
_OURS = frozenset(
    {"prov.use", "prov.server.method", "prov.server.static", "prov.download.method", "prov.download.cfgpath"}
)


def raw_entry(name: str, value: Written) -> Entry:
    """Place the raw parameter *name*. Raises InvalidValue for what is no name, and for the address of this server."""
    if not _RAW.fullmatch(name):
        raise InvalidValue(f"raw.{name}", "is not the name of a parameter, as in audio.page.vol")
    if name.lower() in _OURS:
        raise InvalidValue(f"raw.{name}", "is the address of this server, which is written by itself")
    return Entry(name, value)


def check(view: DeviceView) -> None:
    """Refuse what would be dropped or mixed up."""
    for name in view.raw:
        raw_entry(name, "")
    if any(line.number > LAST_LINE for line in view.lines):
        raise InvalidValue("line", f"is beyond {LAST_LINE}: one extension to be paged by, and ten that alert")
    if len({_server(line) for line in view.lines}) > 1:
        raise InvalidValue("registrar", "has to be the same for all lines, with proxy, transport and expiry")


def _server(line: Line) -> tuple[object, ...]:
    return line.registrar, line.backup_registrar, line.outbound_proxy, line.expires_s
