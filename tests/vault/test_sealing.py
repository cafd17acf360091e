"""Sealing: what goes in comes out at its own place, and nowhere else."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.sealed import Binding, Sealed, WrappedKey
from provserver.errors import InvalidValue, KeyUnusable, TamperedSecret
from provserver.secret import Secret
from provserver.vault.keyring import KeyRing
from provserver.vault.sealing import SealedStream, open_bytes, open_sealed, rewrap, seal
from tests.vault.leaks import leaks

PASSWORD = "correct-horse-battery"
HERE = Binding(tenant="acme", owner="5f0c2d7e", field="line.1.password")
ELSEWHERE = [
    replace(HERE, tenant="acmf"),
    replace(HERE, owner="5f0c2d7f"),
    replace(HERE, owner="tenant:acme"),
    replace(HERE, field="line.2.password"),
    # The same characters, cut at other places: what a delimiter could not tell apart.
    Binding(tenant="acme5", owner="f0c2d7e", field="line.1.password"),
    Binding(tenant="acme", owner="5f0c2d7el", field="ine.1.password"),
    Binding(tenant="5f0c2d7e", owner="acme", field="line.1.password"),
]


def sealed_in_pieces(pieces: Sequence[bytes], *, ring: KeyRing) -> tuple[Sealed, WrappedKey]:
    """What a phone sends, sealed as it comes in."""
    stream = SealedStream(HERE, ring=ring)
    ciphertext = b"".join([*map(stream.update, pieces), stream.finish()])
    return replace(stream.sealed, ciphertext=ciphertext), stream.wrapped


def flips(blob: bytes) -> list[bytes]:
    """*blob* with one bit turned over, for each bit."""
    number = int.from_bytes(blob)
    return [(number ^ (1 << bit)).to_bytes(len(blob)) for bit in range(8 * len(blob))]


def cuts(blob: bytes) -> list[bytes]:
    """*blob* cut short at every length, and grown by one byte at either end."""
    return [*(blob[:length] for length in range(len(blob))), blob[1:], blob + b"\0", b"\0" + blob]


def test_every_text_comes_back(lasting_ring: KeyRing) -> None:
    # Lone surrogates too: they cannot be sent to a phone, but sealing is not where that is found out.
    @given(text=st.text(alphabet=st.characters()), place=st.tuples(*[st.text(min_size=1)] * 3))
    def check(text: str, place: tuple[str, str, str]) -> None:
        binding = Binding(tenant=place[0], owner=place[1], field=place[2])

        sealed, wrapped = seal(Secret(text), binding, ring=lasting_ring)

        assert open_sealed(sealed, wrapped, binding=binding, ring=lasting_ring).reveal() == text

    check()


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "пароль", "🔑" * 300, "x" * 100_000])
def test_unusual_texts_come_back(ring: KeyRing, text: str) -> None:
    sealed, wrapped = seal(Secret(text), HERE, ring=ring)

    assert open_sealed(sealed, wrapped, binding=HERE, ring=ring).reveal() == text


def test_every_content_comes_back(lasting_ring: KeyRing) -> None:
    @given(pieces=st.lists(st.binary(max_size=1024), max_size=5))
    def check(pieces: list[bytes]) -> None:
        sealed, wrapped = sealed_in_pieces(pieces, ring=lasting_ring)

        assert open_bytes(sealed, wrapped, binding=HERE, ring=lasting_ring) == b"".join(pieces)

    check()


def test_a_content_that_lacks_its_end_does_not_open(ring: KeyRing) -> None:
    sealed, wrapped = sealed_in_pieces([b"first", b"second"], ring=ring)
    for cut in (1, 16, 22, len(sealed.ciphertext)):
        with pytest.raises(TamperedSecret):
            open_bytes(replace(sealed, ciphertext=sealed.ciphertext[:-cut]), wrapped, binding=HERE, ring=ring)


@pytest.mark.parametrize("other", ELSEWHERE, ids=str)
def test_nothing_opens_at_another_place(ring: KeyRing, other: Binding) -> None:
    text, content = seal(Secret(PASSWORD), HERE, ring=ring), sealed_in_pieces([PASSWORD.encode()], ring=ring)

    with pytest.raises(TamperedSecret):
        open_sealed(*text, binding=other, ring=ring)
    with pytest.raises(TamperedSecret):
        open_bytes(*content, binding=other, ring=ring)


def test_no_two_values_can_trade_their_rows(ring: KeyRing) -> None:
    """Two passwords of one field, of one device, an older one and a newer: still not interchangeable."""
    sealed_old, wrapped_old = seal(Secret("old"), HERE, ring=ring)
    sealed_new, wrapped_new = seal(Secret("new"), HERE, ring=ring)
    trades = [
        (sealed_old, wrapped_new),
        (sealed_new, wrapped_old),
        (replace(sealed_old, key_id=sealed_new.key_id), wrapped_new),
        (sealed_old, replace(wrapped_new, key_id=sealed_old.key_id)),
        (sealed_old, replace(wrapped_old, key_id=sealed_new.key_id)),
        (replace(sealed_old, ciphertext=sealed_new.ciphertext), wrapped_old),
        (replace(sealed_old, nonce=sealed_new.nonce, ciphertext=sealed_new.ciphertext), wrapped_old),
        (replace(sealed_old, nonce=sealed_new.nonce), wrapped_old),
        (sealed_old, replace(wrapped_old, wrapped=wrapped_new.wrapped)),
        (sealed_old, replace(wrapped_old, nonce=wrapped_new.nonce, wrapped=wrapped_new.wrapped)),
    ]

    for sealed, wrapped in trades:
        with pytest.raises(TamperedSecret):
            open_sealed(sealed, wrapped, binding=HERE, ring=ring)


def test_both_rows_renamed_alike_do_not_open(ring: KeyRing) -> None:
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)
    other_id = "0" * 32

    with pytest.raises(TamperedSecret):
        open_sealed(replace(sealed, key_id=other_id), replace(wrapped, key_id=other_id), binding=HERE, ring=ring)


@pytest.mark.parametrize("damage", [flips, cuts])
def test_every_damaged_bit_and_every_cut_is_noticed(ring: KeyRing, damage: object) -> None:
    assert callable(damage)
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)
    damaged = [
        *((replace(sealed, nonce=blob), wrapped) for blob in damage(sealed.nonce)),
        *((replace(sealed, ciphertext=blob), wrapped) for blob in damage(sealed.ciphertext)),
        *((sealed, replace(wrapped, nonce=blob)) for blob in damage(wrapped.nonce)),
        *((sealed, replace(wrapped, wrapped=blob)) for blob in damage(wrapped.wrapped)),
    ]

    assert len(damaged) > 100
    for pair in damaged:
        with pytest.raises(TamperedSecret):
            open_sealed(*pair, binding=HERE, ring=ring)


@pytest.mark.parametrize("alg", [-1, 0, 2, 255, 256])
def test_an_unknown_algorithm_is_refused(ring: KeyRing, alg: int) -> None:
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)

    with pytest.raises(TamperedSecret):
        open_sealed(replace(sealed, alg=alg), wrapped, binding=HERE, ring=ring)


def test_a_data_key_that_claims_another_generation_is_refused(ring: KeyRing, keys: Path) -> None:
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)
    ring.add_generation()

    with pytest.raises(TamperedSecret):
        open_sealed(sealed, replace(wrapped, generation=2), binding=HERE, ring=ring)
    for absent in (-1, 0, 3, 2**70):
        with pytest.raises(KeyUnusable) as refusal:
            open_sealed(sealed, replace(wrapped, generation=absent), binding=HERE, ring=ring)
        assert refusal.value.path == keys / f"kek-{absent}.key"


def test_another_ring_opens_nothing(ring: KeyRing, tmp_path: Path) -> None:
    stranger = KeyRing.create(tmp_path / "stranger")
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)

    with pytest.raises(TamperedSecret):
        open_sealed(sealed, wrapped, binding=HERE, ring=stranger)


def test_a_file_that_a_phone_sent_never_opens_as_a_password(ring: KeyRing) -> None:
    text, content = seal(Secret(PASSWORD), HERE, ring=ring), sealed_in_pieces([PASSWORD.encode()], ring=ring)

    with pytest.raises(TamperedSecret):
        open_sealed(*content, binding=HERE, ring=ring)
    with pytest.raises(TamperedSecret):
        open_bytes(*text, binding=HERE, ring=ring)


def test_sealing_the_same_secret_twice_shows_no_likeness(ring: KeyRing) -> None:
    (sealed, wrapped), (sealed_again, wrapped_again) = (seal(Secret(PASSWORD), HERE, ring=ring) for _ in range(2))

    assert len(sealed.key_id) == len(bytes.fromhex(sealed.key_id)) * 2 == 32
    assert sealed.key_id != sealed_again.key_id
    assert sealed.ciphertext != sealed_again.ciphertext
    assert wrapped.wrapped != wrapped_again.wrapped


def test_no_nonce_and_no_key_id_is_drawn_twice(lasting_ring: KeyRing) -> None:
    """No count proves randomness; this finds a draw that is cached, counted from a start, or cut to 32 bits."""
    seen: set[bytes | str] = set()
    rows = 100_000  # 32 random bits would repeat with a chance of 69 % in each of the three kinds

    for _ in range(rows):
        sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=lasting_ring)
        seen |= {sealed.key_id, sealed.nonce, wrapped.nonce}

    assert len(seen) == 3 * rows


def test_rows_hold_what_the_format_says(keys: Path) -> None:
    """
    A row made here by hand, byte for byte from the description of the format, opens.

    What was sealed years ago must open: a change that breaks this needs a new algorithm number, not a new expectation.
    """
    ring_key, data_key, nonce, key_nonce = bytes(range(32)), bytes(range(32, 64)), b"n" * 12, b"k" * 12
    keys.mkdir()
    head = b"provserver-kek v1 7 " + base64.b64encode(ring_key)
    (keys / "kek-7.key").write_bytes(head + b" " + sha256(head).hexdigest()[:8].encode() + b"\n")
    (keys / "kek-7.key").chmod(0o400)
    place = (
        b"\0\0\0\x0bprov-secret"
        b"\0\0\0\x01\x01"
        b"\0\0\0\x04acme"
        b"\0\0\0\x085f0c2d7e"
        b"\0\0\0\x0fline.1.password"
        b"\0\0\0\x20000102030405060708090a0b0c0d0e0f"
    )
    key_place = b"\0\0\0\x20000102030405060708090a0b0c0d0e0f\0\0\0\x085f0c2d7e\0\0\0\x08\0\0\0\0\0\0\0\x07"
    key_id = bytes(range(16)).hex()
    sealed = Sealed(
        key_id=key_id, alg=1, nonce=nonce, ciphertext=AESGCM(data_key).encrypt(nonce, "größe".encode(), place)
    )
    wrapped = WrappedKey(
        key_id=key_id,
        generation=7,
        nonce=key_nonce,
        wrapped=AESGCMSIV(ring_key).encrypt(key_nonce, data_key, key_place),
    )

    assert open_sealed(sealed, wrapped, binding=HERE, ring=KeyRing.load(keys)).reveal() == "größe"


@pytest.mark.parametrize("part", ["tenant", "owner", "field"])
def test_a_place_without_a_part_is_no_place(part: str) -> None:
    with pytest.raises(InvalidValue, match=part):
        replace(HERE, **{part: ""})


def test_no_row_and_no_refusal_shows_a_secret(ring: KeyRing, keys: Path) -> None:
    """Neither the password nor the data key nor the ring's key is in a text or in a variable that a traceback shows."""
    secret = Secret(PASSWORD)
    sealed, wrapped = seal(secret, HERE, ring=ring)
    ring_key = base64.b64decode((keys / "kek-1.key").read_bytes().split()[3])
    key_place = (
        b"\0\0\0\x20"
        + sealed.key_id.encode()
        + b"\0\0\0\x08"
        + HERE.owner.encode()
        + b"\0\0\0\x08"
        + bytes(7)
        + b"\x01"
    )
    data_key = AESGCMSIV(ring_key).decrypt(wrapped.nonce, wrapped.wrapped, key_place)

    for damaged_sealed, damaged_wrapped, binding in [
        (sealed, wrapped, ELSEWHERE[0]),
        (replace(sealed, ciphertext=flips(sealed.ciphertext)[-1]), wrapped, HERE),
        (sealed, replace(wrapped, wrapped=flips(wrapped.wrapped)[0]), HERE),
        (sealed, replace(wrapped, generation=9), HERE),
    ]:
        with pytest.raises((TamperedSecret, KeyUnusable)) as refusal:
            open_sealed(damaged_sealed, damaged_wrapped, binding=binding, ring=ring)
        for hidden in (PASSWORD, data_key, ring_key):
            assert leaks(refusal.value, hidden) == []
    assert PASSWORD not in f"{sealed} {sealed!r} {wrapped} {wrapped!r} {secret} {secret!r} {ring!r}"


