"""Files that ``openssl enc`` reads, always the same bytes for the same content."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.ciphers.openssl import SALTED, UNSALTED, encrypt_salted, encrypt_unsalted
from tests.ciphers.openssl import NEEDS_OPENSSL, decrypted, openssl

KEY = "SecretPhrase1234"  # of the maker's own example
CONTENTS = [b"", b"x", b"<flat-profile></flat-profile>\n", bytes(range(256)) * 300, b"0123456789abcdef"]
SALT = slice(8, 16)


class TestWithTheProgram:
    pytestmark = NEEDS_OPENSSL

    @pytest.mark.parametrize("content", CONTENTS, ids=len)
    @pytest.mark.parametrize("key", [KEY, "k", 'ä long passphrase, $PROXY and "quotes"' * 3])
    def test_openssl_reads_a_salted_file(self, content: bytes, key: str) -> None:
        assert decrypted(encrypt_salted(content, key), key) == content

    @pytest.mark.parametrize("content", CONTENTS, ids=len)
    @pytest.mark.parametrize("key", [KEY, "k", "a b~^%!&-_+=|.@", "*:;,?()[]{}<>/\\#", "`"])
    def test_openssl_reads_an_unsalted_file(self, content: bytes, key: str) -> None:
        assert decrypted(encrypt_unsalted(content, key), key, "-nosalt") == content

    def test_an_unsalted_file_is_what_openssl_itself_writes(self) -> None:
        content = b"network.vlan.wan.enable = 1\n"
        written = openssl("enc", "-aes-256-cbc", "-md", "md5", "-pass", f"pass:{KEY}", "-nosalt", content=content)

        assert encrypt_unsalted(content, KEY) == written

    def test_a_salted_file_is_what_openssl_itself_writes_with_that_salt(self) -> None:
        content = b"<flat-profile></flat-profile>\n"
        ours = encrypt_salted(content, KEY)
        written = openssl(
            "enc", "-aes-256-cbc", "-md", "md5", "-pass", f"pass:{KEY}", "-S", ours[SALT].hex(), content=content
        )

        assert ours[:8] == b"Salted__"
        assert ours[16:] == written.removeprefix(ours[:16])  # OpenSSL 3 leaves a given salt out of the file

    def test_another_passphrase_does_not_open_it(self) -> None:
        with pytest.raises(AssertionError):
            assert decrypted(encrypt_salted(CONTENTS[3], KEY), KEY + "x") == CONTENTS[3]


@settings(deadline=None)
@given(content=st.binary(max_size=200), key=st.text(min_size=1, max_size=40).filter(lambda key: key.isprintable()))
def test_the_same_content_gives_the_same_bytes(content: bytes, key: str) -> None:
    first = encrypt_salted(content, key)

    assert encrypt_salted(content, key) == first
    assert len(first) == 16 + len(content) // 16 * 16 + 16


def test_another_content_or_passphrase_gets_another_salt() -> None:
    salts = {encrypt_salted(content, key)[SALT] for content in CONTENTS for key in (KEY, KEY + "x", "")}

    assert len(salts) == 3 * len(CONTENTS)


def test_a_salted_file_is_known_by_its_bytes() -> None:
    """Worked out with OpenSSL 3.0: a release that gives others would make every phone load its file again."""
    assert encrypt_salted(b"content", KEY).hex() == "53616c7465645f5f643d71d42213a82f18dbfb0f489e2790994344cce5dc286f"
    assert encrypt_unsalted(b"content", KEY).hex() == "8a9d2a9d288d782bac95f00d6c25ef45"


@pytest.mark.parametrize("key", ["", "seventeen letters", "ümlaut", 'a"b', "a'b", "a$b", "a\nb"])
def test_a_passphrase_that_the_phone_cannot_be_given_is_refused_and_not_quoted(key: str) -> None:
    with pytest.raises(ValueError, match="passphrase") as refused:
        encrypt_unsalted(b"content", key)

    assert not key or key not in str(refused.value)


def test_both_are_offered_under_a_name_and_without_a_header() -> None:
    assert (SALTED.name, SALTED.content_encoding, SALTED.encrypt) == ("openssl", "", encrypt_salted)
    assert (UNSALTED.name, UNSALTED.content_encoding, UNSALTED.encrypt) == ("openssl_nosalt", "", encrypt_unsalted)
