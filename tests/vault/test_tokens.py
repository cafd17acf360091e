"""URL tokens: the same for ever, different for everything else, and shown by nothing that is stored."""

import hashlib
import hmac
import pickle
import re
import shutil
from base64 import b64decode, urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.errors import KeyUnusable
from provserver.vault.tokens import TOKEN_CHARACTERS, TokenKey
from tests.vault.leaks import leaks

KEY = bytes(range(32))
LINE = b"provserver-token v1 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= "
DEVICE = "5f0c2d7e"


@pytest.fixture
def fixed(tmp_path: Path) -> TokenKey:
    """The token key whose bytes are known."""
    file = tmp_path / "token.key"
    file.write_bytes(LINE + hashlib.sha256(LINE[:-1]).hexdigest()[:8].encode() + b"\n")
    file.chmod(0o400)
    return TokenKey.load(tmp_path)


def hkdf(key: bytes, info: bytes) -> bytes:
    """RFC 5869 for 32 bytes without salt, written out from the standard library."""
    return hmac.digest(hmac.digest(bytes(32), key, "sha256"), info + b"\x01", "sha256")


def test_tokens_are_derived_as_described(fixed: TokenKey) -> None:
    """Phones out there hold these URLs: another way to derive them cuts every one of them off."""
    message = b"\0\0\0\x085f0c2d7e\0\0\0\x08\0\0\0\0\0\0\0\x02"
    key = hkdf(KEY, b"provserver url token v1")

    for kind, prefix in [("lasting", b"\0\0\0\x07lasting"), ("bootstrap", b"\0\0\0\x09bootstrap")]:
        whole = urlsafe_b64encode(hmac.digest(key, prefix + message, "sha256")).decode()
        assert getattr(fixed, kind)(DEVICE, 2) == whole[:24]


def test_stored_hashes_are_derived_as_described(fixed: TokenKey) -> None:
    fingerprints, tags = hkdf(KEY, b"provserver token fingerprint v1"), hkdf(KEY, b"provserver content tag v1")

    assert fixed.fingerprint("abc") == hmac.digest(fingerprints, b"\0\0\0\x03abc", "sha256")[:16]
    assert fixed.tag(b"abc") == hmac.digest(tags, b"abc", "sha256").hex()[:32]


def test_the_seal_of_an_anchor_is_derived_as_described(fixed: TokenKey) -> None:
    message = b"\0\0\0\x08" + (7).to_bytes(8) + b"\0\0\0\x02ab" + b"\0\0\0\x08" + (9).to_bytes(8)

    assert fixed.anchor(7, "ab", 9) == hmac.digest(hkdf(KEY, b"provserver audit anchor v1"), message, "sha256")


def test_tokens_are_what_they_were(fixed: TokenKey) -> None:
    assert fixed.lasting(DEVICE, 1) == "gIKnaNPdEltDVY3N7WeLlObp"
    assert fixed.bootstrap(DEVICE, 1) == "fE0mhOPbO6i1vzQpFNQY-JF9"
    assert fixed.fingerprint("gIKnaNPdEltDVY3N7WeLlObp").hex() == "251a39bd9188240dfe28798c13a4303d"
    assert fixed.tag(b"") == "8e3ff0e99c0473a080fc85a7a4dd118f"
    assert fixed.check_value().hex() == "fb4804806354e3244434f1d1f3fb8146ea4a7531d14f5d6958a4555e4dedd3d3"


def test_every_token_fits_a_url(tmp_path: Path) -> None:
    key = TokenKey.create(tmp_path)

    @given(device=st.text(), generation=st.integers(min_value=0, max_value=2**64 - 1))
    def check(device: str, generation: int) -> None:
        for token in (key.lasting(device, generation), key.bootstrap(device, generation)):
            assert re.fullmatch(r"[A-Za-z0-9_-]{24}", token)
            assert len(token) == TOKEN_CHARACTERS

    check()


def test_device_generation_and_kind_each_change_the_token(tmp_path: Path) -> None:
    key = TokenKey.create(tmp_path)
    devices = [DEVICE, DEVICE + "0", "", "lasting", "é"]

    tokens = [make(device, generation) for make in (key.lasting, key.bootstrap) for device in devices
              for generation in range(100)]  # fmt: skip

    assert len(set(tokens)) == 2 * 5 * 100