def test_a_refusal_says_which_value_it_is(ring: KeyRing) -> None:
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)

    with pytest.raises(TamperedSecret) as refusal:
        open_sealed(replace(sealed, alg=2), wrapped, binding=HERE, ring=ring)

    assert str(refusal.value) == f"'line.1.password' of '5f0c2d7e', key '{sealed.key_id}', does not open"


def test_the_search_for_leaks_finds_leaks() -> None:
    """The check above can fail: an error from within a frame of this program that holds the secret is reported."""
    with pytest.raises(AttributeError) as refusal:
        seal(Secret(PASSWORD), HERE, ring=None)  # type: ignore[arg-type]

    assert leaks(refusal.value, PASSWORD) != []


def test_rewrapped_secrets_open_and_the_main_row_stays_as_it_is(ring: KeyRing) -> None:
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)
    ring.add_generation()

    rewrapped = rewrap(wrapped, owner=HERE.owner, ring=ring)

    assert (rewrapped.generation, rewrapped.key_id) == (2, wrapped.key_id)
    assert rewrapped.nonce != wrapped.nonce
    assert open_sealed(sealed, rewrapped, binding=HERE, ring=ring).reveal() == PASSWORD
    assert open_sealed(sealed, wrapped, binding=HERE, ring=ring).reveal() == PASSWORD
    assert rewrap(rewrapped, owner=HERE.owner, ring=ring) is rewrapped


