"""What a caught error would carry into a log that shows everything: messages, causes, and the variables of our code."""

import traceback
from collections.abc import Iterator
from pathlib import Path

import provserver

_OURS = str(Path(provserver.__file__).parent)


def leaks(error: BaseException, secret: str | bytes) -> list[str]:
    """Where *secret* can be found in *error*: in its texts, or in a variable of a frame of this program."""
    raw = secret.encode() if isinstance(secret, str) else secret
    texts = (raw, raw.hex().encode(), repr(raw)[2:-1].encode())
    return [place for place, content in _contents(error) if any(text in content for text in texts)]


def _contents(error: BaseException) -> Iterator[tuple[str, bytes]]:
    for link in _chain(error):
        yield f"{type(link).__name__}: text", _flat((str(link), repr(link), link.args, vars(link)))
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if frame.f_code.co_filename.startswith(_OURS):
                for name, value in frame.f_locals.items():
                    yield f"{frame.f_code.co_name}: {name}", _flat(value)


def _chain(error: BaseException) -> Iterator[BaseException]:
    # Also contexts that "raise … from None" hides: a logger may follow them.
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and link not in seen:
            seen.append(link)
            yield link
            waiting += [link.__cause__, link.__context__]


def _flat(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, list | tuple):
        return b" ".join(map(_flat, value))
    return repr(value).encode("utf-8", "backslashreplace")
