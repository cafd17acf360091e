"""How Gigaset bases read an XML directory: all of it, whatever they search for."""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.phonebook import PhonebookFormat
from provserver.vendors.gigaset.models import Family, family

_BASES = frozenset({Family.N510, Family.N720, Family.DECT})

PHONEBOOK = PhonebookFormat(
    format=XML,
    fits=lambda model: family(model) in _BASES,
    source="wazo-phoned gigaset; public directory scripts for Gigaset bases",
    confidence="M",
)
