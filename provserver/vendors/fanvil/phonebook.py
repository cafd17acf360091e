"""How Fanvil phones read a remote phone book."""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.phonebook import NumberKind, PhonebookFormat, spread

_PLACES = {
    "telephone": (NumberKind.WORK,),
    "mobile": (NumberKind.MOBILE,),
    "other": (NumberKind.HOME, NumberKind.OTHER),
}

PHONEBOOK = PhonebookFormat(
    format=XML,
    variables=lambda entries: {"contacts": spread(entries, _PLACES)},
    source="wazo-phoned fanvil, second form",
    confidence="M",
)
