"""A file is encrypted after its secrets were put in, for a device that has a key, always to the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provserver.domain.artefact import FileEncryption, Hole, Skeleton
from provserver.domain.formats import KEY_VALUE, escape_key_value
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import FileRule, Vendor
from provserver.domain.view import DeviceView
from provserver.errors import UnfitValue
from provserver.render import Renderer, fill, finish
from provserver.secret import Secret
from tests.played import FIRST, make_vendor

KEY = SecretSlot("setting.config_key")
SECRETS = {"setting.config_key": Secret("k3y"), "setting.admin_password": Secret("hunter2")}
TEXT = b"fixed = 1\npass = hunter2\n"


def shown(content: bytes, key: str) -> bytes:
    """A cipher that hides nothing, so that a test can see what it was given."""
    if key != "k3y":
        msg = "is not the key of these tests"
        raise ValueError(msg)
    return b"(" + key.encode() + b")" + content


FILE = FileEncryption(name="openssl", encrypt=shown)
BODY = FileEncryption(
    name="aes128gcm", encrypt=lambda content, key: shown(content, key) + b"!", content_encoding="rot0"
)


def rule(*ways: FileEncryption) -> FileRule:
    return FileRule(
        name="config",
        pattern="{mac}.cfg",
        template="config.j2",
        format=KEY_VALUE,
        encryptions=ways,
        source="none",
        confidence="L",
    )


def view(**settings: str | SecretSlot) -> DeviceView:
    return DeviceView(mac=FIRST, settings={"admin_password": SecretSlot("setting.admin_password"), **settings})


@pytest.fixture
def render(tmp_path: Path) -> tuple[Vendor, Renderer]:
    (tmp_path / "tester").mkdir()
    (tmp_path / "tester" / "config.j2").write_text("fixed = 1\npass = {{ device.settings.admin_password | reveal }}\n")
    return replace(make_vendor(), files=(rule(FILE, BODY),)), Renderer(tmp_path)


def test_the_whole_file_is_encrypted_with_its_secrets_in_it(render: tuple[Vendor, Renderer]) -> None:
    vendor, renderer = render

    skeleton = renderer.render(vendor, vendor.files[0], view(config_key=KEY))

    assert finish(skeleton, SECRETS) == b"(k3y)" + TEXT
    assert finish(skeleton, SECRETS) == finish(skeleton, SECRETS)
    assert skeleton.fields == {"setting.config_key", "setting.admin_password"}
    assert skeleton.content_type == "application/octet-stream"
    assert fill(skeleton, SECRETS) == TEXT, "people are shown what the phone will read"


def test_a_content_coding_leaves_the_type_of_what_is_inside(render: tuple[Vendor, Renderer]) -> None:
    vendor, renderer = render

    skeleton = renderer.render(vendor, vendor.files[0], view(config_key=KEY, config_encryption="aes128gcm"))

    assert finish(skeleton, SECRETS) == b"(k3y)" + TEXT + b"!"
    assert skeleton.encryption is BODY
    assert skeleton.content_type == KEY_VALUE.content_type


@pytest.mark.parametrize("settings", [{}, {"config_encryption": "openssl"}, {"config_key": "a text, no secret"}])
def test_without_a_key_a_file_goes_as_it_is(render: tuple[Vendor, Renderer], settings: dict[str, str]) -> None:
    vendor, renderer = render

    skeleton = renderer.render(vendor, vendor.files[0], view(**settings))

    assert finish(skeleton, SECRETS) == TEXT
    assert (skeleton.encryption, skeleton.key, skeleton.content_type) == (None, None, KEY_VALUE.content_type)


def test_a_file_that_knows_no_encryption_goes_as_it_is(render: tuple[Vendor, Renderer]) -> None:
    vendor, renderer = render

    skeleton = renderer.render(vendor, rule(), view(config_key=KEY))

    assert finish(skeleton, SECRETS) == TEXT
    assert skeleton.fields == {"setting.admin_password"}


def test_a_way_that_the_file_does_not_know_is_the_usual_one_and_never_none() -> None:
    found = make_vendor().encryption_of(view(config_key=KEY, config_encryption="aes128gcm"), rule(FILE))

    assert found == (FILE, KEY)


def test_a_key_that_does_not_fit_stops_the_file_and_is_not_quoted(render: tuple[Vendor, Renderer]) -> None:
    vendor, renderer = render
    skeleton = renderer.render(vendor, vendor.files[0], view(config_key=KEY))

    with pytest.raises(UnfitValue) as stopped:
        finish(skeleton, SECRETS | {"setting.config_key": Secret("Xq7")})

    assert stopped.value.field == "setting.config_key"
    assert "Xq7" not in str(stopped.value)
    assert stopped.value.__cause__ is None


def test_an_encryption_and_its_key_come_together() -> None:
    parts = (b"x", Hole(slot=SecretSlot("line.1.password"), escape=escape_key_value))

    for lonely in ({"encryption": FILE}, {"key": KEY}):
        with pytest.raises(ValueError, match="needs a key"):
            Skeleton(parts=parts, content_type="text/plain", **lonely)