def test_after_destruction_only_rewrapped_secrets_open(ring: KeyRing, keys: Path) -> None:
    """The old keystore row is what a forgotten backup holds: worthless, also to a process that just began."""
    sealed, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)
    ring.add_generation()
    rewrapped = rewrap(wrapped, owner=HERE.owner, ring=ring)

    ring.destroy(1)

    for survivor in (ring, KeyRing.load(keys)):
        assert open_sealed(sealed, rewrapped, binding=HERE, ring=survivor).reveal() == PASSWORD
        with pytest.raises(KeyUnusable) as refusal:
            open_sealed(sealed, wrapped, binding=HERE, ring=survivor)
        assert refusal.value.path == keys / "kek-1.key"
        with pytest.raises(KeyUnusable):
            rewrap(wrapped, owner=HERE.owner, ring=survivor)


def test_a_damaged_or_foreign_data_key_is_not_rewrapped(ring: KeyRing) -> None:
    _, wrapped = seal(Secret(PASSWORD), HERE, ring=ring)
    ring.add_generation()
    damaged = [
        *(replace(wrapped, wrapped=blob) for blob in flips(wrapped.wrapped)),
        *(replace(wrapped, nonce=blob) for blob in [*flips(wrapped.nonce), *cuts(wrapped.nonce)]),
        replace(wrapped, key_id="0" * 32),
    ]

    for row in damaged:
        with pytest.raises(TamperedSecret):
            rewrap(row, owner=HERE.owner, ring=ring)
    with pytest.raises(TamperedSecret):
        rewrap(wrapped, owner="another device", ring=ring)


def test_new_secrets_are_sealed_under_the_newest_generation(ring: KeyRing) -> None:
    assert seal(Secret(PASSWORD), HERE, ring=ring)[1].generation == 1

    ring.add_generation()

    assert seal(Secret(PASSWORD), HERE, ring=ring)[1].generation == 2
