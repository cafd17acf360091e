"""A template of the folder meets no secret: whatever it does, a password is a hole that is filled at the phone door."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.view import DeviceView
from provserver.errors import TemplateBroken, UnfitValue
from provserver.local.folder import load_makers
from provserver.render import Renderer, fill
from provserver.secret import Secret
from tests.local.folder import MAC, complaints, write_maker
from tests.played import make_vendor
from tests.test_render import rule_of

PASSWORD = "p4ssword-marked"
SECRETS = {
    "line.1.password": Secret(PASSWORD),
    "line.2.password": Secret(PASSWORD),
    PROVISIONING_URL: Secret("http://x/"),
    "setting.user_password": Secret(PASSWORD),
    "setting.raw.wifi.password": Secret(PASSWORD),
}
LINES = tuple(Line(number=n, user_name=f"100{n}", registrar=Endpoint(host="pbx.example.com")) for n in (1, 2))
REVEALED = "{{ lines[0].password | reveal }}"


def view(*held: str) -> DeviceView:
    return build_view(mac=MAC, model="A2", lines=LINES, settings={}, held=held)


def rendered(text: str, *held: str) -> tuple[frozenset[str], bytes]:
    """Which secrets the file of *text* asks for, and the file with them."""
    renderer = Renderer(templates={"tester/t.j2": text})
    skeleton = renderer.render(make_vendor(), rule_of("t.j2"), view(*held))
    return skeleton.fields, fill(skeleton, SECRETS)


def test_a_password_that_is_written_is_one_that_the_file_is_known_to_carry() -> None:
    """So the release is written down, its clock starts, and after its deletion there is nothing to fill in."""
    fields, content = rendered(f"pw = {REVEALED}\n", "line.1.password")

    assert fields == {"line.1.password"}
    assert content.decode() == f"pw = {PASSWORD}\n"


@pytest.mark.parametrize(
    "text",
    [
        "{{ lines[0].password }}",
        "{{ lines[0].password ~ '' }}",
        "{{ lines[0].password.field | reveal }}",
        "{{ (lines[0].password | reveal) ~ '' }}",
        "{{ lines[0].password | reveal | upper }}",
        "{{ lines[0].password | string }}",
        "{{ lines[0].password.filled('x') }}{{ lines[0].password }}",
        "{% set x %}" + REVEALED + "{% endset %}{{ x }}",
        "{% macro m() %}" + REVEALED + "{% endmacro %}{{ m() }}",
        "{% filter length %}" + REVEALED + "{% endfilter %}{{ lines[0].password }}",
    ],
)
def test_a_password_cannot_be_turned_into_text(text: str) -> None:
    """It is refused, or what is written is the name of a place: there is no password to be had."""
    fields, content = frozenset[str](), b""
    with suppress(TemplateBroken, UnfitValue):
        fields, content = rendered(text, "line.1.password")

    assert not fields
    assert PASSWORD.encode() not in content


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("line.1", "line.2"),  # of this device, but the server does not hold it
        ("line.1.password", "previous.provisioning_password"),
        ("line.1.password", "setting.admin_password"),
        ("line.1.password", "user_password"),  # which is held, but not under this name
        ("line.1.password", "url.provisioning/"),
    ],
)
def test_the_place_of_another_secret_opens_nothing(old: str, new: str) -> None:
    text = "{% filter replace('" + old + "', '" + new + "') %}" + REVEALED + "{% endfilter %}"

    with pytest.raises(TemplateBroken, match="holds the place of a secret that this device has not"):
        rendered(text, "line.1.password", "setting.user_password")


@pytest.mark.parametrize("field", ["setting.user_password", "setting.raw.wifi.password", "line.2.password"])
def test_every_secret_that_is_held_may_be_written(field: str) -> None:
    text = "{% filter replace('line.1.password', '" + field + "') %}" + REVEALED + "{% endfilter %}"

    fields, _ = rendered(text, "line.1.password", field)

    assert fields == {field}


def test_a_place_that_is_renamed_to_one_that_is_held_is_counted_as_that_one() -> None:
    text = "{% filter replace('line.1', 'line.2') %}" + REVEALED + "{% endfilter %}"

    fields, _ = rendered(text, "line.1.password", "line.2.password")

    assert fields == {"line.2.password"}


@pytest.mark.parametrize(
    "text", ["\x00", "\x00a\x00", "\x00\x1f\x1f\x1f\x1f\x00", "{% filter upper %}\x00{% endfilter %}"]
)
def test_text_that_looks_like_the_place_of_a_secret_is_refused(text: str, tmp_path: Path) -> None:
    """By the check of the folder, and should it ever come so far, while the file is made."""
    with pytest.raises(TemplateBroken):
        rendered(text, "line.1.password")

    assert complaints(write_maker(tmp_path, config_cfg=text)) == ["acme/config.cfg.j2:1: holds a control character"]


@pytest.mark.parametrize("text", ["{{ '\\x00line.1.password\\x1f\\x1f\\x1fwhole\\x1f\\x00' }}", "{{ '\\x1f' }}"])
def test_no_expression_writes_the_marks_of_a_place(text: str) -> None:
    with pytest.raises(UnfitValue):
        rendered(text, "line.1.password")


def test_a_hostile_value_stays_a_value_in_a_template_of_the_folder(tmp_path: Path) -> None:
    makers = load_makers(write_maker(tmp_path))
    acme = next(vendor for vendor in makers.vendors if vendor.slug == "acme")
    device = view("line.1.password")
    object.__setattr__(device.lines[0], "user_name", "1001\nweb.password = x")  # one that slipped past the door

    with pytest.raises(UnfitValue, match="line 1, user_name"):
        Renderer(templates=makers.templates).render(acme, acme.file("config"), device)


def test_a_secret_that_the_format_cannot_carry_is_not_filled_in(tmp_path: Path) -> None:
    makers = load_makers(write_maker(tmp_path))
    acme = next(vendor for vendor in makers.vendors if vendor.slug == "acme")
    skeleton = Renderer(templates=makers.templates).render(acme, acme.file("config"), view("line.1.password"))

    with pytest.raises(UnfitValue) as raised:
        fill(skeleton, {**SECRETS, "line.1.password": Secret(f"{PASSWORD}\nx = y")})

    assert PASSWORD not in str(raised.value)
