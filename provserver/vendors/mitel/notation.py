"""How a value is written in a Mitel file, `MITEL`, and how a row of the table is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provserver.domain.artefact import TextFormat
from provserver.domain.parameters import Confidence, Parameter, Writer
from provserver.domain.text import is_plain, text_problem

SHEET = "sheet mitel-aastra 5"
SWITCH = {True: "1", False: "0"}
_COMMENT, _QUOTE = "#", '"'


def escape(value: str) -> str:
    """
    Write *value* behind ``name:``, in quotation marks where it holds a ``#``, which begins a comment in any place.

    Comments behind values are in the maker's own examples (guide 3.2.2, custom time zone), and so is the dial plan
    ``"x+#|xx+*"``, whose quotation marks keep one (H). Nothing is known that would keep a quotation mark: refused.
    Raises ValueError without quoting the value.
    """
    if is_plain(value) and _COMMENT not in value:
        return value
    problem = text_problem(value)
    if problem is None and _QUOTE in value:
        problem = "holds a quotation mark, for which the maker's files have no spelling"
    if problem is not None:
        raise ValueError(problem)
    return f"{_QUOTE}{value}{_QUOTE}" if _COMMENT in value else value


MITEL = TextFormat(name="mitel", content_type="text/plain; charset=utf-8", escape=escape)


def row(  # the columns of the table
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = "system",
    source: str = SHEET,
    mark: Confidence = "H",
) -> Parameter:
    """A row that is written once for a device."""
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=mark)
