"""The content coding of RFC 8188, checked by its own example, by a reader of ours and by ``openssl``."""

from __future__ import annotations

import base64
import struct

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.ciphers.aes128gcm import (
    AES128GCM,
    AES128GCM_BASE64URL,
    RECORD_BYTES,
    encrypt,
    key_from_base64url,
    seal_records,
)
from tests.ciphers.openssl import NEEDS_OPENSSL, openssl

KEY = "yqdlZ-tYemfogSmv7Ws5PQ"  # RFC 8188 3.1
IKM = base64.urlsafe_b64decode(KEY + "==")
ROOM = RECORD_BYTES - 17


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derived(ikm: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 as ``openssl kdf`` has it."""
    options = {"digest": "SHA256", "hexkey": ikm.hex(), "hexsalt": salt.hex(), "hexinfo": info.hex()}
    arguments = [word for name, value in options.items() for word in ("-kdfopt", f"{name}:{value}")]
    return openssl("kdf", "-keylen", str(length), *arguments, "-binary", "HKDF")


def test_the_example_of_the_rfc_comes_out() -> None:
    body = seal_records(b"I am the walrus", IKM, salt=from_base64url("I1BsxtFttlv3u_Oo94xnmw"))

    assert body == from_base64url("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")


class TestWithTheProgram:
    pytestmark = NEEDS_OPENSSL

    @pytest.mark.parametrize("size", [0, 1, 15, ROOM - 1, ROOM, ROOM + 1, 3 * ROOM])
    def test_openssl_derives_the_keys_and_reads_every_record(self, size: int) -> None:
        """GCM is counter mode from 2 on (SP 800-38D): the program reads the text, our reader below checks the tags."""
        content = bytes(number % 251 for number in range(size))
        body = encrypt(content, IKM)
        salt = body[:16]
        key = derived(IKM, salt, b"Content-Encoding: aes128gcm\x00", 16)
        base = int.from_bytes(derived(IKM, salt, b"Content-Encoding: nonce\x00", 12))

        found = b""
        records = [body[start : start + RECORD_BYTES] for start in range(21, len(body), RECORD_BYTES)]
        for number, record in enumerate(records):
            counter = (base ^ number).to_bytes(12).hex() + "00000002"
            text = openssl("enc", "-d", "-aes-128-ctr", "-K", key.hex(), "-iv", counter, content=record[:-16])
            found += text[:-1]
            assert text[-1] == (2 if number == len(records) - 1 else 1)
        assert found == content
        assert read(body, key, base) == content


def read(body: bytes, key: bytes, base: int) -> bytes:
    """Open all records, tags and all."""
    record_bytes, name_length = struct.unpack(">IB", body[16:21])
    assert (record_bytes, name_length) == (RECORD_BYTES, 0)
    found = b""
    for number, start in enumerate(range(21, len(body), RECORD_BYTES)):
        nonce = (base ^ number).to_bytes(12)
        found += AESGCM(key).decrypt(nonce, body[start : start + RECORD_BYTES], None)[:-1]
    return found


@settings(deadline=None)
@given(content=st.binary(max_size=ROOM + 9), ikm=st.binary(min_size=1, max_size=40))
def test_the_same_content_gives_the_same_bytes_and_another_another_salt(content: bytes, ikm: bytes) -> None:
    body = encrypt(content, ikm)

    assert encrypt(content, ikm) == body
    assert encrypt(content + b"x", ikm)[:16] != body[:16]
    assert encrypt(content, ikm + b"x")[:16] != body[:16]


def test_an_altered_body_does_not_open() -> None:
    body = bytearray(encrypt(b"content", IKM))
    body[-1] ^= 1

    with pytest.raises(InvalidTag):
        AESGCM(bytes(16)).decrypt(bytes(12), bytes(body[21:]), None)


@pytest.mark.parametrize("text", [KEY, f"{KEY}=="])
def test_a_key_is_read_as_the_rfc_writes_it(text: str) -> None:
    assert key_from_base64url(text) == IKM


@pytest.mark.parametrize("text", ["", "==", "a", "ab cd", "+/+/", "päss", "YWJj!"])
def test_what_is_no_base64url_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="base64url") as refused:
        AES128GCM_BASE64URL.encrypt(b"content", text)

    assert len(text) < 4 or text not in str(refused.value)


def test_a_key_is_taken_as_text_or_as_what_the_text_stands_for() -> None:
    assert AES128GCM.encrypt(b"content", KEY) == encrypt(b"content", KEY.encode())
    assert AES128GCM_BASE64URL.encrypt(b"content", KEY) == encrypt(b"content", IKM)
    assert AES128GCM.content_encoding == AES128GCM_BASE64URL.content_encoding == "aes128gcm"
