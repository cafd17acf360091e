"""A phone with a passphrase gets its files encrypted without a salt, and one that it cannot be given stops the file."""

from __future__ import annotations

import pytest

from provserver.domain.slot import PROVISIONING_URL
from provserver.errors import UnfitValue
from provserver.render import Renderer, finish
from provserver.secret import Secret
from provserver.vendors.vtech import VENDOR
from provserver.vendors.vtech.boot import read_settings
from tests.ciphers.openssl import NEEDS_OPENSSL, decrypted
from tests.vendors.vtech.phone import BENCH
from tests.vendors.workbench import URL

FILES = [rule.name for rule in VENDOR.files if rule.encryptions]


def sent(name: str, key: str) -> bytes:
    view = BENCH.view(held=("line.1.password", "setting.config_key"))
    secrets = {"line.1.password": "s3cret", "setting.config_key": key, PROVISIONING_URL: URL}
    skeleton = Renderer().render(VENDOR, VENDOR.file(name), view)
    return finish(skeleton, {field: Secret(text) for field, text in secrets.items()})


class TestWithTheProgram:
    pytestmark = NEEDS_OPENSSL

    @pytest.mark.parametrize("name", FILES)
    def test_openssl_reads_every_file(self, name: str) -> None:
        assert decrypted(sent(name, "Pass phrase 1234"), "Pass phrase 1234", "-nosalt").isascii()

    def test_the_phone_is_told_to_go_on_so(self) -> None:
        told = read_settings(decrypted(sent("specific-vsp", "phrase"), "phrase", "-nosalt").decode())

        assert told["provisioning.crypto_enable"] == "1"
        assert told["provisioning.crypto_passphrase"] == "phrase"
        assert "s3cret" in told.values()


@pytest.mark.parametrize("key", ["seventeen letters", 'quote"', ""])
def test_a_passphrase_that_these_phones_do_not_take_stops_the_file(key: str) -> None:
    with pytest.raises(UnfitValue, match="config_key") as refused:
        sent("specific-vsp", key)

    assert not key or key not in str(refused.value)
