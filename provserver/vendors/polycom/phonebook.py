"""How Polycom phones show a phone book: as the home of their browser, a page of links that dial."""

from __future__ import annotations

from provserver.domain.artefact import TextFormat
from provserver.domain.formats import escape_xml
from provserver.domain.phonebook import PhonebookFormat

_XHTML = TextFormat(name="xhtml", content_type="text/html; charset=utf-8", escape=escape_xml)

PHONEBOOK = PhonebookFormat(
    format=_XHTML,
    source="wazo-phoned polycom: a page with tel:// links",
    confidence="M",
)
