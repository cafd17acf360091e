"""What a webhook gets: alerts as JSON, and a signature over them and the time, in the headers. Pure functions."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from provserver.clock import iso
from provserver.secret import Secret

TIMESTAMP = "Provserver-Timestamp"
SIGNATURE = "Provserver-Signature"


def body_of(alerts: Sequence[Mapping[str, Any]]) -> bytes:
    """*alerts* as the store has them. Each has its id, by which a receiver knows what it has had already."""
    return orjson.dumps({"alerts": [{**alert, "at": iso(alert["at"])} for alert in alerts]})


def headers_of(body: bytes, *, secret: Secret, now_s: int) -> dict[str, str]:
    """
    The headers that go with *body*.

    The signature is HMAC-SHA256 over ``<timestamp>.<body>``: what was recorded once cannot be sent again later, if the
    receiver compares the time, and nothing in it can be changed.
    """
    signed = hmac.new(secret.reveal().encode(), f"{now_s}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", TIMESTAMP: str(now_s), SIGNATURE: f"v1={signed}"}
