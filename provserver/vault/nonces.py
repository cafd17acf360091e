"""
`Nonces`: what a Digest answer is made for: signed, short-lived, and good for each count once.

Asking costs a stranger's request no memory here: a nonce carries its own age under a key of this process. Only one that
has been answered with the right password is remembered, with the counts it was used with.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from provserver.clock import SteadyClock

_AGE_BYTES, _RANDOM_BYTES, _SEAL_BYTES = 6, 12, 15  # 33 together: 44 characters without padding
_CHARACTERS = 44
_REMEMBERED = 65_536  # phones that log in within the life of a nonce; 10 MB when all are there
# Two connections of a phone may use one nonce, and their requests overtake each other: so many counts behind the
# highest are remembered one by one. What is older counts as used.
_WINDOW = 64


class Nonces:
    """Makes and judges nonces that live for *life_s* seconds, and not beyond a restart."""

    def __init__(self, *, clock: SteadyClock, life_s: float) -> None:
        self._clock = clock
        self._life_ms = int(life_s * 1000)
        self._key = secrets.token_bytes(32)
        self._used: dict[str, tuple[int, int]] = {}  # nonce → its highest count, and a bit for each one behind it
        self._floor_ms = -1  # nonces that are not younger have been forgotten

    def make(self) -> str:
        """A new nonce of 44 characters that need no escaping."""
        made = self._clock.now_ms().to_bytes(_AGE_BYTES) + secrets.token_bytes(_RANDOM_BYTES)
        return urlsafe_b64encode(made + self._seal(made)).decode("ascii")

    def is_fresh(self, nonce: str) -> bool:
        """Whether *nonce* is one of ours, and young. Any text is fine; false says nothing about any device."""
        made_ms = self._made_ms(nonce)
        return made_ms is not None and self._floor_ms < made_ms and self._clock.now_ms() - made_ms <= self._life_ms

    def use(self, nonce: str, count: int) -> bool:
        """
        Use *nonce* for the *count*-th time: false if that has happened before, or it is fresh no longer.

        Only for answers that are right: others would fill the memory. Fail closed: when it is full, the oldest go, and
        all nonces as old as these are fresh no longer.
        """
        if count < 1 or not self.is_fresh(nonce):
            return False
        highest, seen = self._used.get(nonce, (0, 0))
        if count > highest:
            shift = count - highest
            seen = (seen << shift | 1) & ((1 << _WINDOW) - 1) if shift < _WINDOW else 1
            highest = count
        else:
            bit = 1 << (highest - count)
            if highest - count >= _WINDOW or seen & bit:
                return False
            seen |= bit
        if nonce not in self._used and len(self._used) >= _REMEMBERED:
            self._forget()
        self._used[nonce] = highest, seen
        return True

    def _forget(self) -> None:
        """Forget those that have run out, or, where none has, the older half."""
        by_age = sorted((self._made_ms(nonce) or 0, nonce) for nonce in self._used)
        over_ms = self._clock.now_ms() - self._life_ms
        last = max(sum(made_ms < over_ms for made_ms, _ in by_age), len(by_age) // 2)
        self._floor_ms = max(self._floor_ms, by_age[last - 1][0])
        self._used = {nonce: self._used[nonce] for made_ms, nonce in by_age if made_ms > self._floor_ms}

    def _made_ms(self, nonce: str) -> int | None:
        """When it was made; None if we did not."""
        if len(nonce) != _CHARACTERS or not nonce.isascii():
            return None
        try:
            content = urlsafe_b64decode(nonce)
        except ValueError:
            return None
        made = content[:-_SEAL_BYTES]
        if len(made) != _AGE_BYTES + _RANDOM_BYTES or not hmac.compare_digest(content[-_SEAL_BYTES:], self._seal(made)):
            return None
        return int.from_bytes(made[:_AGE_BYTES])

    def _seal(self, made: bytes) -> bytes:
        return hmac.digest(self._key, made, "sha256")[:_SEAL_BYTES]
