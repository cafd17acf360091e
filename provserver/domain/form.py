"""
`Form`: a rendered file of many devices, with a blank for each text of their own; and how text becomes its parts.

While a template runs, the place of a secret and a blank are marked texts (`mark_slot`, `mark_blank`); `cut` finds them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, cast
from weakref import WeakValueDictionary

from provserver.domain.artefact import FileEncryption, Hole, Skeleton, TextFormat
from provserver.domain.blank import Blank, Spelling, has_own_mac, own_mac
from provserver.domain.evolved import evolved
from provserver.domain.mac import MacAddress
from provserver.domain.slot import SecretSlot, URLPart
from provserver.domain.view import DeviceView

# NUL and the separators cannot occur in any value: every format refuses control characters.
_MARK, _SEPARATOR, _BLANK = "\x00", "\x1f", "\x1e"
_NO_TEXT = "application/octet-stream"
_FORMS_KEPT = 64  # of one file and model: how many lines devices have, and where they register

_spellings: WeakValueDictionary[int, Spelling] = WeakValueDictionary()  # by what stands for them in a mark

Part = bytes | Hole | Blank


class Written(NamedTuple):
    """A file as it was rendered. Only where it was rendered for many devices there are blanks among its *parts*."""

    parts: tuple[Part, ...]
    text_format: TextFormat
    encryption: FileEncryption | None
    key: SecretSlot | None
    checksum: str

    def skeleton(self) -> Skeleton:
        """The file of one device, for which it was rendered."""
        other_bytes = self.encryption is not None and not self.encryption.content_encoding
        return Skeleton(
            parts=cast("tuple[bytes | Hole, ...]", self.parts),
            content_type=_NO_TEXT if other_bytes else self.text_format.content_type,
            encryption=self.encryption,
            key=self.key,
            checksum=self.checksum,
        )


class Form:
    """A file of many devices."""

    __slots__ = ("_blank", "_format", "_parts")

    def __init__(self, written: Written) -> None:
        """Fill in what was *written* for a view that was left blank."""
        self._parts = written.parts
        self._format = written.text_format
        self._blank = written._replace(parts=tuple(p for p in written.parts if isinstance(p, Hole))).skeleton()

    def filled_in(self, view: DeviceView) -> Skeleton:
        """The file of one device. Raises ValueError for a text that the format cannot carry."""
        text_format, escape = self._format, self._format.escape
        parts: list[bytes | Hole] = []
        fixed: list[bytes] = []
        for part in self._parts:
            if isinstance(part, bytes):
                fixed.append(part)
            elif isinstance(part, Hole):
                if fixed:
                    parts.append(b"".join(fixed))
                    fixed.clear()
                own = has_own_mac(part.slot.before) or has_own_mac(part.slot.after)
                parts.append(_with_mac(part, view.mac) if own else part)
            else:
                fixed.append(text_format.encoded(escape(part.text_of(view))))
        if fixed:
            parts.append(b"".join(fixed))
        size_bytes = sum([len(part) for part in parts if isinstance(part, bytes)])
        return evolved(self._blank, parts=tuple(parts), size_bytes=size_bytes)


@dataclass(slots=True, eq=False)
class Forms:
    """
    The forms of one file for the devices of a model that share their settings, *raw* ones too.

    *refused*: one of the rows, or the template, looks at what would be left blank.
    """

    raw: Mapping[str, str | SecretSlot]
    refused: bool = False
    by_shape: dict[Hashable, Form] = field(default_factory=dict)

    def keep(self, shape: Hashable, form: Form) -> Form:
        """Keep the *form* of devices of a *shape* (see `shape_of`); gives it back."""
        if len(self.by_shape) >= _FORMS_KEPT:
            self.by_shape.clear()
        self.by_shape[shape] = form
        return form


def mark_slot(slot: SecretSlot) -> str:
    """What stands for *slot* in a text. Raises ValueError where it could not be read again."""
    if any(mark in slot.before + slot.after + slot.words for mark in (_MARK, _SEPARATOR)):
        problem = "holds a control character beside a secret"
        raise ValueError(problem)
    return _MARK + _SEPARATOR.join((slot.field, slot.before, slot.after, slot.part, slot.words)) + _MARK


def mark_blank(blank: Blank) -> str:
    """What stands for *blank* in a text."""
    number = 0
    if blank.spell is not None:
        number = id(blank.spell)
        _spellings[number] = blank.spell
    return f"{_MARK}{_BLANK}{blank.line}{_SEPARATOR}{blank.field}{_SEPARATOR}{number}{_MARK}"


def cut(text: str, text_format: TextFormat) -> tuple[Part, ...]:
    """The parts of a rendered *text*. Raises ValueError when the marks in it are damaged."""
    parts: list[Part] = []
    for position, piece in enumerate(text.split(_MARK)):
        if position % 2 == 0:
            if piece:
                parts.append(text_format.encoded(piece))
        elif piece.startswith(_BLANK):
            line, name, number = piece.removeprefix(_BLANK).split(_SEPARATOR)
            parts.append(Blank(int(line), name, _spellings.get(int(number))))
        else:
            name, before, after, url_part, words = piece.split(_SEPARATOR)
            slot = SecretSlot(name, before, after, URLPart(url_part), words)
            parts.append(Hole(slot=slot, escape=text_format.escape, charset=text_format.charset))
    return tuple(parts)


def _with_mac(hole: Hole, mac: MacAddress) -> Hole:
    slot = hole.slot
    return evolved(hole, slot=evolved(slot, before=own_mac(slot.before, mac), after=own_mac(slot.after, mac)))
