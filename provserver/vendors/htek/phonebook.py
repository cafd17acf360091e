"""How Htek phones read a remote phone book."""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.phonebook import PhonebookFormat

PHONEBOOK = PhonebookFormat(
    format=XML,
    source="wazo-phoned htek; fusionpbx htek phonebook.xml: an entry may have several numbers",
    confidence="H",
)
