"""
How TLS is spoken: the contexts of the modern and the legacy listener, made from files, and made anew when these change.

A context is never changed once it serves. Loading makes new ones and puts them in place of the old, so connections go
on with what they began with, and a certificate that cannot be loaded replaces nothing.
"""

from __future__ import annotations

import hashlib
import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provserver.errors import ConfigurationError
from provserver.http.client_hello import ClientHello
from provserver.settings import TLSSettings
from provserver.vault.server_certificate import expiry_ms

NO_NAME = "-"  # in tls.unasked_names: phones that send none
# Forward secrecy and authenticated encryption only: "intermediate" of Mozilla's Server Side TLS 5.7 without DHE, which
# costs ten times as much and which nothing needs that knows TLS 1.2.
MODERN_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
# What phones from before 2012 can do: CBC with SHA-1, and RSA key exchange. RC4, 3DES and export suites stay out.
LEGACY_CIPHERS = (
    *MODERN_CIPHERS,
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES128-SHA",
    "AES256-SHA",
)
# The one curve that every phone with ECDHE knows. Python 3.11 can set one; OpenSSL's own list has curves (X448,
# secp521r1) that cost much and serve nobody.
CURVE = "prime256v1"
# X509_V_FLAG_NO_CHECK_TIME: a phone's certificate that has expired comes through, and is judged by its maker's rule.
_NO_CHECK_TIME = 0x200000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    asking: ssl.SSLContext
    unasking: ssl.SSLContext
    legacy: ssl.SSLContext
    expires_ms: int
    state: bytes


class Contexts:
    """The contexts in use. Raises ConfigurationError where the files of *settings* make none."""

    def __init__(self, settings: TLSSettings) -> None:
        self._settings = settings
        self._unasked = frozenset(settings.unasked_names)
        self._loaded = self._load()
        self._tried = self._loaded.state

    @property
    def expires_ms(self) -> int:
        """When the first of our certificates expires: wall time, ms since 1970."""
        return self._loaded.expires_ms

    def modern(self, hello: ClientHello) -> ssl.SSLContext:
        """The context for a phone that says *hello*: asked for its certificate, unless the host name says not to."""
        loaded = self._loaded
        return loaded.unasking if (hello.server_name or NO_NAME) in self._unasked else loaded.asking

    def legacy(self, hello: ClientHello) -> ssl.SSLContext:
        """The context for old phones, which is one for all."""
        del hello
        return self._loaded.legacy

    def reload(self, *, only_if_changed: bool) -> bool:
        """
        Load the files again; whether new contexts are in use. Takes milliseconds: call it in a thread.

        With *only_if_changed*, files that are as they were at the last attempt are left alone, also if that failed.
        Raises ConfigurationError, and the old contexts stay in use.
        """
        if only_if_changed and _state(self._files()) == self._tried:
            return False
        self._tried = _state(self._files())
        self._loaded = self._load()
        return True

    def _load(self) -> _Loaded:
        settings = self._settings
        state = _state(self._files())
        authorities = self._authorities()
        expires_ms = min(expiry_ms(_read(file), name=str(file)) for file in settings.certificates)
        return _Loaded(
            asking=self._modern(authorities),
            unasking=self._modern(()),
            legacy=self._legacy(authorities),
            expires_ms=expires_ms,
            state=state,
        )

    def _modern(self, authorities: Sequence[Path]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._equip(context, MODERN_CIPHERS, authorities)
        context.num_tickets = 1  # a phone has one connection at a time; OpenSSL's second ticket is for browsers
        return context

    def _legacy(self, authorities: Sequence[Path]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that TLS 1.0 is old is why this listener exists
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # whoever knows 1.3 has no business here
        # SECLEVEL 0: SHA-1 in handshakes and certificates, and keys of 1,024 bits. Level 1 would end TLS 1.0.
        self._equip(context, (*LEGACY_CIPHERS, "@SECLEVEL=0"), authorities)
        return context

    def _equip(self, context: ssl.SSLContext, ciphers: Sequence[str], authorities: Sequence[Path]) -> None:
        settings = self._settings
        context.set_ciphers(":".join(ciphers))
        context.set_ecdh_curve(CURVE)
        context.set_alpn_protocols(["http/1.1"])
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        for file, key in zip(settings.certificates, settings.keys or settings.certificates, strict=True):
            try:
                context.load_cert_chain(file, key, password=_no_password)
            except (OSError, ssl.SSLError) as error:
                reason = getattr(error, "reason", None) or error.strerror or "does not fit its key"
                raise ConfigurationError(f"certificate {file} with key {key}: {reason}") from error
        if not authorities:
            return
        context.verify_mode = ssl.CERT_OPTIONAL  # asked for, never required: phones without one have other proofs
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_NO_CHECK_TIME)
        for file in authorities:
            try:
                context.load_verify_locations(file)
            except (OSError, ssl.SSLError) as error:
                raise ConfigurationError(f"authorities {file}: {error.strerror or error}") from error

    def _authorities(self) -> list[Path]:
        folder = self._settings.maker_authorities
        if folder is None:
            return []
        if not folder.is_dir():
            raise ConfigurationError(f"tls.maker_authorities {folder}: no such folder")
        return sorted(folder.glob("*.pem"))

    def _files(self) -> list[Path]:
        return [*self._settings.certificates, *self._settings.keys, *self._authorities()]


def _state(files: Sequence[Path]) -> bytes:
    """Something that is different once any of *files* has other content, or cannot be read."""
    digest = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:
            content = b""
        digest.update(b"%d\x00%d\x00" % (len(str(file)), len(content)) + str(file).encode() + content)
    return digest.digest()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror or error}") from error


def _no_password() -> str:
    """OpenSSL would ask on the terminal, and the server would wait for it."""
    raise ConfigurationError("a key with a passphrase cannot be used")
