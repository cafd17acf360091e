"""`Identity`: the certificate by which this server shows others who it is, with its key."""

from __future__ import annotations

import os
import ssl

from provserver.errors import InvalidValue
from provserver.secret import Secret

MAX_IDENTITY_CHARS = 16_384  # a key, a certificate and a few authorities take a half of it
_NO_PASSPHRASE = "-"  # noqa: S105 - it is none; without it OpenSSL would ask for one on the terminal


class Identity:
    """
    A certificate, the authorities above it, and its key without a passphrase: PEM texts in one.

    Raises InvalidValue naming *field* for what is none; nothing of it is in the message.
    """

    def __init__(self, pem: Secret, *, field: str) -> None:
        self._pem = pem
        if len(pem.reveal()) > MAX_IDENTITY_CHARS:
            raise InvalidValue(field, f"is longer than {MAX_IDENTITY_CHARS} characters")
        try:
            self.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        except ssl.SSLError:
            raise InvalidValue(field, "is no certificate with its own key, in PEM and without a passphrase") from None

    def load_into(self, context: ssl.SSLContext) -> None:
        """Have *context* show it. OpenSSL reads files only, so the key is in one that has no disk under it."""
        file = os.memfd_create("identity", os.MFD_CLOEXEC)
        try:
            os.write(file, self._pem.reveal().encode())
            context.load_cert_chain(f"/proc/self/fd/{file}", password=_NO_PASSPHRASE)
        finally:
            os.close(file)
