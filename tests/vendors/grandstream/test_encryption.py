"""A device with a key gets its file encrypted, and is told the key; without one the file goes in clear."""

from __future__ import annotations

import pytest

from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.view import DeviceView
from provserver.render import finish
from provserver.secret import Secret
from provserver.vendors.grandstream import VENDOR
from tests.ciphers.openssl import NEEDS_OPENSSL, decrypted
from tests.vendors.grandstream.device import ADAPTER, CLASSIC, EACH, NAMED, RENDERER, URL, read, view_of

pytestmark = NEEDS_OPENSSL
KEY = "SecretPhrase1234"
SECRETS = {
    "line.1.password": Secret("s3cret"),
    "setting.config_key": Secret(KEY),
    PROVISIONING_URL: Secret(URL),
}


def sent(view: DeviceView) -> bytes:
    return finish(RENDERER.render(VENDOR, VENDOR.file("config"), view), SECRETS)


@pytest.mark.parametrize("model", EACH)
def test_openssl_reads_the_file_of_a_device_with_a_key(model: str) -> None:
    body = sent(view_of(model=model, held=("line.1.password", "setting.config_key")))

    assert body.startswith(b"Salted__")
    assert b"s3cret" not in body
    assert "s3cret" in read(decrypted(body, KEY)).values()


@pytest.mark.parametrize("model", [CLASSIC, ADAPTER])
def test_a_device_is_told_its_key(model: str) -> None:
    body = sent(view_of(model=model, held=("line.1.password", "setting.config_key")))

    assert read(decrypted(body, KEY))["P1359"] == KEY


def test_without_a_key_the_file_goes_in_clear() -> None:
    body = sent(view_of(model=NAMED, held=("line.1.password",)))

    assert body.startswith(b"<?xml")
