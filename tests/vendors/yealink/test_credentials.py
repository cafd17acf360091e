"""Where credentials stand in the files of a Yealink, and where they do not."""

from __future__ import annotations

import pytest

from provserver.domain.vendor import AfterDeletion
from provserver.errors import InvalidValue, UnfitValue
from provserver.render import fill
from provserver.vendors.yealink import VENDOR
from provserver.vendors.yealink.boot import HEADER, read_settings
from tests.vendors.yealink.phones import (
    RENDERER,
    SECRETS,
    WRITTEN,
    render,
    view_of,
)


def test_a_password_that_is_not_held_leaves_no_trace() -> None:
    fields = ("line.1.password", *(f"setting.{name}" for name in SECRETS))
    held = read_settings(render(view_of(held=fields), dict.fromkeys(fields, "x")))

    forgotten = read_settings(render(view_of()))

    assert set(held) - set(forgotten) == {
        "account.1.password",
        "ldap.password",
        "static.auto_provision.server.password",
        "static.security.user_name.admin",
        "static.security.user_name.user",
        "static.security.user_name.var",
        "static.security.user_password",
    }
    assert VENDOR.after_deletion_of(view_of()) is AfterDeletion.OMIT


def test_every_level_has_its_password_line() -> None:
    fields = ("setting.admin_password", "setting.user_password", "setting.var_password")

    text = render(view_of(held=fields), dict(zip(fields, ("first", "second", "third"), strict=True)))

    assert "\nstatic.security.user_password = admin:first\n" in text
    assert "\nstatic.security.user_password = user:second\n" in text
    assert "\nstatic.security.user_password = var:third\n" in text


def test_a_setting_renames_a_level_and_a_raw_parameter_has_the_last_word() -> None:
    fields = ("setting.admin_password", "setting.user_password")
    values = {"admin_user": "boss", "user_user": "desk", "raw.static.security.user_name.user": "guest"}

    text = render(view_of(values, held=fields), dict.fromkeys(fields, "pw"))

    assert text.index("user_name.admin = boss\n") < text.index("user_password = boss:pw\n")
    assert text.index("user_name.user = guest\n") < text.index("user_password = guest:pw\n")
    assert text.count("user_name.") == 2
    assert "desk" not in text


def test_a_renamed_level_gets_its_password_under_the_new_name() -> None:
    view = view_of({"raw.static.security.user_name.admin": "root"}, held=("setting.admin_password",))

    text = render(view, {"setting.admin_password": "pw"})

    assert text.count("user_name.admin") == 1
    assert text.index("static.security.user_name.admin = root\n") < text.index("user_password = root:pw\n")


@pytest.mark.parametrize(
    "name", ["static.security.user_name.admin", "security.user_name.user", "static.security.user_name.var"]
)
def test_a_login_name_with_a_colon_is_refused(name: str) -> None:
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match="colon") as caught:
        VENDOR.check(view_of({f"raw.{name}": "root:x"}))

    assert caught.value.field == f"raw.{name}"
    assert "root" not in str(caught.value)
    VENDOR.check(view_of({f"raw.{name}": "root", "raw.features.dnd.on_code": "a:b"}))


def test_a_login_name_with_a_colon_is_never_written_before_a_password() -> None:
    view = view_of({"raw.static.security.user_name.admin": "root:x"}, held=("setting.admin_password",))

    with pytest.raises(UnfitValue, match="colon"):
        render(view, {"setting.admin_password": "pw"})


def test_the_common_file_has_no_secret_no_line_and_no_url() -> None:
    fields = ("line.1.password", "setting.raw.static.wifi.1.password", *(f"setting.{name}" for name in SECRETS))
    values = {name: text for name, (text, _) in WRITTEN.items()}
    view = view_of({**values, "codecs": "pcma", "raw.account.1.label": "x"}, held=fields)

    skeleton = RENDERER.render(VENDOR, VENDOR.file("common"), view)

    assert skeleton.fields == frozenset()
    names = set(read_settings(fill(skeleton, {}).decode()))
    assert {name.split(".")[0] for name in names} == {
        "action_url", "features", "lang", "ldap", "local_time", "remote_phonebook", "sip", "static", "voice",
    }  # fmt: skip
    assert names < set(read_settings(render(view, dict.fromkeys(fields, "x"))))


def test_the_boot_file_names_the_file_of_this_phone_and_keeps_what_is_not_mentioned() -> None:
    text = render(view_of(), file="boot")

    assert text == f'{HEADER}\ninclude:config "805ec0aabbcc.cfg"\noverwrite_mode = 0\n'


@pytest.mark.parametrize("file", ["boot", "config", "common"])
def test_the_header_is_the_very_first_line(file: str) -> None:
    assert render(view_of(), file=file).startswith("#!version:1.0.0.1\n")


def test_a_blank_value_is_left_out() -> None:
    view = view_of({"phonebook.1.name": "", "raw.features.x": "", "blf_pickup_code": "", "key.1": "blf 1002"})

    text = render(view)

    assert all(line == HEADER or line.partition(" = ")[2] for line in text.splitlines())
    assert "features.x" not in text
    assert "extension" not in text


def test_a_raw_parameter_takes_the_place_of_ours() -> None:
    view = view_of({"raw.account.1.label": "Mine", "raw.sip.notify_reboot_enable": "2"})

    lines = render(view).splitlines()

    assert [line for line in lines if "account.1.label" in line] == ["account.1.label = Mine"]
    assert [line for line in lines if "notify_reboot" in line] == ["sip.notify_reboot_enable = 2"]
