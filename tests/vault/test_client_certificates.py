"""A certificate names a device beyond doubt, or it is a doubt with a reason; no bytes raise."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.identity import Doubt, PeerIdentity
from provserver.domain.mac import MacAddress
from provserver.errors import ConfigurationError
from provserver.vault.client_certificates import MAX_BYTES, MakerAuthorities
from provserver.vendors import load_vendors
from tests.pki import LONG_AGO, Authority, Certificate, new_key

FACTS = {vendor.slug: vendor.certificate for vendor in load_vendors()}
KNOWN = {slug: facts for slug, facts in FACTS.items() if facts is not None}
MAC = MacAddress("805ec0aabbcc")
NOW_MS = 1_800_000_000_000  # 2027
YEALINK, CISCO, ROGUE = Authority("Yealink"), Authority("Cisco"), Authority("Rogue")


def authorities(*, expired_makers: tuple[str, ...] = ()) -> MakerAuthorities:
    roots: dict[str, list[x509.Certificate]] = {
        "yealink": [YEALINK.root.certificate],
        "cisco": [CISCO.root.certificate],
    }
    return MakerAuthorities(roots, facts=KNOWN, expired_makers=expired_makers)


def identified(certificate: Certificate) -> PeerIdentity | Doubt:
    return authorities().identify(certificate.der, now_ms=NOW_MS)


@pytest.mark.parametrize("name", ["805ec0aabbcc", "805EC0AABBCC", "80:5e:c0:aa:bb:cc"])
def test_a_phone_is_named_in_its_makers_own_way(name: str) -> None:
    found = identified(YEALINK.sign(CN=name, O="Yealink"))

    assert isinstance(found, PeerIdentity)
    assert (found.maker, found.mac) == ("yealink", MAC)


def test_cisco_has_the_mac_in_another_attribute() -> None:
    found = identified(CISCO.sign(OU="CP-8841-3PCC", L="88012BA01234", ST="000e08abcdef"))

    assert isinstance(found, PeerIdentity)
    assert (found.maker, found.mac) == ("cisco", MacAddress("000e08abcdef"))


@pytest.mark.parametrize(
    ("certificate", "doubt"),
    [
        (ROGUE.sign(CN="805ec0aabbcc"), Doubt.UNKNOWN_AUTHORITY),
        (YEALINK.sign(CN="805ec0aabbcc", until=LONG_AGO), Doubt.EXPIRED),
        (YEALINK.sign(CN="Yealink Equipment", O="Yealink"), Doubt.GENERIC),
        (YEALINK.sign(CN="805ec0aabbcc "), Doubt.GENERIC),
        (YEALINK.sign(CN="805ec0aabb"), Doubt.GENERIC),
        (YEALINK.sign(CN="ffffffffffff"), Doubt.GENERIC),
        (YEALINK.sign(O="805ec0aabbcc"), Doubt.GENERIC),
        (CISCO.sign(OU="cisco.com", L="ciscogeneric", ST="ciscogeneric"), Doubt.GENERIC),
        (CISCO.sign(OU="cisco.com", L="x", ST="000e08abcdef"), Doubt.GENERIC),
        (CISCO.sign(CN="000e08abcdef"), Doubt.GENERIC),
    ],
)
def test_what_names_no_device_is_a_doubt(certificate: Certificate, doubt: Doubt) -> None:
    assert identified(certificate) is doubt


def test_one_who_calls_himself_the_authority_is_not() -> None:
    """Same name, another key: the signature decides."""
    assert identified(Authority("Yealink").sign(CN="805ec0aabbcc")) is Doubt.UNKNOWN_AUTHORITY


def test_a_maker_may_be_believed_after_its_certificates_have_expired() -> None:
    old = YEALINK.sign(CN="805ec0aabbcc", until=LONG_AGO)

    assert isinstance(authorities(expired_makers=("yealink",)).identify(old.der, now_ms=NOW_MS), PeerIdentity)
    assert authorities(expired_makers=("cisco",)).identify(old.der, now_ms=NOW_MS) is Doubt.EXPIRED


def test_a_certificate_that_is_remembered_expires_all_the_same() -> None:
    certificate = YEALINK.sign(CN="805ec0aabbcc")
    known = authorities()

    assert isinstance(known.identify(certificate.der, now_ms=NOW_MS), PeerIdentity)
    assert known.identify(certificate.der, now_ms=NOW_MS + 100 * 365 * 86_400_000) is Doubt.EXPIRED


def test_the_key_tells_two_certificates_of_one_phone_together() -> None:
    key = new_key()
    first, second = (identified(YEALINK.sign(CN="805ec0aabbcc", key=key)) for _ in range(2))

    assert isinstance(first, PeerIdentity)
    assert isinstance(second, PeerIdentity)
    assert first.key == second.key
    assert len(first.key) == 32


@given(st.binary(max_size=600))
def test_no_bytes_raise(der: bytes) -> None:
    assert authorities().identify(der, now_ms=NOW_MS) is Doubt.UNREADABLE


@given(at=st.integers(min_value=0, max_value=250), value=st.integers(min_value=0, max_value=255))
def test_a_changed_certificate_names_nobody_else(at: int, value: int) -> None:
    der = bytearray(GOOD.der)
    der[at] = value

    found = authorities().identify(bytes(der), now_ms=NOW_MS)

    assert isinstance(found, Doubt) or (found.mac == MAC and bytes(der) == GOOD.der)


def test_what_is_too_large_is_not_read() -> None:
    assert authorities().identify(bytes(MAX_BYTES + 1), now_ms=NOW_MS) is Doubt.UNREADABLE


def test_a_folder_of_files_by_maker(tmp_path: Path) -> None:
    (tmp_path / "yealink.pem").write_bytes(YEALINK.root.pem + Authority("Yealink 2").root.pem)

    loaded = MakerAuthorities.load(tmp_path, facts=FACTS)

    assert isinstance(loaded.identify(GOOD.der, now_ms=NOW_MS), PeerIdentity)
    assert MakerAuthorities.load(None, facts=FACTS).identify(GOOD.der, now_ms=NOW_MS) is Doubt.UNKNOWN_AUTHORITY


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nobody.pem", YEALINK.root.pem, "no maker is called"),
        ("linphone.pem", YEALINK.root.pem, "nothing is known"),
        ("yealink.pem", b"not PEM", "no certificates"),
    ],
)
def test_a_file_that_cannot_be_believed_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ConfigurationError, match=said) as refused:
        MakerAuthorities.load(tmp_path, facts=FACTS)

    assert name in str(refused.value)


GOOD = YEALINK.sign(CN="805ec0aabbcc")
