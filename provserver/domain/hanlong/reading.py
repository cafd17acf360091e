"""How a phone reads its file: `read_settings`, for simulations."""

from __future__ import annotations

import re
from xml.parsers import expat

_PARAMETER = re.compile(r"P\d+")


class _DoctypeFound(Exception):
    """A phone's file has no document type; one that has is not read."""


def read_settings(body: bytes) -> dict[str, str]:
    """The parameters of ``<config>``; nothing of a file that is no XML."""
    reader = _Reader()
    try:
        reader.read(body)
    except (expat.ExpatError, _DoctypeFound):
        return {}
    return reader.settings


class _Reader:
    """Collects the elements that are called after a number."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}
        self._open: list[str] = []
        self._text: list[str] = []

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it

    def _refuse(self, *_declaration: object) -> None:
        raise _DoctypeFound

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._open.append(name)
        self._text.clear()

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._open == ["hl_provision", "config"] and _PARAMETER.fullmatch(name):
            self.settings[name] = "".join(self._text)
