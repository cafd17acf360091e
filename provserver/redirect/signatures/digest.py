"""
HTTP Digest, as one who asks: RFC 7616 with ``qop=auth``, by MD5 or SHA-256.

The standard library's is part of its own HTTP client; aiohttp's belongs to a session, which all accounts share here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.request import parse_http_list, parse_keqv_list

from provserver.errors import ServiceUnreachable
from provserver.secret import Secret

_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),  # theirs, not ours to choose
    "SHA-256": lambda text: hashlib.sha256(text).hexdigest(),
}


class Digest:
    """Answers the challenges of one server; each answer counts on, so that none can be used twice."""

    def __init__(self, user: str, password: Secret) -> None:
        self._user = user
        self._password = password
        self._challenge: dict[str, str] = {}
        self._count = 0

    @property
    def is_challenged(self) -> bool:
        """Whether there is a challenge to answer."""
        return bool(self._challenge)

    def learn(self, header: str) -> None:
        """Take a ``WWW-Authenticate`` header. Raises ServiceUnreachable for one that cannot be answered."""
        scheme, _, rest = header.partition(" ")
        try:
            challenge = parse_keqv_list(parse_http_list(rest))
        except (ValueError, IndexError):
            challenge = {}
        algorithm = challenge.get("algorithm", "MD5").upper()
        asked = [word.strip() for word in challenge.get("qop", "").split(",")]
        # Fail closed: a plain password, or an answer that could be used again, is not sent instead.
        if scheme.lower() != "digest" or "nonce" not in challenge or algorithm not in _HASHES or "auth" not in asked:
            raise ServiceUnreachable("it asks for a login in a way that is not known")
        self._challenge, self._count = {**challenge, "algorithm": algorithm}, 0

    def header(self, method: str, target: str, *, cnonce: str) -> str:
        """The ``Authorization`` header for a request; *target* is its path with the query."""
        self._count += 1
        known, count = self._challenge, f"{self._count:08x}"
        digest = _HASHES[known["algorithm"]]
        secret = digest(f"{self._user}:{known.get('realm', '')}:{self._password.reveal()}".encode())
        asked = digest(f"{method}:{target}".encode())
        response = digest(f"{secret}:{known['nonce']}:{count}:{cnonce}:auth:{asked}".encode())
        parts = {
            "username": self._user,
            "realm": known.get("realm", ""),
            "nonce": known["nonce"],
            "uri": target,
            "cnonce": cnonce,
            "response": response,
        }
        quoted = [f'{name}="{value}"' for name, value in parts.items()]
        quoted += [f'opaque="{known["opaque"]}"'] if "opaque" in known else []
        return "Digest " + ", ".join([*quoted, "qop=auth", f"nc={count}", f"algorithm={known['algorithm']}"])
