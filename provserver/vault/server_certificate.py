"""When does a certificate of the server's own end? `expiry_ms` reads it from the file that it is served from."""

from __future__ import annotations

from cryptography import x509

from provserver.clock import to_ms
from provserver.errors import ConfigurationError


def expiry_ms(pem: bytes, *, name: str) -> int:
    """
    When the first certificate in *pem* expires: wall time, ms since 1970.

    The first is the server's own, the authorities that signed it follow. Raises ConfigurationError, which calls the
    file *name*.
    """
    try:
        certificate = x509.load_pem_x509_certificates(pem)[0]
    except ValueError as error:
        raise ConfigurationError(f"certificate {name}: no certificate in PEM") from error
    return to_ms(certificate.not_valid_after_utc)
