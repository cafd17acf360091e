"""
What a proxy that ends TLS says of a phone: the certificate that it has shown, and the version of TLS that it speaks.

Of a certificate there are three headers, of which the first two are as important as the third. HAProxy says "verified"
also of a client that has shown nothing, and passes on what a client sends under these names unless it is told to delete
it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote_to_bytes

USED = "X-SSL-Client-Used"  # 1: a certificate was shown in this connection (HAProxy: ssl_c_used)
VERIFY = "X-SSL-Client-Verify"  # 0 (HAProxy: ssl_c_verify) or SUCCESS (nginx: $ssl_client_verify)
CERTIFICATE = "X-SSL-Client-Cert"  # DER in base64 (HAProxy: ssl_c_der,base64), or PEM in % (nginx: …_escaped_cert)
PROTOCOL = "X-SSL-Protocol"  # TLSv1.2 (HAProxy: ssl_fc_protocol, nginx: $ssl_protocol)

OLD_VERSIONS = frozenset({"TLSv1", "TLSv1.1"})
_VERSIONS = OLD_VERSIONS | {"TLSv1.2", "TLSv1.3"}
NOT_VERIFIED = b""  # stands for a certificate that proves nothing
_VERIFIED = frozenset({"0", "SUCCESS"})
_MAX_CHARS = 16_384
_PEM = re.compile(rb"\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")


def certificate_of(header_lines: Callable[[str], Sequence[str]]) -> bytes | None:
    """
    The certificate (DER) that *header_lines*, by name, pass on; None where none was shown.

    Fail closed: `NOT_VERIFIED` for one that was not verified, for headers that come twice, and for what is no
    certificate. Only for requests whose connection comes from a trusted proxy.
    """
    used, verify, text = (header_lines(name) for name in (USED, VERIFY, CERTIFICATE))
    if not used and not text:
        return None
    if any(len(lines) > 1 for lines in (used, verify, text)):
        return NOT_VERIFIED
    if list(used) in ([], ["0"]):
        return None if not text or not text[0] else NOT_VERIFIED
    if list(used) != ["1"] or not verify or verify[0] not in _VERIFIED or not text:
        return NOT_VERIFIED
    return _der(text[0])


def version_of(header_lines: Callable[[str], Sequence[str]]) -> str | None:
    """
    The version of TLS between phone and proxy; None where none is spoken, or none is told.

    Fail closed: a header that comes twice, or says anything else, is as none. Only for requests whose connection comes
    from a trusted proxy.
    """
    lines = header_lines(PROTOCOL)
    return lines[0] if len(lines) == 1 and lines[0] in _VERSIONS else None


def _der(text: str) -> bytes:
    if len(text) > _MAX_CHARS or not text.isascii():
        return NOT_VERIFIED
    encoded = text.encode()
    if "%" in text or text.startswith("-----"):
        match = _PEM.fullmatch(unquote_to_bytes(text))
        if match is None:
            return NOT_VERIFIED
        encoded = b"".join(match[1].split())
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return NOT_VERIFIED
