"""
The files that Gigaset devices ask for.

A device whose URL names a file asks for that one alone; ours does, so what a bare URL makes a device try first is known
and not there (sheet gigaset 1, H). The MAC comes in upper or lower case.
"""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import FileRule
from provserver.vendors.gigaset.formats import format_for
from provserver.vendors.gigaset.models import Family

_SHEET = "sheet gigaset 1"
_SECTIONS = frozenset({*(one.value for one in Family if one is not Family.SNOM), "raw"})


def _config(name: str, pattern: str, *, source: str = _SHEET) -> FileRule:
    return FileRule(
        name=name,
        pattern=pattern,
        template="config.xml.j2",
        format=XML,
        format_for=format_for,
        sections=_SECTIONS,
        configuration=True,
        source=source,
        confidence="H",
    )


def _missing(name: str, pattern: str, confidence: Confidence) -> FileRule:
    return FileRule(name=name, pattern=pattern, optional=True, source=_SHEET, confidence=confidence)


FILES = (
    _config("config", "{mac}.xml", source=f"{_SHEET}; wazo_gigaset; tancredi patterns.d/gigaset.ini"),
    _config("config-bare", "{mac}"),
    # A file for all devices of a provider, asked before the device's own when the URL names none.
    _missing("common", "provisioning.xml", "H"),
    # The list of firmware files that old bases look for below a bare URL; 42 and 70 are the product numbers.
    _missing("firmware-n510", "42/{number}/master.bin", "H"),
    _missing("firmware-n720", "70/{number}/master.bin", "M"),
)
