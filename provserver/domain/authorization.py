"""
What a login claims, and whether a password stands behind it: HTTP Digest (RFC 7616), Basic (RFC 7617), a posted form.

Pure, and total: any text gives a claim or None. What is not exactly as the standards write it is None: fail closed.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs

from provserver.domain.identity import LoginForm

SHA_256, MD5 = "SHA-256", "MD5"

# MD5 is what nearly all phones know. As Digest uses it, its collisions help nobody: the text before the password is the
# attacker's to choose only in part, and what is wanted is a preimage (RFC 6151, 2.3).
ALGORITHMS: Final[Mapping[str, Callable[[bytes], Any]]] = MappingProxyType(
    {
        SHA_256: hashlib.sha256,
        MD5: lambda content: hashlib.md5(content, usedforsecurity=False),
    }
)

_MAX_CHARS = 2048  # a digest answer has about 300; a path, which it repeats, fewer than 1,500
_MAX_FIELDS = 32  # Bria has some 15 macros that may be sent as fields (sheet counterpath 1)
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a rule of the grammar: RFC 9110, 5.6.2
_PARAMETER = re.compile(rf'({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|({_TOKEN}))[ \t]*(?:,[ \t,]*|$)')
_ESCAPED = re.compile(r"\\(.)")
_COUNT = re.compile(r"[0-9a-fA-F]{8}")  # RFC 7616, 3.4: exactly eight
_NEEDED = ("username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce")
# userhash and the username* of RFC 8187 are answers to what we never offer.
_REFUSED = ("username*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestClaim:
    """A digest over the password, the request and a nonce; *count* is how often the nonce was used, this time too."""

    algorithm: str
    user: str
    realm: str
    nonce: str
    uri: str
    count: str
    client_nonce: str
    response: str = field(repr=False)

    def fits(self, *, user: str, password: str, method: str) -> bool:
        """Whether it was made with *user* and *password* for a request with this *method* and `uri`."""
        secret = self._hashed(f"{user}:{self.realm}:{password}")
        request = self._hashed(f"{method}:{self.uri}")
        expected = self._hashed(f"{secret}:{self.nonce}:{self.count}:{self.client_nonce}:auth:{request}")
        # The name is in the digest already; compared by itself, because a colon can move between it and the realm.
        same_user = compare_digest(_encoded(self.user), _encoded(user))
        return compare_digest(_encoded(self.response.lower()), _encoded(expected)) and same_user

    def is_for(self, target: str) -> bool:
        """Whether its uri is the request's *target* (path and query), by itself or as an absolute URI."""
        if self.uri == target:
            return True
        scheme, _, rest = self.uri.partition("://")
        return scheme.lower() in ("http", "https") and f"/{rest.partition('/')[2]}" == target

    def _hashed(self, text: str) -> str:
        return str(ALGORITHMS[self.algorithm](_encoded(text)).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicClaim:
    """A name and a password in clear, in a header or in a form."""

    user: str
    password: str = field(repr=False)

    def fits(self, *, user: str, password: str) -> bool:
        """Whether both are the same; both are always compared."""
        same_user = compare_digest(_encoded(self.user), _encoded(user))
        return compare_digest(_encoded(self.password), _encoded(password)) and same_user


def read(header: str) -> DigestClaim | BasicClaim | None:
    """Read the value of an Authorization header; None for anything that is neither a whole Digest nor a Basic."""
    if len(header) > _MAX_CHARS:
        return None
    scheme, _, rest = header.strip(" \t").partition(" ")
    if scheme.lower() == "digest":
        return _read_digest(rest.strip(" \t"))
    if scheme.lower() == "basic":
        return _read_basic(rest.strip(" \t"))
    return None


def read_form(body: str, form: LoginForm) -> BasicClaim | None:
    """Read name and password from the *body* of a posted form; None unless each is there exactly once."""
    try:
        fields = parse_qs(
            body, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError:
        return None
    users, passwords = fields.get(form.user, ()), fields.get(form.password, ())
    if len(users) != 1 or len(passwords) != 1:
        return None
    return BasicClaim(user=users[0], password=passwords[0])


def _read_basic(text: str) -> BasicClaim | None:
    try:
        user, colon, password = b64decode(text, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return BasicClaim(user=user, password=password) if colon else None


def _read_digest(text: str) -> DigestClaim | None:
    found = _parameters(text)
    if found is None or any(name not in found for name in _NEEDED) or any(name in found for name in _REFUSED):
        return None
    # RFC 2069 had no qop, and therefore no count: such an answer could be replayed. Fail closed.
    if found["qop"].lower() != "auth" or not _COUNT.fullmatch(found["nc"]) or found.get("userhash", "false") != "false":
        return None
    algorithm = found.get("algorithm", MD5).upper()  # RFC 7616, 3.4: MD5 if it is not said
    if algorithm not in ALGORITHMS:
        return None
    return DigestClaim(
        algorithm=algorithm,
        user=found["username"],
        realm=found["realm"],
        nonce=found["nonce"],
        uri=found["uri"],
        count=found["nc"],
        client_nonce=found["cnonce"],
        response=found["response"],
    )


def _parameters(text: str) -> dict[str, str] | None:
    """The list ``name=value, name="value"``; None if it is none, or names something twice."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or (name := match[1].lower()) in found:
            return None
        found[name] = match[3] if match[2] is None else _ESCAPED.sub(r"\1", match[2])
        at = match.end()
    return found


def _encoded(text: str) -> bytes:
    # Any text compares: what a phone sends can hold a lone surrogate, and an error would show that it was looked at.
    return text.encode("utf-8", "surrogatepass")
