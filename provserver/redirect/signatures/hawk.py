"""
Hawk, as Snom's and Gigaset's services want it: HMAC-SHA256 over the request and its body.

Written down here because the one library (mohawk) has had no release since 2019; the tests check against it, and
against the vectors of the specification (github.com/mozilla/hawk, API.md; H).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from provserver.secret import Secret

_PORTS = {"http": 80, "https": 443}


def payload_hash(content_type: str, body: bytes) -> str:
    """What the header says of the body; *content_type* without parameters."""
    digest = hashlib.sha256(b"hawk.1.payload\n" + content_type.encode() + b"\n" + body + b"\n")
    return base64.b64encode(digest.digest()).decode()


def authorization(
    *,
    key_id: str,
    key: Secret,
    method: str,
    url: str,
    at_s: int,
    nonce: str,
    content_type: str = "",
    body: bytes = b"",
    ext: str = "",
) -> str:
    """The ``Authorization`` header of one request; *at_s* is wall time in seconds, *nonce* is used once."""
    hashed = payload_hash(content_type, body)
    mac = request_mac(key=key, method=method, url=url, at_s=at_s, nonce=nonce, hashed=hashed, ext=ext)
    return f'Hawk id="{key_id}", ts="{at_s}", nonce="{nonce}", hash="{hashed}", mac="{mac}"'


def request_mac(*, key: Secret, method: str, url: str, at_s: int, nonce: str, hashed: str = "", ext: str = "") -> str:
    """The MAC over the normalised request."""
    parts = urlsplit(url)
    resource = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    lines = (
        "hawk.1.header",
        str(at_s),
        nonce,
        method.upper(),
        resource,
        (parts.hostname or "").lower(),
        str(parts.port or _PORTS[parts.scheme]),
        hashed,
        ext,
    )
    text = "".join(f"{line}\n" for line in lines)
    return base64.b64encode(hmac.digest(key.reveal().encode(), text.encode(), "sha256")).decode()
