"""
What stands in a file: lines ``module.setting = value``, or the same modules as XML.

Phones that carry Snom's name read ``<sip_account><idx id="1"><label>`` where the others read ``sip_account.1.label``
(fusionpbx snom/C520, M100KLE, M500KLE, H).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from provserver.domain.formats import XML
from provserver.domain.parameters import Entry, Written, write_entries
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.domain.xml_tree import Mark, tree_marks
from provserver.errors import InvalidValue
from provserver.vendors.vtech.accounts import ACCOUNT_ROWS
from provserver.vendors.vtech.keys import KEY_ROWS
from provserver.vendors.vtech.models import BRANDED, family, model_of
from provserver.vendors.vtech.rows import ACCESS, KEY, LINE, SYSTEM
from provserver.vendors.vtech.system import SYSTEM_ROWS

PARAMETERS = (*ACCOUNT_ROWS, *KEY_ROWS, *SYSTEM_ROWS)
COMPLETE = frozenset({LINE, KEY, SYSTEM, ACCESS, "raw"})

_RAW = re.compile(r"[A-Za-z]\w*(?:\.(?:[A-Za-z]\w*|[0-9]+|24hr_clock))+", re.ASCII)
_ADDRESS = "provisioning.server_address"
_ELEMENTS = {"24hr_clock": "hr24_clock"}  # an element's name cannot begin with a digit; VTech turns it round


def contents(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The variables of VTech's templates. A name that only one family asks for says what asks."""
    if rule.format is XML and family(view.model) not in BRANDED:
        view = replace(view, model=model_of(rule.model_prefix))
    entries = write_entries(PARAMETERS, view, sections=rule.sections, raw=raw_entry)
    return {"entries": entries, "marks": marks(entries) if rule.format is XML else ()}


def raw_entry(name: str, value: Written) -> Entry:
    """Place the raw parameter *name*. Raises InvalidValue for what is no name, and for the address of this server."""
    if not _RAW.fullmatch(name):
        raise InvalidValue(f"raw.{name}", "is not a module and a setting, as in network.rtp.port_start")
    if name == _ADDRESS:
        raise InvalidValue(f"raw.{name}", "is the address of this server, which is written by itself")
    return Entry(name, value)


def check(view: DeviceView) -> None:
    """Refuse raw parameters that have no place in the file."""
    for name in view.raw:
        raw_entry(name, "")
    if family(view.model) in BRANDED:
        marks(write_entries(PARAMETERS, view, sections=COMPLETE, raw=raw_entry))


def marks(entries: Iterable[Entry]) -> tuple[Mark, ...]:
    """The XML of *entries*, line by line. Raises InvalidValue for a name that is both a setting and a group."""
    return tuple(tree_marks(entries, separator=".", element=_element))


def _element(part: str) -> tuple[str, str]:
    return ("idx", part) if part.isdecimal() else (_ELEMENTS.get(part, part), "")
