"""A phone with a key gets its profile encrypted, and is told to go on so; other files are not encrypted."""

from __future__ import annotations

import pytest

from provserver.ciphers.aes128gcm import AES128GCM, AES128GCM_BASE64URL
from provserver.ciphers.openssl import SALTED
from provserver.domain.artefact import FileEncryption
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.render import Renderer, finish
from provserver.secret import Secret
from provserver.vendors.cisco import VENDOR
from tests.ciphers.openssl import NEEDS_OPENSSL, decrypted
from tests.vendors.cisco.phone import MAC, URL, by_path, profile, view_of, write

KEY = "SecretPhrase1234"
HELD = ("line.1.password", "setting.config_key")
SECRETS = {
    "line.1.password": Secret("s3cret"),
    "setting.config_key": Secret(KEY),
    "setting.provisioning_password": Secret("prov"),
    PROVISIONING_URL: Secret(URL),
}
PROFILES = [rule for rule in VENDOR.files if rule.encryptions]


def sent(view: DeviceView, name: str) -> bytes:
    """The file as it leaves the server."""
    return finish(Renderer().render(VENDOR, VENDOR.file(name), view), SECRETS)


class TestWithTheProgram:
    pytestmark = NEEDS_OPENSSL

    @pytest.mark.parametrize("model", ["8841", "SPA508G", "SPA122", "ATA191", None])
    def test_openssl_reads_the_profile_of_a_phone_with_a_key(self, model: str | None) -> None:
        view = view_of(held=HELD, model=model)

        body = sent(view, "profile")

        told = by_path(decrypted(body, KEY))
        assert b"s3cret" not in body
        assert (told["Password_1_"], told["GPP_SA"]) == ("s3cret", KEY)
        assert told["Profile_Rule"] == f"[--key $SA] {URL}{MAC}.xml"

    @pytest.mark.parametrize("rule", PROFILES, ids=lambda rule: str(rule.name))
    def test_every_name_of_a_profile_is_encrypted_alike(self, rule: FileRule) -> None:
        assert sent(view_of(held=HELD), rule.name) == sent(view_of(held=HELD), "profile")
        assert decrypted(sent(view_of(held=HELD), rule.name), KEY)[:5] == b"<?xml"


def test_without_a_key_a_profile_goes_in_clear() -> None:
    view = view_of(held=("line.1.password",))

    assert sent(view, "profile").startswith(b"<?xml")
    assert profile(view)["Profile_Rule"] == f"{URL}{MAC}.xml"
    assert "GPP_SA" not in profile(view)


@pytest.mark.parametrize("way", [AES128GCM, AES128GCM_BASE64URL])
def test_a_body_may_be_encrypted_in_its_place(way: FileEncryption) -> None:
    view = view_of({"config_encryption": way.name}, held=HELD)

    skeleton = Renderer().render(VENDOR, VENDOR.file("profile"), view)
    told = by_path(write(view, "profile", {"setting.config_key": KEY}))

    assert skeleton.encryption is way
    assert skeleton.content_type == "application/xml; charset=utf-8"
    assert told["IKM_HTTP_Encrypt_Content"] == KEY
    assert told["Profile_Rule"] == f"{URL}{MAC}.xml"
    assert "GPP_SA" not in told
    assert b"<?xml" not in finish(skeleton, SECRETS)


def test_a_key_and_a_login_stand_in_one_rule() -> None:
    told = profile(view_of({"provisioning_user": "phone"}, held=(*HELD, "setting.provisioning_password")))

    assert told["Profile_Rule"] == f"[--key $SA --uid $O --pwd $SD] {URL}{MAC}.xml"


def test_files_of_other_kinds_are_not_encrypted() -> None:
    view = view_of(held=HELD)

    assert {rule.name for rule in VENDOR.files if rule.template} - {rule.name for rule in PROFILES} == {
        "enterprise", "adapter", "cnf"
    }  # fmt: skip
    assert sent(view, "enterprise").startswith(b"<?xml")
    assert sent(view, "cnf").startswith(b"proxy_register")
    assert KEY.encode() not in sent(view, "enterprise") + sent(view, "cnf")


@pytest.mark.parametrize("model", ["SPA508G", "SPA122", "ATA191", "7941G"])
def test_a_body_is_encrypted_for_multiplatform_phones_only(model: str) -> None:
    assert VENDOR.check is not None
    view = view_of({"config_encryption": "aes128gcm"}, held=HELD, model=model)

    with pytest.raises(InvalidValue) as refused:
        VENDOR.check(view)

    assert refused.value.field == "config_encryption"
    for fits in (view_of({"config_encryption": "aes128gcm"}), view_of({"config_encryption": "openssl"}, model=model)):
        VENDOR.check(fits)


def test_the_usual_way_is_the_one_that_all_families_know() -> None:
    assert {rule.encryptions[0] for rule in PROFILES} == {SALTED}
