"""What stands in the file of one device: the rows of its family, raw parameters, firmware; and what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping

from provserver.domain.formats import check_fits
from provserver.domain.parameters import Entry, Written, write_entries
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.gigaset.dect import DECT_ROWS
from provserver.vendors.gigaset.formats import format_for
from provserver.vendors.gigaset.maxwell import MAXWELL_ROWS, transport
from provserver.vendors.gigaset.models import Family, family, product_id
from provserver.vendors.gigaset.n510 import N510_ROWS
from provserver.vendors.gigaset.n720 import N720_ROWS
from provserver.vendors.gigaset.old_words import NUMBER, TEXT

PARAMETERS = (*N510_ROWS, *N720_ROWS, *DECT_ROWS, *MAXWELL_ROWS)

_OLD = frozenset({Family.N510, Family.N720})
_SCHEMAS = {Family.N510: ("N510", "N510.xsd"), Family.N720: ("N720", "N720_general.xsd")}  # wazo_gigaset (M)
_NUMBERS = re.compile(r"(?:0x[0-9A-Fa-f]+|\d+)(?:,(?:0x[0-9A-Fa-f]+|\d+))*")
_VERSION = re.compile(r"(?<!\d)\d+\.\d+\.\d+(?!\d)")
_OURS = frozenset({"Provisioning.global.ProvisioningServer", "System.Provision.ProvisioningServer", "S_CONFIGFILE_URL"})


def contents(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The variables of Gigaset's template."""
    kind = family(view.model)
    sections = rule.sections & {kind.value, "raw"}
    profile, schema = _SCHEMAS.get(kind, ("", ""))
    url = view.settings.get("firmware_url")
    version = _VERSION.search(str(url).rpartition("/")[2]) if url else None
    return {
        "entries": write_entries(PARAMETERS, view, sections=sections, raw=_raw_old if kind in _OLD else Entry),
        "old": kind in _OLD,
        "profile": profile,
        "schema": schema,
        "product": product_id(view.model),
        "firmware": (version[0], url) if version else None,
    }


def check(view: DeviceView) -> None:
    """Refuse what a family cannot do, and texts that its file cannot carry."""
    kind = family(view.model)
    if kind is Family.SNOM:
        raise InvalidValue("model", f"{view.model!r} runs Snom's firmware; here its maker is snom")
    for name in _OURS & view.raw.keys():
        raise InvalidValue(f"raw.{name}", "is the address of this server, which is written by itself")
    if kind is Family.MAXWELL and len({line.registrar.transport for line in view.lines}) > 1:
        raise InvalidValue("transport", f"is one for all accounts of a Maxwell, not both {transport(view)} and another")
    url = view.settings.get("firmware_url")
    if url and kind not in _OLD and not _VERSION.search(str(url).rpartition("/")[2]):
        raise InvalidValue("firmware_url", "names no version such as 2.62.1, by which the device decides")
    check_fits(view, format_for(view))


def _raw_old(name: str, value: Written) -> Entry:
    """A raw parameter of an old base: a number, or several, stands bare, any other value is a quoted text."""
    is_number = isinstance(value, str) and _NUMBERS.fullmatch(value)
    return Entry(name, value, NUMBER if is_number else TEXT)
