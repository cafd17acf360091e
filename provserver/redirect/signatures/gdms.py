"""
The signature of Grandstream's GDMS: SHA-256 over the sorted parameters and a hash of the body.

Source: GDMS API guide and one client (sheet grandstream 9, H for the token, M for the rest).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from provserver.secret import Secret


def signature(parameters: Mapping[str, str], body: bytes = b"") -> str:
    """Sign *parameters* (access_token, client_id, client_secret, timestamp) and *body*."""
    pairs = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    hashed = f"{hashlib.sha256(body).hexdigest()}&" if body else ""
    return hashlib.sha256(f"&{pairs}&{hashed}".encode()).hexdigest()


def password_digest(password: Secret) -> Secret:
    """How a password is sent: the SHA-256 of its MD5, both in hex. As secret as the password itself."""
    md5 = hashlib.md5(password.reveal().encode(), usedforsecurity=False).hexdigest()  # theirs, not ours to choose
    return Secret(hashlib.sha256(md5.encode()).hexdigest())
