"""A text that cannot be printed by accident: `Secret`."""

from __future__ import annotations

from typing import NoReturn, final

STARS = "********"  # one length for all: the length of a password is a secret too


@final
class Secret:
    """
    A secret text. `reveal()` is the only way out.

    It prints as stars in str, repr, format, logs and tracebacks, refuses to be pickled or copied into JSON
    (it is not a str), and compares in constant time.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text itself. Whoever calls this answers for where it goes."""
        return self._text

    def __str__(self) -> str:
        return STARS

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(STARS, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        # Lazily imported with hmac's OpenSSL binding: most processes never compare secrets.
        from hmac import compare_digest  # noqa: PLC0415

        return isinstance(other, Secret) and compare_digest(_encoded(self._text), _encoded(other._text))

    __hash__ = None  # type: ignore[assignment]  # a hash of a secret is a fingerprint of it

    def __reduce__(self) -> NoReturn:
        msg = "a Secret is not pickled"
        raise TypeError(msg)


def _encoded(text: str) -> bytes:
    # Any str compares: an error about a lone surrogate, which JSON can bring, would carry the whole text.
    return text.encode("utf-8", "surrogatepass")
