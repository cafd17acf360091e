"""TLS as phones speak it: keys and certificates of a test run, and contexts that know as little as a test wants."""

from __future__ import annotations

import datetime as dt
import ssl
import warnings
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from provserver.settings import TLSSettings

NAME = "phones.example.com"
FROM, UNTIL = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2120, 1, 1, tzinfo=dt.UTC)
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_BITS = 2_048  # the least that OpenSSL takes at its usual level


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its key, both in *file*; *der* is the certificate. *key* signs others."""

    file: Path
    der: bytes
    key: _Key
    name: x509.Name


def make(
    folder: Path, name: str, *, kind: str = "ec", until: dt.datetime = UNTIL, signed_by: Pair | None = None
) -> Pair:
    """A certificate for *name*, valid for a long time, with a new key (``ec`` or ``rsa``); by itself if by nobody."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65_537, _BITS)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signed_by.name if signed_by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=signed_by is None, path_length=None), critical=True)
        .sign(signed_by.key if signed_by else key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"{name}-{kind}.pem"
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return Pair(file=file, der=certificate.public_bytes(serialization.Encoding.DER), key=key, name=subject)


def settings_of(*pairs: Pair, **settings: object) -> TLSSettings:
    """The modern listener with certificates *pairs*, on a port that the system chooses."""
    return TLSSettings(**{"certificates": tuple(pair.file for pair in pairs), "port": 0, **settings})  # type: ignore[arg-type]


def phone(
    *,
    lowest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    highest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ciphers: str | None = None,
    curve: str | None = None,
    certificate: Pair | None = None,
) -> ssl.SSLContext:
    """A phone's side, which trusts everybody, as many do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what some phones know
        context.minimum_version, context.maximum_version = lowest, highest
    if ciphers is not None:
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    if curve is not None:
        context.set_ecdh_curve(curve)
    if certificate is not None:
        context.load_cert_chain(certificate.file)
    return context


def only(version: ssl.TLSVersion, **options: str) -> ssl.SSLContext:
    """A phone that knows one version."""
    return phone(lowest=version, highest=version, **{"ciphers": "ALL:COMPLEMENTOFALL", **options})  # type: ignore[arg-type]
