"""
The signature of Grandstream's GAPS: HMAC-SHA1 over the body and the time that the service itself has told.

Source: one client and a shell sample (sheet grandstream 9, M).
"""

from __future__ import annotations

import hmac

from provserver.secret import Secret


def signature(key: Secret, body: bytes, time: str) -> str:
    """The ``sig`` of a request, in hex."""
    return hmac.digest(key.reveal().encode(), body + time.encode(), "sha1").hex()
