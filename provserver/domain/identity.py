"""
What devices can show of themselves beside a URL, by maker: `FactoryCertificate`, `HTTPLogin`, `LoginForm`.

And what was shown: `PeerIdentity`, or `Doubt`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from provserver.domain.mac import MacAddress
from provserver.domain.parameters import Confidence


class AuthScheme(StrEnum):
    """How a phone answers when it is asked for a name and a password."""

    DIGEST = "digest"
    BASIC = "basic"
    FORM = "form"  # is not asked: it posts both by itself, see `LoginForm`


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPLogin:
    """The *schemes* that a maker's devices know. A maker that knows Digest is never asked for Basic."""

    schemes: frozenset[AuthScheme]
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginForm:
    """The fields of a form (application/x-www-form-urlencoded) in which a softphone posts name and password."""

    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactoryCertificate:
    """
    How the certificate that a device was made with names it.

    *attribute* of the subject holds the name (``ST`` is what older documents write as ``S``); *pattern* has to match
    all of it and has the group ``mac``. A subject in which any attribute matches one of *generic* is shared by many
    devices and names none, however well its chain verifies.
    """

    attribute: Literal["CN", "ST", "serialNumber"]
    pattern: re.Pattern[str]
    generic: tuple[re.Pattern[str], ...] = ()
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerIdentity:
    """The device that a certificate names beyond doubt; *key* is the SHA-256 of its public key."""

    maker: str
    mac: MacAddress
    key: bytes


class Doubt(StrEnum):
    """Why a certificate proves nothing."""

    UNREADABLE = "unreadable"
    UNKNOWN_AUTHORITY = "unknown_authority"
    EXPIRED = "expired"
    GENERIC = "generic"  # its subject names no single device
    NOT_VERIFIED = "not_verified"  # the proxy that saw it did not say that it was shown, and verified
