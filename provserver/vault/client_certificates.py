"""
Whose certificate is it? `MakerAuthorities.identify` reads a phone's certificate and says which maker's device it names.

The handshake has shown that the phone holds the key. Here the certificate itself is judged: by the authorities of one
maker each, so that no maker's authority can name another maker's device, and by what that maker says of its subjects.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from provserver.clock import to_ms
from provserver.domain.identity import Doubt, FactoryCertificate, PeerIdentity
from provserver.domain.mac import MacAddress
from provserver.errors import ConfigurationError, InvalidValue

_OIDS = {
    "CN": NameOID.COMMON_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
}
_KEPT = 4_096  # identities of phones that come again; half a kB each
MAX_BYTES = 8_192  # of a certificate; factory certificates have about one kB


class MakerAuthorities:
    """
    The authorities of each maker. *facts* are what the makers say of their certificates, by slug.

    *expired_makers* are those whose expired certificates are believed all the same: their phones cannot get new ones.
    """

    def __init__(
        self,
        authorities: Mapping[str, Collection[x509.Certificate]],
        *,
        facts: Mapping[str, FactoryCertificate],
        expired_makers: Collection[str] = (),
    ) -> None:
        self._facts = facts
        self._expired_makers = frozenset(expired_makers)
        self._by_name: dict[bytes, list[tuple[str, x509.Certificate]]] = {}
        for slug, certificates in authorities.items():
            for certificate in certificates:
                name = certificate.subject.public_bytes()
                self._by_name.setdefault(name, []).append((slug, certificate))
        self._read = lru_cache(maxsize=_KEPT)(self._identify)

    @classmethod
    def load(
        cls,
        folder: Path | None,
        *,
        facts: Mapping[str, FactoryCertificate | None],
        expired_makers: Collection[str] = (),
    ) -> MakerAuthorities:
        """
        Read ``<maker>.pem`` of *folder*. Raises ConfigurationError for a file that is no known maker's or no PEM.

        A maker whose certificates we know nothing of cannot be believed, so its file is an error, not a silence.
        """
        known = {slug: fact for slug, fact in facts.items() if fact is not None}
        authorities: dict[str, list[x509.Certificate]] = {}
        for file in sorted(folder.glob("*.pem")) if folder else ():
            if file.stem not in facts:
                raise ConfigurationError(f"{file}: no maker is called {file.stem!r}")
            if file.stem not in known:
                raise ConfigurationError(f"{file}: nothing is known of this maker's certificates")
            try:
                authorities[file.stem] = x509.load_pem_x509_certificates(file.read_bytes())
            except (OSError, ValueError) as error:
                raise ConfigurationError(f"{file}: no certificates in PEM") from error
        return cls(authorities, facts=known, expired_makers=expired_makers)

    def identify(self, der: bytes, *, now_ms: int) -> PeerIdentity | Doubt:
        """
        Read the certificate *der* at *now_ms* (wall time). Never raises: what is not beyond doubt is a `Doubt`.

        The same certificate costs a look-up from the second time on.
        """
        if len(der) > MAX_BYTES:
            return Doubt.UNREADABLE
        found, expires_ms = self._read(der)
        if isinstance(found, PeerIdentity) and now_ms > expires_ms and found.maker not in self._expired_makers:
            return Doubt.EXPIRED
        return found

    def _identify(self, der: bytes) -> tuple[PeerIdentity | Doubt, int]:
        try:
            with warnings.catch_warnings():
                # Of serial numbers that are none: makers' old authorities wrote such, and strangers send anything.
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)
                certificate = x509.load_der_x509_certificate(der)
            expires_ms = to_ms(certificate.not_valid_after_utc)
            key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            maker = self._maker_of(certificate)
        except (ValueError, TypeError, UnsupportedAlgorithm):  # fail closed: a stranger can send any bytes
            return Doubt.UNREADABLE, 0
        if maker is None:
            return Doubt.UNKNOWN_AUTHORITY, expires_ms
        mac = _named(certificate.subject, self._facts[maker])
        if mac is None:
            return Doubt.GENERIC, expires_ms
        return PeerIdentity(maker=maker, mac=mac, key=hashlib.sha256(key).digest()), expires_ms

    def _maker_of(self, certificate: x509.Certificate) -> str | None:
        """The maker one of whose authorities has really signed *certificate*."""
        for slug, authority in self._by_name.get(certificate.issuer.public_bytes(), ()):
            try:
                certificate.verify_directly_issued_by(authority)
            except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
                continue
            return slug
        return None


def _named(subject: x509.Name, facts: FactoryCertificate) -> MacAddress | None:
    """The device that *subject* names; None for what many devices share."""
    values = [str(attribute.value) for attribute in subject]
    if any(pattern.search(value) for pattern in facts.generic for value in values):
        return None
    names = [str(attribute.value) for attribute in subject.get_attributes_for_oid(_OIDS[facts.attribute])]
    match = facts.pattern.fullmatch(names[0]) if len(names) == 1 else None
    if match is None:
        return None
    try:
        return MacAddress.parse(match["mac"])
    except InvalidValue:
        return None
