"""Which of the three formats an entry belongs to, and its place there; where raw parameters go: `place_raw`."""

from __future__ import annotations

import re

from provserver.domain.parameters import Entry, Written
from provserver.errors import InvalidValue

# Sections of the table. The places of entries begin with the same word.
FLAT = "flat"
SEP = "sep"
CNF = "cnf"

ROUTER = f"{FLAT}/router-configuration"  # what SPA adapters keep apart

_ELEMENT = r"[A-Za-z_][A-Za-z0-9_.-]*"
_FLAT_NAME = re.compile(_ELEMENT)
_SEP_NAME = re.compile(rf"sep/(?P<place>(?:{_ELEMENT}/)*)(?P<name>{_ELEMENT})")
_CNF_NAME = re.compile(r"cnf/(?P<name>[a-z0-9_]+)")
_OURS = frozenset({"Profile_Rule"})
# What the enterprise template builds itself: a second element of that name beside it would mean something else.
_BUILT = ("devicePool/callManagerGroup", "sipProfile/sipLines")


def place_raw(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*.

    ``Dial_Plan_1_`` is an element of the flat profile, ``sep/vendorConfig/webAccess`` one of SEP<MAC>.cnf.xml,
    ``cnf/nat_enable`` a line of SIP<MAC>.cnf. Raises InvalidValue for any other form, and for the URL to ask next: an
    artefact with credentials always points the phone at its own.
    """
    if name in _OURS:
        raise InvalidValue(f"raw.{name}", "is always the device's own provisioning URL")
    if _FLAT_NAME.fullmatch(name):
        return Entry(name, value, FLAT)
    found = _SEP_NAME.fullmatch(name)
    if found is not None and not found["place"].startswith(_BUILT):
        return Entry(found["name"], value, f"{SEP}/{found['place']}".rstrip("/"))
    found = _CNF_NAME.fullmatch(name)
    if found is not None:
        return Entry(found["name"], value, CNF)
    raise InvalidValue(
        f"raw.{name}",
        "is no element of a profile, and does not begin with sep/ or cnf/ as in sep/vendorConfig/webAccess",
    )
