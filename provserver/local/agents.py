"""
Forms of User-Agent as data: `agent_of`, `spelled`.

A form is text with placeholders, not a regular expression: strangers choose what it is matched against, and no form can
be written that takes long on any of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from provserver.domain.boot import SimulatedPhone
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AgentPattern
from provserver.local.problem import Wrong

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
# Each takes a bounded number of characters, and between two of them stands text: matching takes few steps.
_FORMS = {
    "model": r"(?P<model>[A-Za-z0-9][A-Za-z0-9_+-]{0,31})",
    "fw": r"(?P<fw>[A-Za-z0-9][A-Za-z0-9._-]{0,31})",
    "mac": r"(?P<mac>[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5})",
    "serial": r"(?P<serial>[A-Za-z0-9-]{1,32})",
}
_REST = "rest"
_WORD = re.compile(r"[A-Za-z0-9]+")


def agent_of(form: str, *, path: Sequence[str | int], source: str, confidence: Confidence) -> AgentPattern:
    """The pattern of *form*; Wrong when it is none."""
    pieces = _PLACEHOLDER.split(form)
    texts, names = pieces[::2], pieces[1::2]
    word = _WORD.match(texts[0])
    if word is None:
        raise Wrong(path, "does not begin with a word of letters and digits")
    for position, name in enumerate(names):
        if name == _REST and position == len(names) - 1 and not texts[-1]:
            break
        if name not in _FORMS:
            raise Wrong(path, f"{{{name}}} is not one of {', '.join(f'{{{known}}}' for known in _FORMS)}")
        if name in names[:position]:
            raise Wrong(path, f"{{{name}}} is there twice")
        if position and not texts[position]:
            raise Wrong(path, f"there is nothing before {{{name}}} that ends {{{names[position - 1]}}}")
    pattern = "".join(
        _FORMS.get(piece, ".*") if position % 2 else re.escape(piece) for position, piece in enumerate(pieces)
    )
    return AgentPattern(
        words=(word[0].lower(),), pattern=re.compile(rf"^{pattern}\Z", re.ASCII), source=source, confidence=confidence
    )


def spelled(form: str, phone: SimulatedPhone) -> str:
    """What *phone* calls itself by *form*."""
    known = {"model": phone.model, "fw": phone.firmware, "mac": phone.mac.colons, "serial": phone.mac.upper}
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], ""), form)
