"""
What Panasonic phones ask for, in which format, and how they introduce themselves.

A phone without an address asks for a file called after its model, which names up to three more: standard (its own),
product and master. Ours names the standard file alone, and that one holds everything (sheet panasonic 1, H).
"""

from __future__ import annotations

import re

from provserver.domain.artefact import TextFormat
from provserver.domain.formats import escape_key_value
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.domain.view import DeviceView

LINE, KEY, SYSTEM, ACCESS, POINTER = "line", "key", "system", "access", "pointer"  # sections of the parameter table
_MAX_BYTES = 500  # of a value; with a name of 32 and six signs more a line has 537 bytes or fewer (sheet 4, H)
_SHEET = "sheet panasonic 1"


def escape_quoted(value: str) -> str:
    """
    Check *value* for a ``NAME="value"`` line, in which a quotation mark has no spelling (sheet panasonic 4, H).

    Raises ValueError without quoting it, also for a value of more than 500 bytes: the phone skips longer lines.
    """
    if '"' in value:
        raise ValueError("holds a quotation mark, which is where these phones end a value")
    if len(value.encode(errors="surrogatepass")) > _MAX_BYTES:
        raise ValueError(f"is longer than {_MAX_BYTES} bytes in UTF-8")
    return escape_key_value(value)


QUOTED = TextFormat(
    name="panasonic_quoted",
    content_type="text/plain; charset=utf-8",
    escape=escape_quoted,
    line_end="\r\n",
)

AGENTS = (
    # Panasonic_KX-UT113/01.133 (0080f0c8c381)
    AgentPattern(
        words=("panasonic",),
        pattern=re.compile(r"^Panasonic_(?P<model>[^\s/]+)/(?P<fw>\S+) \((?P<mac>[0-9A-Fa-f]+)\)"),
        source="sheet panasonic 2; wazo_panasonic common.py",
        confidence="H",
    ),
)


def file_name(view: DeviceView) -> str:
    """The name of the phone's own file, as we tell it; the MAC is written as the phone would put it for ``{MAC}``."""
    return f"Config{view.mac.upper}.cfg"


def _standard(name: str, pattern: str, *, source: str, confidence: Confidence) -> FileRule:
    return FileRule(
        name=name,
        pattern=pattern,
        template="config.cfg.j2",
        format=QUOTED,
        sections=frozenset({LINE, KEY, SYSTEM, ACCESS, POINTER, "raw"}),
        configuration=True,
        source=source,
        confidence=confidence,
    )


FILES = (
    _standard("standard", "Config{mac}.cfg", source=f"{_SHEET}; wazo_panasonic common.py", confidence="H"),
    _standard("standard-bare", "{mac}.cfg", source="fusionpbx panasonic ut670: CFG_STANDARD_FILE_PATH", confidence="M"),
    # Asked without a MAC: it can be answered only where the URL says which phone asks.
    FileRule(
        name="first",
        pattern="KX-{model}.cfg",
        template="config.cfg.j2",
        format=QUOTED,
        sections=frozenset({POINTER}),
        source=f"{_SHEET}; wazo_panasonic KX-UT113.tpl",
        confidence="H",
    ),
    # The maker's usual names of the two files that ours do not need: for all phones, and for those of a model.
    FileRule(
        name="master",
        pattern="ConfigCommon.cfg",
        optional=True,
        source="KX-UTG300 administrator guide 2.4.3, examples",
        confidence="M",
    ),
    FileRule(
        name="product",
        pattern="ConfigKX-{model}.cfg",
        optional=True,
        source="KX-UTG300 administrator guide 2.4.3, examples",
        confidence="M",
    ),
)
