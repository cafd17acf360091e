"""Why did a connection end before its first request? `reason_of` puts what was raised into one of our words."""

from __future__ import annotations

import ssl

from provserver.http.proxy_protocol import NoHeader

# OpenSSL's X509_V_ERR_…: expired; and the ways of not leading to an authority that we know.
_EXPIRED = 10
_UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
_NO_COMMON_GROUND = frozenset(
    {
        "INAPPROPRIATE_FALLBACK",
        "NO_PROTOCOLS_AVAILABLE",
        "NO_SHARED_CIPHER",
        "NO_SHARED_GROUPS",
        "NO_SHARED_SIGNATURE_ALGORITHMS",
        "NO_SUITABLE_GROUPS",
        "NO_SUITABLE_KEY_SHARE",
        "NO_SUITABLE_SIGNATURE_ALGORITHM",
        "UNSUPPORTED_PROTOCOL",
        "VERSION_TOO_LOW",
        "WRONG_SIGNATURE_TYPE",
    }
)


def reason_of(error: BaseException) -> str:
    """One of metrics.HANDSHAKE_FAILURES. Nothing of what the other side sent is in it."""
    match error:
        case NoHeader():
            return "no_proxy_header"
        case ssl.SSLCertVerificationError():
            return _verdict(error.verify_code)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "closed"
        case ssl.SSLError():
            return _complaint(error.reason or "")
        case TimeoutError() | ConnectionAbortedError():  # the second is what asyncio raises at its own limit
            return "timeout"
        case _:
            return "closed" if isinstance(error, ConnectionError) else "failed"


def _verdict(code: int) -> str:
    """What OpenSSL thinks of the phone's certificate."""
    if code == _EXPIRED:
        return "expired_certificate"
    return "unknown_authority" if code in _UNKNOWN_AUTHORITY else "bad_certificate"


def _complaint(reason: str) -> str:
    """What OpenSSL's *reason* comes to, such as NO_SHARED_CIPHER or TLSV1_ALERT_UNKNOWN_CA."""
    if reason in _NO_COMMON_GROUND:
        return "no_common_ground"
    if "_ALERT_" in reason:  # sent by the other side
        return "not_accepted"
    return "plain_http" if reason == "HTTP_REQUEST" else "failed"
