"""
What VTech phones ask for, and how they introduce themselves.

With a URL that ends in a slash, a phone asks for the file of its model and then for its own; with one that names a
file, for that alone (sheet vtech 1, H). Ours names one: it holds everything. The model's file may be asked for without
a proof of which device asks, so it holds no account and no password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provserver.ciphers.openssl import UNSALTED
from provserver.domain.artefact import TextFormat
from provserver.domain.formats import KEY_VALUE, XML
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.vendors.vtech.contents import COMPLETE
from provserver.vendors.vtech.rows import SYSTEM

_SHEET = "sheet vtech 1"
_MODEL = r"(?P<model>[A-Za-z]{2,3}\d{3}[A-Za-z]?)"
_FIRMWARE = r"(?:\s+(?P<fw>\d[\d.]*(?:-\d+)?))?"

AGENTS = (
    # Vtech Vesa VSP735 1.1.4.0-0
    AgentPattern(
        words=("vtech",),
        pattern=re.compile(rf"^vtech\s+vesa\s+{_MODEL}{_FIRMWARE}\Z", re.IGNORECASE),
        source="sheet vtech 2: one capture of SIP; DHCP classes",
        confidence="M",
    ),
    # Vesa VCS754
    AgentPattern(
        words=("vesa",),
        pattern=re.compile(rf"^vesa\s+{_MODEL}{_FIRMWARE}\Z", re.IGNORECASE),
        source="sheet vtech 2: fusionpbx provision.php",
        confidence="M",
    ),
)

# What names of models begin with. The model's whole name is printed in sheets and manuals as it stands in file names.
_PREFIXES: tuple[tuple[str, TextFormat], ...] = (
    ("VSP", KEY_VALUE),
    ("VCS", KEY_VALUE),
    ("C520-", XML),
    ("C620", XML),
    ("M100", XML),
    ("M500", XML),
)


def _of_prefix(prefix: str, text_format: TextFormat) -> Iterator[FileRule]:
    slug = prefix.lower().rstrip("-")
    placeholder = "" if prefix == "C620" else "{model}"
    for name, ending, sections in (("general", "", frozenset({SYSTEM})), ("specific", "_{mac}", COMPLETE)):
        yield FileRule(
            name=f"{name}-{slug}",
            pattern=f"{prefix}{placeholder}{ending}.cfg",
            model_prefix=prefix,
            template="config.xml.j2" if text_format is XML else "config.cfg.j2",
            format=text_format,
            sections=sections,
            configuration=True,
            encryptions=(UNSALTED,),
            source=_SHEET if text_format is KEY_VALUE else "sheet vtech 0",
            confidence="H" if text_format is KEY_VALUE else "M",
        )


FILES = (
    *(rule for prefix, text_format in _PREFIXES for rule in _of_prefix(prefix, text_format)),
    FileRule(
        name="settings",
        pattern="vtech_{mac}.cfg",  # not the MAC alone: that is a name of other makers in the block of Snom
        template="config.cfg.j2",
        format=KEY_VALUE,
        sections=COMPLETE,
        configuration=True,
        encryptions=(UNSALTED,),
        source="our own name for a phone whose model is not known; sheet vtech 1: a name in .cfg is fetched as it is",
        confidence="H",
    ),
)
