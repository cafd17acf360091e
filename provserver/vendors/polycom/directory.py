"""The corporate directory (LDAP): the phone makes its own search from attributes and a fixed filter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer

_SOURCE = "UC Software guide, corporate directory; technical bulletin 41137; dir.corp in public templates"
_SEPARATOR = re.compile(r"[\s,;]+")
_SURNAMES = frozenset({"sn", "surname"})
_PLACEHOLDERS = frozenset("%*?$")  # makers mark with these where the typed text goes; here it is no part of the filter


def _attributes(text: str) -> list[str]:
    return [name for name in _SEPARATOR.split(text) if name]


def _names(text: str, _at: At) -> Iterator[Entry]:
    """Attributes with names, numbered from 1: a first and a last name as far as there are such, else other text."""
    free = ["last_name", "first_name"]
    for number, name in enumerate(_attributes(text), start=1):
        kind = "last_name" if name.lower() in _SURNAMES else "first_name"
        if kind in free:
            free.remove(kind)
        else:
            kind = "other"
        yield from _attribute(number, name, kind)


def _numbers(text: str, at: At) -> Iterator[Entry]:
    """Attributes with telephone numbers, after those with names."""
    names = at.view.settings.get("ldap.name_attributes")
    first = 1 + (len(_attributes(names)) if isinstance(names, str) else 0)
    for number, name in enumerate(_attributes(text), start=first):
        yield from _attribute(number, name, "phone_number")


def _attribute(number: int, name: str, kind: str) -> Iterator[Entry]:
    attribute = f"dir.corp.attribute.{number}."
    yield Entry(attribute + "name", name)
    yield Entry(attribute + "label", name)
    yield Entry(attribute + "type", kind)
    yield Entry(attribute + "searchable", "1")


def _filter(text: str, _at: At) -> Iterator[Entry]:
    """A filter that holds for every search. One with a place for the typed text does not; the phone makes its own."""
    if _PLACEHOLDERS.isdisjoint(text):
        yield Entry("dir.corp.filterPrefix", text)


def _server(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("feature.corporateDirectory.enabled", "1")
    yield Entry("dir.corp.address", host)
    yield Entry("dir.corp.scope", "sub")


def _row(setting: str, write: str | Writer, *, section: str = "system", confidence: Confidence = "M") -> Parameter:
    return Parameter(setting=setting, write=write, section=section, source=_SOURCE, confidence=confidence)


DIRECTORY: tuple[Parameter, ...] = (
    _row("ldap.server", _server, confidence="H"),
    _row("ldap.port", "dir.corp.port", confidence="H"),
    Parameter(
        setting="ldap.tls",
        write="dir.corp.transport",
        values={"ldaps": "TLS", "off": "TCP"},  # no word for STARTTLS
        source=_SOURCE,
        confidence="H",
    ),
    _row("ldap.base", "dir.corp.baseDN", confidence="H"),
    _row("ldap.user", "dir.corp.user", confidence="H"),
    _row("ldap.password", "dir.corp.password", section="secret", confidence="H"),
    _row("ldap.name_filter", _filter),
    _row("ldap.name_attributes", _names),
    _row("ldap.number_attributes", _numbers),
)
