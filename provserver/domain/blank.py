"""
`Blank`: the place of a text of one device, in a file that is written once for all devices that differ in such texts.

Two phones of an office have the same keys, registrar and time zone; what differs is who they belong to. `left_blank`
gives a view in which the texts of the lines are blanks, `shape_of` what devices must have in common to share it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any, NoReturn, cast

from provserver.domain.evolved import evolved
from provserver.domain.line import Line
from provserver.domain.mac import MacAddress
from provserver.domain.view import DeviceView

_TEXTS = ("user_name", "label", "display_name", "auth_name", "voicemail")
_OTHERS = attrgetter(*(name for name in Line.__slots__ if name not in _TEXTS))
_texts = attrgetter(*_TEXTS)
OF_MAC = -1  # in the place of a line's position
_SPELLINGS = frozenset({"value", "upper", "colons"})
_OWN = "\x1d"  # every format refuses it in a value, so that it cannot get into a file by itself


Spelling = Callable[[Any, Line], str]


class OfTheDevice(Exception):
    """Something that differs from device to device was looked at."""


class Blank:
    """
    A text that is not there yet: it can be handed on and written, and that is all.

    Whoever compares it, measures it, puts it together with other text or asks it for anything is told `OfTheDevice`:
    what he would do depends on the text. It passes for a ``str``, so that nobody takes it for something else quietly.
    """

    __slots__ = ("field", "line", "spell")

    def __init__(self, line: int, field: str, spell: Spelling | None = None) -> None:
        """
        Stand for *field* of the device's line at the position *line*, counted from 0; of its MAC with `OF_MAC`.

        *spell* is what makes the maker's words of it, see `spelled`.
        """
        self.line = line
        self.field = field
        self.spell = spell

    def text_of(self, view: DeviceView) -> str:
        """What belongs here for the device of *view*."""
        if self.line == OF_MAC:
            return cast("str", getattr(view.mac, self.field))
        line = view.lines[self.line]
        text: str = getattr(line, self.field)
        return text if self.spell is None else self.spell(text, line)

    def _asked(self, *_: object) -> NoReturn:
        raise OfTheDevice

    __str__ = __repr__ = _asked
    __hash__ = _asked
    __lt__ = __le__ = __gt__ = __ge__ = _asked
    __add__ = __radd__ = __mod__ = __rmod__ = __mul__ = __rmul__ = _asked
    __len__ = __iter__ = __contains__ = __getitem__ = __int__ = __index__ = _asked

    def __eq__(self, other: object) -> bool:
        """A text is what it is; of any other it is not known. So a user name can be seen to be the auth name, too."""
        if other is not self:
            raise OfTheDevice
        return True

    def __format__(self, spec: str) -> str:
        """A MAC may be put into a text, for it is part of file names: `own_mac` finds it there."""
        if self.line != OF_MAC or spec:
            raise OfTheDevice
        return f"{_OWN}{self.field}{_OWN}"

    def __bool__(self) -> bool:
        return True  # an empty text is no blank

    def __getattr__(self, name: str) -> NoReturn:
        raise OfTheDevice(name)

    @property  # type: ignore[misc]  # an object may say what it passes for
    def __class__(self) -> type[str]:  # type: ignore[override]
        return str


def spelled(value: Any, spell: Spelling, line: Line) -> str:  # noqa: ANN401 - a line's fields have many types
    """
    What *spell* makes of the *value* of a line's field; of what is left blank, as soon as it is there.

    *spell* must be a pure function, and live as long as the maker's rows do.
    """
    if type(value) is Blank and value.spell is None:
        return cast("str", Blank(value.line, value.field, spell))
    return spell(value, line)


class _BlankMAC(MacAddress):
    """A MAC that is not there yet: a blank in each of its spellings."""

    __slots__ = ()

    def __init__(self) -> None:
        """Nothing is known of it."""

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - as the name says
        if name in _SPELLINGS:
            return Blank(OF_MAC, name)
        if name.startswith("__"):
            return super().__getattribute__(name)
        raise OfTheDevice(name)

    def __format__(self, spec: str) -> str:
        return format(Blank(OF_MAC, "value"), spec)

    def _asked(self, *_: object) -> NoReturn:
        raise OfTheDevice

    __str__ = __repr__ = __hash__ = __eq__ = _asked
    __lt__ = __le__ = __gt__ = __ge__ = _asked  # type: ignore[assignment]


def has_own_mac(text: str) -> bool:
    """Whether the blank of a MAC was put into *text*."""
    return _OWN in text


def own_mac(text: str, mac: MacAddress) -> str:
    """*text* with *mac* where its blank was put into it."""
    pieces = text.split(_OWN)
    pieces[1::2] = [getattr(mac, spelling) for spelling in pieces[1::2]]
    return "".join(pieces)


def left_blank(view: DeviceView) -> DeviceView:
    """*view* with blanks in the place of its lines' texts and of its MAC."""
    return evolved(view, mac=_BlankMAC(), lines=tuple(_blank_line(line, n) for n, line in enumerate(view.lines)))


def shape_of(view: DeviceView) -> Hashable:
    """What decides, beside settings and model, how a file of `left_blank` looks: all of its lines but the texts."""
    return tuple((_OTHERS(line), *[text and True for text in _texts(line)]) for line in view.lines)


def _blank_line(line: Line, position: int) -> Line:
    blanks: dict[str, Any] = {name: Blank(position, name) for name in _TEXTS if getattr(line, name)}
    return evolved(line, **blanks)