def test_tokens_survive_a_restart_and_differ_by_installation(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here, there = TokenKey.create(tmp_path / "here"), TokenKey.create(tmp_path / "there")
    restarted = TokenKey.load(tmp_path / "here")

    assert restarted.lasting(DEVICE, 1) == here.lasting(DEVICE, 1) != there.lasting(DEVICE, 1)
    assert restarted.fingerprint("t") == here.fingerprint("t") != there.fingerprint("t")
    assert restarted.tag(b"t") == here.tag(b"t") != there.tag(b"t")


def test_fingerprints_take_whatever_strangers_send(fixed: TokenKey) -> None:
    texts = ["", "\0", "\ud800", "\udcff", "é", "e\u0301", "x" * 100_000, fixed.lasting(DEVICE, 1)]

    prints = {fixed.fingerprint(text) for text in texts}

    assert len(prints) == len(texts)
    assert {len(fingerprint) for fingerprint in prints} == {16}


def test_a_fingerprint_is_no_token_and_no_tag(fixed: TokenKey) -> None:
    """What the store and the log hold must not be turned into a URL by anybody who can make the other hashes."""
    token = fixed.lasting(DEVICE, 1)
    fingerprint = fixed.fingerprint(token)

    assert urlsafe_b64encode(fingerprint).decode()[:16] != token[:16]
    assert fingerprint.hex() != fixed.tag(token.encode())
    assert hashlib.sha256(token.encode()).digest()[:16] != fingerprint


def test_tags_are_32_hex_digits(fixed: TokenKey) -> None:
    tags = {fixed.tag(content) for content in (b"", b"\0", b"a", b"a" * 1_000_000)}

    assert len(tags) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", tag) for tag in tags)


def test_marks_tell_versions_apart_and_are_nothing_else_of_the_key(fixed: TokenKey) -> None:
    version = "0199c82cc000d2620fa260cb94a707c9"

    mark = fixed.mark(version)

    assert re.fullmatch("[0-9a-f]{8}", mark)
    assert mark == fixed.mark(version) != fixed.mark(version[:-1])
    assert not fixed.tag(version.encode()).startswith(mark)
    assert not fixed.fingerprint(version).hex().startswith(mark)


def test_a_token_key_is_not_made_twice(tmp_path: Path) -> None:
    TokenKey.create(tmp_path)
    before = (tmp_path / "token.key").read_bytes()

    with pytest.raises(KeyUnusable, match=r"token\.key: exists already"):
        TokenKey.create(tmp_path)

    assert (tmp_path / "token.key").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (None, 0o400, "is missing"),
        (LINE, 0o400, "is cut short"),
        (LINE + b"00000000\n", 0o400, "checksum"),
        (LINE.replace(b"token", b"kek") + b"00000000\n", 0o400, "does not start"),
        (LINE, 0o644, "mode 0644"),
    ],
)
def test_a_token_file_that_is_not_as_it_should_be_is_refused(
    tmp_path: Path, content: bytes | None, mode: int, problem: str
) -> None:
    file = tmp_path / "token.key"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)

    with pytest.raises(KeyUnusable, match=problem) as refusal:
        TokenKey.load(tmp_path)

    assert refusal.value.path == file
    assert leaks(refusal.value, LINE.split()[3]) == []


def test_another_token_key_is_noticed(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here, there = TokenKey.create(tmp_path / "here"), TokenKey.create(tmp_path / "there")

    TokenKey.load(tmp_path / "here").verify(here.check_value())
    with pytest.raises(KeyUnusable, match="is another key") as refusal:
        there.verify(here.check_value())
    assert refusal.value.path == tmp_path / "there" / "token.key"


def test_a_key_of_the_ring_is_no_token_key(tmp_path: Path, ring: object, keys: Path) -> None:
    assert ring
    shutil.copy2(keys / "kek-1.key", tmp_path / "token.key")

    with pytest.raises(KeyUnusable, match="does not start with 'provserver-token v1 '"):
        TokenKey.load(tmp_path)


def test_the_token_key_shows_nowhere(fixed: TokenKey, tmp_path: Path) -> None:
    shown = f"{fixed} {fixed!r}"

    assert repr(fixed) == f"<TokenKey {str(tmp_path / 'token.key')!r}>"
    assert b64decode(LINE.split()[3]) == KEY
    for hidden in (KEY, fixed._tokens, fixed._fingerprints, fixed._tags):
        assert repr(hidden)[2:-1] not in shown
        assert hidden.hex() not in shown
    with pytest.raises(TypeError):
        pickle.dumps(fixed)
