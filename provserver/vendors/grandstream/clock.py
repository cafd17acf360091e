"""The time zone in Grandstream's words: a self-defined zone, which is a POSIX TZ string; `write_zone`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.posix import plain_posix
from provserver.domain.timezones import load_zone
from provserver.vendors.grandstream.models import Family, family_of, known_name
from provserver.vendors.grandstream.notation import entry

_SELF_DEFINED = "customize"
_LONGEST = {Family.BASE: 32}  # "String Max Length: 32" (template dp750); 64 elsewhere, which no zone reaches
# Their list of zones has POSIX strings for values and no entry "self-defined" (templates gxv3275, gxv3370, wp820); that
# they take a string which is not in the list is what Wazo relies on (M).
_BY_LIST = ("GXV", "WP")


def write_zone(name: str, at: At) -> Iterator[Entry]:
    """Write the zone *name*. DHCP option 2, which some phones prefer to it, is an offset without summer time."""
    text = _text(name)
    kind = family_of(at.view)
    if len(text) > _LONGEST.get(kind, len(text)):
        return
    if known_name(at.view.model).startswith(_BY_LIST):
        yield from entry(at.view, "P64", "dateTime.timezone", text)
    else:
        yield from entry(at.view, "P64", "dateTime.timezone", _SELF_DEFINED)
        yield from entry(at.view, "P246", "dateTime.timezone.custom", text)
    if kind in (Family.CLASSIC, Family.NAMED):
        yield from entry(
            at.view, "P143", "dateTime.override.dhcp.allowOption2", "0" if kind is Family.CLASSIC else "No"
        )


@lru_cache(maxsize=1024)  # there are some 600 zones
def _text(name: str) -> str:
    return plain_posix(load_zone(name))
