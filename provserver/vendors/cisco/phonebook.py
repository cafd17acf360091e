"""How Cisco phones read a phone book: as a page of their XML services."""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.phonebook import PhonebookFormat

PHONEBOOK = PhonebookFormat(
    format=XML,
    source="wazo-phoned cisco; fusionpbx cisco/7940, cisco/spa504g directory.xml",
    confidence="H",  # older phones show the first 32 entries of a page (L)
)
