"""Whom the phone trusts, by which certificate it is known itself, and how old a TLS it puts up with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from provserver.domain.parameters import At, Entry, Parameter
from provserver.vendors.polycom.flash import FLASH

_SWITCH = {True: "1", False: "0"}
_SERVER = "a published provisioning server for Polycom"
_PEM_BEGIN, _PEM_END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
# The lowest version; 1.3 is in one source only.
_VERSIONS = {"1.0": "TLSv1_0", "1.1": "TLSv1_1", "1.2": "TLSv1_2", "1.3": "TLSv1_3"}
# device.* are read when the phone provisions itself, the others by its applications; names vary by release (L).
_OF_FLASH = ("device.sec.TLS.protocol.prov",)
_OF_FILES = ("sec.TLS.protocol.sip", "sec.TLS.protocol.browser")


def _authority(certificate: str, _at: At) -> Iterator[Entry]:
    """
    Put the certificate into the phone's first place for one, and let the first profile trust it beside all others.

    PEM in one line: blanks are what XML makes of the line breaks that published files have in this attribute.
    """
    yield Entry("device.sec.TLS.customCaCert1", f"{_PEM_BEGIN} {certificate} {_PEM_END}", FLASH)
    yield Entry("device.sec.TLS.profile.caCertList1", "All", FLASH)


def _versions(oldest: str, _at: At, *, names: tuple[str, ...], place: str) -> Iterator[Entry]:
    for name in names:
        yield Entry(name, _VERSIONS[oldest], place)


TRUST: tuple[Parameter, ...] = (
    Parameter(
        setting="tls_verify",
        write="device.sec.TLS.prov.strictCertCommonNameValidation",
        values=_SWITCH,
        section="device",
        place=FLASH,
        source="FusionPBX polycom 6.x; UC Software 5.9 TLS pages",
        confidence="M",
    ),
    Parameter(
        setting="tls_verify",
        write="sec.TLS.prov.strictCertCommonNameValidation",
        values=_SWITCH,
        source="UC Software 5.9 TLS pages",
        confidence="M",
    ),
    Parameter(
        setting="trusted_ca",
        write=_authority,
        section="device",
        source=f"sheet polycom 5; {_SERVER}; the word All is a recollection of the guides",
        confidence="L",
    ),
    Parameter(
        setting="tls_client_certificate",
        write="device.sec.TLS.profile.deviceCert1",
        values={"factory": "Builtin", "custom": "Platform1"},
        section="device",
        place=FLASH,
        source="Feature Profile 37148: one built in and two of the platform; the words of caCertList1",
        confidence="M",
    ),
    Parameter(
        setting="tls_min_version",
        write=partial(_versions, names=_OF_FLASH, place=FLASH),
        section="device",
        source=_SERVER,
        confidence="L",
    ),
    Parameter(
        setting="tls_min_version",
        write=partial(_versions, names=_OF_FILES, place=""),
        source=_SERVER,
        confidence="L",
    ),
)
