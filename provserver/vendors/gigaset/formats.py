"""The two languages of Gigaset's files: XML in UTF-8, and the older one in ISO-8859-1 with texts quoted twice."""

from __future__ import annotations

from provserver.domain.artefact import TextFormat
from provserver.domain.formats import XML, escape_xml
from provserver.domain.view import DeviceView
from provserver.vendors.gigaset.models import Family, family

_LAST_LATIN = "\xff"


def escape_latin(value: str) -> str:
    """
    Escape *value* for a text of the old bases, which stands in ``value='"…"'``.

    The inner quotes are the base's own: a quote in the text would end it, escaped for XML or not (sheet gigaset 4, H).
    Raises ValueError for it, and for what ISO-8859-1 does not have, quoting neither.
    """
    if '"' in value:
        raise ValueError("holds a quotation mark, which is where these bases end a text")
    if value and max(value) > _LAST_LATIN:
        raise ValueError("holds a character that ISO-8859-1 does not have, and these bases know no other")
    return escape_xml(value)


LATIN_XML = TextFormat(
    name="gigaset_latin_xml",
    content_type="text/xml; charset=iso-8859-1",
    escape=escape_latin,
    charset="iso-8859-1",
)


def format_for(view: DeviceView) -> TextFormat:
    """The format that the device of *view* reads."""
    return LATIN_XML if family(view.model) in {Family.N510, Family.N720} else XML
