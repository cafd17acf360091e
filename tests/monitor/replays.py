"""
Event files: what happened, as TOML, and how it is read.

A file has ``[[event]]`` tables: the fields of an `Event`, *at* as seconds from the start, and *count* events *every_s*
apart. ``{n}`` in a text is the number of the event; *mac_step* and *address_step* are added each time.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from provserver.monitor.event import WORDS, Event
from tests.monitor.world import START

FOLDER = Path(__file__).parent / "replay"
_TEXTS = ("device", "tenant", "agent", "path", "token", "tried", "system")


def read(file: Path) -> list[Event]:
    """The events of *file*, by time."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))["event"]
    return sorted((event for table in tables for event in _events(table)), key=lambda event: event.at)


def _events(table: dict[str, Any]) -> Iterator[Event]:
    words = tuple(table["words"])
    assert set(words) <= set(WORDS), words
    for n in range(table.get("count", 1)):
        mac = table.get("mac", "")
        address = ip_address(table["address"]) + n * table.get("address_step", 0)
        yield Event(
            at=START + table.get("at", 0) + n * table.get("every_s", 0),
            words=words,
            address=str(address),
            mac=f"{int(mac, 16) + n * table.get('mac_step', 0):012x}" if mac else "",
            **{name: table.get(name, "").replace("{n}", str(n)) for name in _TEXTS},
        )
