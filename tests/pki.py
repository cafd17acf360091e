"""Authorities and certificates of makers, as phones are born with them; made for one test run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# Certificates of tests are valid whenever the tests run: what time it is does not matter to them.
FROM, UNTIL = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2120, 1, 1, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
OIDS = {
    "CN": NameOID.COMMON_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "L": NameOID.LOCALITY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
}
Key = ec.EllipticCurvePrivateKey


def new_key() -> Key:
    """A key; shared by certificates only where a test says so."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        """The certificate as it stands on the wire."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as files hold it."""
        return self.certificate.public_bytes(Encoding.PEM)

    def write(self, file: Path) -> Path:
        """Write key and certificate into one *file*."""
        file.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + self.pem)
        return file


class Authority:
    """One that signs; its own certificate is *root*."""

    def __init__(self, name: str) -> None:
        key = new_key()
        subject = _name({"O": name, "CN": f"{name} Phone CA"})
        builder = _builder(subject, issuer=subject, key=key, until=UNTIL).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.root = Certificate(builder.sign(key, hashes.SHA256()), key)

    def sign(self, *, key: Key | None = None, until: dt.datetime = UNTIL, **subject: str) -> Certificate:
        """A phone's certificate with the attributes of *subject* (``CN="805ec0aabbcc"``)."""
        key = key or new_key()
        builder = _builder(_name(subject), issuer=self.root.certificate.subject, key=key, until=until)
        return Certificate(builder.sign(self.root.key, hashes.SHA256()), key)


def _builder(subject: x509.Name, *, issuer: x509.Name, key: Key, until: dt.datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(until)
    )


def _name(attributes: dict[str, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(OIDS[name], value) for name, value in attributes.items()])
