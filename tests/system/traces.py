"""What is looked for in files, in every form it could have there, and where it is found."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

_HALF = 2  # a copy that lost its end is a copy: the first half of each form is looked for
_LEAST_BYTES = 8  # less than that occurs by chance


def forms_of_text(text: str) -> set[bytes]:
    """A text as it is written in files of all kinds."""
    escaped = {
        text,
        escape(text, {'"': "&quot;", "'": "&apos;"}),
        escape(text, {'"': "&quot;", "'": "&#39;"}),
        escape(text),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        quote(text, safe=""),
        repr(text)[1:-1],
    }
    forms = {form.encode() for form in escaped} | {text.encode("utf-16-le"), text.encode("utf-16-be")}
    return _halves(forms | _wrapped(text.encode()))


def forms_of_bytes(content: bytes) -> set[bytes]:
    """Bytes as they are, and as texts carry them."""
    return _halves({content} | _wrapped(content))


def found(folder: Path, wanted: Mapping[str, Iterable[bytes]]) -> set[str]:
    """The names of *wanted* of which any form is in any file below *folder*, with the file."""
    hits: set[str] = set()
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        content = file.read_bytes()
        for name, forms in wanted.items():
            if any(form in content for form in forms):
                hits.add(f"{name} in {file.relative_to(folder)}")
    return hits


def _wrapped(content: bytes) -> set[bytes]:
    """As hex digits, and as base64 at each of the three places it can have in a longer text."""
    forms = {content.hex().encode(), content.hex().upper().encode()}
    for before in range(3):
        text = base64.b64encode(b"\0" * before + content).rstrip(b"=")
        whole = text[(before * 8 + 5) // 6 : (before + len(content)) * 8 // 6]
        forms |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def _halves(forms: Iterable[bytes]) -> set[bytes]:
    return {form[: max(_LEAST_BYTES, len(form) // _HALF)] for form in forms}
