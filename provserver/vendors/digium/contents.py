"""What stands where in Digium's files: `contents`, the variables of the templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import Entry, Written, write_entries
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.vendors.digium.rows import ACCOUNT, ALTERNATE, FIRMWARE, PARAMETERS, PRIMARY, raw_entry

_SHOWN = frozenset({KeyKind.BLF, KeyKind.SPEED_DIAL})


class Host(NamedTuple):
    """A registrar of an account."""

    element: str
    attributes: tuple[tuple[str, Written], ...]


class Account(NamedTuple):
    """An account with its registrars."""

    attributes: tuple[tuple[str, Written], ...]
    hosts: tuple[Host, ...]


class Contact(NamedTuple):
    """A key: whom it calls, and whom it watches (or nobody)."""

    name: str
    number: str
    watched: str


def contents(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The parts of a file, each a tuple."""
    entries = write_entries(PARAMETERS, view, sections=rule.sections, raw=raw_entry)
    numbers = [line.number for line in view.lines]  # a raw attribute of an account that has no line goes nowhere
    return {
        "settings": tuple((entry.name, entry.value) for entry in entries if not entry.place),
        "accounts": tuple(_account(entries, number) for number in numbers) if "line" in rule.sections else (),
        "firmware": _attributes(entries, FIRMWARE, None),
        "contacts": _contacts(view),
        "contacts_url": contacts_url(view),
    }


def contacts_url(view: DeviceView) -> SecretSlot:
    """The URL of the phone's own contacts, which its keys show."""
    return view.provisioning_url.framed(after=f"{view.mac.value}-contacts.xml")


def _account(entries: tuple[Entry, ...], number: int) -> Account:
    hosts = (Host(place, _attributes(entries, place, number)) for place in (PRIMARY, ALTERNATE))
    return Account(_attributes(entries, ACCOUNT, number), tuple(host for host in hosts if host.attributes))


def _attributes(entries: tuple[Entry, ...], place: str, number: int | None) -> tuple[tuple[str, Written], ...]:
    """Blank ones are left out: what a blank means is not known."""
    return tuple(
        (entry.name, entry.value) for entry in entries if (entry.place, entry.index) == (place, number) and entry.value
    )


def _contacts(view: DeviceView) -> tuple[Contact, ...]:
    """The keys that call or watch somebody, in their order: the phone puts contacts on its keys one after another."""
    keys = {
        int(name.removeprefix("key.")): key
        for name, key in view.settings.items()
        if name.startswith("key.") and isinstance(key, Key) and key.kind in _SHOWN
    }
    host = view.lines[0].registrar.uri_host if view.lines else ""
    return tuple(
        Contact(
            name=key.label or key.value,
            number=key.value,
            watched=f"sip:{key.value}@{host}" if key.kind is KeyKind.BLF and host else "",
        )
        for _, key in sorted(keys.items())
    )
