"""
The files that Snom phones ask for.

A phone with a bare base URL asks for a general file of its model and a specific one with its MAC; a phone with a URL
that names a file asks for that one alone (sheet snom 1, H). Ours is made to do the latter: ``<MAC>.xml`` holds all.
The general file may be asked for without a proof of which device asks, so it holds no account and no password.
"""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.formats import XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import FileRule
from provserver.vendors.snom.account_rows import LINE
from provserver.vendors.snom.dect_rows import DECT
from provserver.vendors.snom.desk_rows import KEY, SECRET, SYSTEM
from provserver.vendors.snom.models import BASES
from provserver.vendors.snom.schedule import FIRMWARE_ENDING

_COMPLETE = frozenset({LINE, SYSTEM, KEY, SECRET, "raw"})
_BASE = frozenset({DECT, "raw"})
_SETTINGS = "settings.xml.j2"
_FIRMWARE = "firmware.xml.j2"


def _complete(name: str, pattern: str, *, source: str, confidence: Confidence) -> FileRule:
    return FileRule(
        name=name,
        pattern=pattern,
        template=_SETTINGS,
        format=XML,
        sections=_COMPLETE,
        configuration=True,
        source=source,
        confidence=confidence,
    )


def _firmware(name: str, pattern: str, *, source: str, confidence: Confidence) -> FileRule:
    return FileRule(name=name, pattern=pattern, template=_FIRMWARE, format=XML, source=source, confidence=confidence)


def _of_base(model: str) -> Iterator[FileRule]:
    """Names that say by themselves that a base asks, whatever the server knows of the device."""
    slug = model.lower()
    template = "base.xml.j2"
    source = "sheet snom 12; wazo_snom common_dect common.py"
    yield FileRule(
        name=f"general-{slug}",
        pattern=f"snom{model}.htm",
        template=template,
        format=XML,
        configuration=True,
        source=source,
        confidence="H",
    )
    for name, pattern in (("specific", f"snom{model}-{{mac}}.htm"), ("general-query", f"snom{model}.htm?mac={{mac}}")):
        yield FileRule(
            name=f"{name}-{slug}",
            pattern=pattern,
            template=template,
            format=XML,
            sections=_BASE,
            configuration=True,
            source=source,
            confidence="H",
        )
    yield _firmware(f"firmware-{slug}", f"snom{model}{FIRMWARE_ENDING}", source=source, confidence="H")


FILES = (
    *(rule for model in BASES for rule in _of_base(model)),
    FileRule(
        name="general",
        pattern="snom{model}.htm",
        template=_SETTINGS,
        format=XML,
        sections=frozenset({SYSTEM}),
        configuration=True,
        source="sheet snom 1; wiki.snom.com Mass Deployment/Setting Files",
        confidence="H",
    ),
    _complete("specific", "snom{model}-{mac}.htm", source="sheet snom 1", confidence="H"),
    _complete("general-query", "snom{model}.htm?mac={mac}", source="sheet snom 1", confidence="M"),
    _complete("settings", "{mac}.xml", source="sheet snom 1; wazo_snom common.py; tancredi snom.ini", confidence="H"),
    _complete("settings-htm", "{mac}.htm", source="sheet snom 2, path patterns", confidence="M"),
    _complete("settings-query", "?mac={mac}", source="sheet snom 1", confidence="M"),
    _complete(
        "settings-bare",
        "{mac}",
        source="service.snom.com Desk Phone Configuration Files, example",
        confidence="H",
    ),
    _firmware("firmware", "snom{model}" + FIRMWARE_ENDING, source="sheet snom 1", confidence="H"),
    _firmware("firmware-xml", "snom{model}-firmware.xml", source="wazo_snom common.py", confidence="M"),
    _firmware("firmware-any", "snom" + FIRMWARE_ENDING, source="our own name for an unknown model", confidence="H"),
)
