"""How Snom desk phones read a phone book: as a page of their browser, which the directory key opens."""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.phonebook import PhonebookFormat
from provserver.vendors.snom.models import is_base

PHONEBOOK = PhonebookFormat(
    format=XML,
    fits=lambda model: not is_base(model),  # the format that bases load is in no source found
    source="Snom XML minibrowser, SnomIPPhoneDirectory; public directory scripts",
    confidence="M",
)
