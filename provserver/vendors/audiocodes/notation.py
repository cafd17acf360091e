"""How a value is written in an AudioCodes file, `AUDIOCODES`, and how a row of the table is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provserver.domain.artefact import TextFormat
from provserver.domain.formats import escape_key_value
from provserver.domain.parameters import Confidence, Parameter, Writer

SHEET = "sheet audiocodes 5"
SWITCH = {True: "1", False: "0"}
_ENCRYPTED = '{"'  # what follows is a password as the phone's own exports have it (sheet audiocodes 6, L)


def escape(value: str) -> str:
    """
    Check *value* for a ``name=value`` line, in which nothing is escaped; a comment begins at a line's start only.

    Raises ValueError without quoting the value.
    """
    if value.startswith(_ENCRYPTED):
        msg = "begins as an encrypted password does, and would be taken for one"
        raise ValueError(msg)
    return escape_key_value(value)


AUDIOCODES = TextFormat(name="audiocodes", content_type="text/plain; charset=utf-8", escape=escape)


def row(  # the columns of the table
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = "system",
    source: str = SHEET,
    mark: Confidence = "M",
) -> Parameter:
    """A row that is written once for a device."""
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=mark)
