"""
The ``X-Ca-…`` signature of Yealink's RPS: HMAC-SHA256 over method, headers, path and query.

Source: Yealink's "RPS open API" text and five clients (sheet yealink 9b, H).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

from provserver.secret import Secret


def headers(*, key: str, secret: Secret, method: str, url: str, body: bytes, nonce: str, at_ms: int) -> dict[str, str]:
    """The signed headers of one request, its signature among them. A request has a body or a query, never both."""
    signed = {"X-Ca-Key": key, "X-Ca-Nonce": nonce, "X-Ca-Timestamp": str(at_ms)}
    if body:
        md5 = hashlib.md5(body, usedforsecurity=False).digest()  # their header, and only a checksum
        signed["Content-MD5"] = base64.b64encode(md5).decode()
    text = string_to_sign(method, url, signed)
    signature = hmac.digest(secret.reveal().encode(), text.encode(), "sha256")
    return {**signed, "X-Ca-Signature": base64.b64encode(signature).decode()}


def string_to_sign(method: str, url: str, signed: dict[str, str]) -> str:
    """What the signature is made over: the path has no slash before it, an empty value of the query no ``=``."""
    parts = urlsplit(url)
    lines = [method.upper(), *(f"{name}:{value}" for name, value in sorted(signed.items())), parts.path.lstrip("/")]
    if parts.query:
        pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
        lines.append("&".join(f"{name}={value}" if value else name for name, value in pairs))
    return "\n".join(lines)
