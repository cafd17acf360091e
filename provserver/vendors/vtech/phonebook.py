"""How phones of VTech's own name read the directory that replaces theirs."""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.phonebook import NumberKind, PhonebookFormat, spread
from provserver.vendors.vtech.models import BRANDED, family

_PLACES = {
    "work": (NumberKind.WORK,),
    "mobile": (NumberKind.MOBILE,),
    "other": (NumberKind.HOME, NumberKind.OTHER),
}

PHONEBOOK = PhonebookFormat(
    format=XML,
    variables=lambda entries: {"contacts": spread(entries, _PLACES)},
    fits=lambda model: family(model) not in BRANDED,  # what phones of Snom's name read is in no source found
    source="sheet vtech 1; fusionpbx vtech/vcs754 directory.xml",
    confidence="M",
)
