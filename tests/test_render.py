"""From a template to bytes: strict about names, blind to secrets, and closed to values that would become structure."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.artefact import Hole, Skeleton, TextFormat
from provserver.domain.formats import KEY_VALUE, XML
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.parameters import Parameter
from provserver.domain.slot import PROVISIONING_URL, SecretSlot, URLPart
from provserver.domain.vendor import FileRule, Vendor
from provserver.domain.view import DeviceView
from provserver.errors import TemplateBroken, UnfitValue
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors
from tests.played import make_vendor

PASSWORD = SecretSlot("line.1.password")
HOSTILE = "Alice\nadmin_password = 1234"
VENDOR_NAME = make_vendor().slug


class Bench:
    """Renders one template for one device, as the maker called "tester" would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / VENDOR_NAME
        self.folder.mkdir()
        self.renderer = Renderer(folder)

    def render(self, text: str, view: DeviceView, *, text_format: TextFormat = KEY_VALUE) -> Skeleton:
        """Render *text*, which is the whole template."""
        name = f"t{len(list(self.folder.iterdir()))}.j2"
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.renderer.render(vendor_with(), rule_of(name, text_format), view)


def rule_of(template: str | None, text_format: TextFormat | None = KEY_VALUE) -> FileRule:
    return FileRule(
        name="file",
        pattern="{mac}.cfg",
        template=template,
        format=text_format,
        sections=frozenset({"system", "raw"}),
        source="made up",
        confidence="L",
    )


def vendor_with(*parameters: Parameter) -> Vendor:
    return replace_parameters(make_vendor(), parameters)


def replace_parameters(vendor: Vendor, parameters: tuple[Parameter, ...]) -> Vendor:
    object.__setattr__(vendor, "parameters", parameters)  # made for this call alone
    return vendor


def view_with(
    *, label: str | None = None, raw: dict[str, str | SecretSlot] | None = None, settings: dict[str, str] | None = None
) -> DeviceView:
    line = Line(number=1, user_name="1001", registrar=Endpoint.parse("pbx.example.com"), password=PASSWORD)
    if label is not None:
        object.__setattr__(line, "label", label)  # a value that slipped past the door
    return DeviceView(mac=MacAddress("0a0b0c000001"), lines=(line,), raw=raw or {}, settings=settings or {})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_values_and_secrets_come_out_where_the_template_has_them(bench: Bench) -> None:
    skeleton = bench.render("user = {{ lines[0].user_name }}\npass = {{ lines[0].password | reveal }}\n", view_with())

    assert skeleton.fields == {"line.1.password"}
    assert skeleton.content_type == KEY_VALUE.content_type
    assert fill(skeleton, {"line.1.password": Secret("hunter2")}) == b"user = 1001\npass = hunter2\n"


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("{{ nobody }}", "nobody"),
        ("{{ device.nothing }}", "nothing"),
        ("{{ lines[0].nothing }}", "nothing"),
        ("{{ lines[0].registrar.nothing }}", "nothing"),
        ("{{ device.settings.nothing }}", "nothing"),
        ("{{ lines[7].label }}", "no element 7"),
        ("{% if nobody %}{% endif %}", "nobody"),
        ("{% for x in nobody %}{% endfor %}", "nobody"),
        ("{{ nobody | upper }}", "nobody"),
    ],
)
def test_a_name_that_is_not_there_is_an_error_with_its_place(bench: Bench, expression: str, word: str) -> None:
    with pytest.raises(TemplateBroken) as raised:
        bench.render(f"one\ntwo\n{expression}\nfour\n", view_with())

    assert "template tester/t0.j2: line 3: " in str(raised.value)
    assert word in str(raised.value)


@pytest.mark.parametrize(
    "expression",
    [
        "{{ lines[0].password }}",
        "{{ lines[0].password.field }}{{ lines[0].password }}",
        "{{ lines }}",
        "{{ lines[0] }}",
        "{{ device }}",
        "{{ device.raw }}",
        "{{ [1, 2] }}",
        "{{ none }}",
        "{{ 1.5 }}",
        "{{ true }}",
        "{{ lines[0].user_name | reveal }}",
        "{{ none | reveal }}",
        "{{ lines[0] | reveal }}",
    ],
)
def test_only_texts_numbers_and_revealed_secrets_are_written(bench: Bench, expression: str) -> None:
    with pytest.raises(TemplateBroken, match=r"template tester/t0\.j2: line 2: "):
        bench.render(f"first\n{expression}\n", view_with())


@pytest.mark.parametrize(
    "expression",
    [
        "{{ device.__class__ }}",
        "{{ lines[0].__init__.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ device.raw.update({'a': 'b'}) }}",
        "{{ lines.append(1) }}",
        "{{ (lines[0].password | reveal).slot }}{{ 1 / 0 }}",
        "{{ 1 / 0 }}",
        "{{ 'x' + 1 }}",
        "{% for %}",
        "{{ 'x' | nofilter }}",
        "{% include 'tester/nothing.j2' %}",
    ],
)
def test_a_template_that_reaches_too_far_or_breaks_is_broken(bench: Bench, expression: str) -> None:
    with pytest.raises(TemplateBroken, match=r"template tester/t0\.j2: "):
        bench.render(expression, view_with())


def test_a_file_without_a_template_is_not_rendered() -> None:
    with pytest.raises(TemplateBroken, match="'file' has no template"):
        Renderer().render(vendor_with(), rule_of(None), view_with())


@pytest.mark.parametrize("text_format", [KEY_VALUE, XML], ids=["key_value", "xml"])
@pytest.mark.parametrize(
    ("view", "field"),
    [
        (view_with(label=HOSTILE), "line 1, label"),
        (view_with(raw={"note": HOSTILE}), "raw.note"),
        (view_with(settings={"language": HOSTILE}), "language"),
    ],
)
def test_a_value_that_its_format_cannot_carry_is_named_and_not_quoted(
    bench: Bench, text_format: TextFormat, view: DeviceView, field: str
) -> None:
    text = "{{ lines[0].shown_label }}{% for v in device.raw.values() %}{{ v }}{% endfor %}"
    text += "{% for v in device.settings.values() %}{{ v }}{% endfor %}"

    with pytest.raises(UnfitValue) as raised:
        bench.render(text, view, text_format=text_format)

    assert field in str(raised.value)
    said = "".join(traceback.format_exception(raised.value))
    assert "admin_password" not in said
    assert "1234" not in said


def test_a_secret_that_its_format_cannot_carry_is_named_and_not_quoted(bench: Bench) -> None:
    skeleton = bench.render("{{ lines[0].password | reveal }}", view_with())

    with pytest.raises(UnfitValue) as raised:
        fill(skeleton, {"line.1.password": Secret(HOSTILE)})

    said = "".join(traceback.format_exception(raised.value))
    assert "line.1.password" in str(raised.value)
    assert "admin_password" not in said


def test_an_artefact_is_complete_or_it_is_not_made(bench: Bench) -> None:
    skeleton = bench.render("{{ lines[0].password | reveal }} {{ device.provisioning_url | reveal }}", view_with())

    assert skeleton.fields == {"line.1.password", PROVISIONING_URL}
    with pytest.raises(KeyError, match=r"line\.1\.password"):
        fill(skeleton, {PROVISIONING_URL: Secret("http://x/")})


def test_a_secret_is_escaped_like_any_other_value(bench: Bench) -> None:
    skeleton = bench.render("<p>{{ lines[0].password | reveal }}</p>", view_with(), text_format=XML)

    assert fill(skeleton, {"line.1.password": Secret("<&>'\"]]>")}) == b"<p>&lt;&amp;&gt;&apos;&quot;]]&gt;</p>"


def test_fixed_text_around_a_secret_is_escaped_with_it(bench: Bench) -> None:
    slot = SecretSlot("setting.admin_password").framed(before="<admin>:", after="&")
    skeleton = bench.render("{{ device.raw.x | reveal }}", view_with(raw={"x": slot}), text_format=XML)

    assert fill(skeleton, {"setting.admin_password": Secret("p")}) == b"&lt;admin&gt;:p&amp;"


def test_a_part_of_the_url_is_taken_when_it_is_put_in(bench: Bench) -> None:
    url = SecretSlot(PROVISIONING_URL)
    raw: dict[str, str | SecretSlot] = {}
    raw |= {"path": url.only(URLPart.WITHOUT_SCHEME).framed(after="a&b"), "via": url.scheme(http="1", https="2")}
    skeleton = bench.render(
        "{{ device.raw.via | reveal }} {{ device.raw.path | reveal }}", view_with(raw=raw), text_format=XML
    )

    assert skeleton.fields == {PROVISIONING_URL}
    assert fill(skeleton, {PROVISIONING_URL: Secret("https://h/t/")}) == b"2 h/t/a&amp;b"
    with pytest.raises(UnfitValue, match=PROVISIONING_URL):
        fill(skeleton, {PROVISIONING_URL: Secret("ftp://h/t/")})


def test_a_url_is_put_in_by_parts(bench: Bench) -> None:
    host, path = (SecretSlot(PROVISIONING_URL).only(part) for part in (URLPart.HOST, URLPart.PATH))
    text = "{{ device.raw.a | reveal }} {{ device.raw.b | reveal }}"
    skeleton = bench.render(text, view_with(raw={"a": host, "b": path.framed(before="/")}))

    assert skeleton.fields == {PROVISIONING_URL}
    assert fill(skeleton, {PROVISIONING_URL: Secret("https://prov.test/token/")}) == b"prov.test /token"


def test_a_checksum_is_that_of_the_file_with_its_secrets(bench: Bench) -> None:
    whole = bench.render("{{ lines[0].password | reveal }}", view_with())
    checksum = replace(whole, checksum="md5")

    digests = {fill(checksum, {"line.1.password": Secret(text)}) for text in ("a", "b")}

    assert digests == {b"0cc175b9c0f1b6a831c399e269772661\n", b"92eb5ffee6ae2fec3ad71c777531578f\n"}
    assert checksum.fields == whole.fields


def test_a_secret_may_come_several_times(bench: Bench) -> None:
    skeleton = bench.render("{% for n in [1, 2] %}{{ lines[0].password | reveal }};{% endfor %}", view_with())

    assert fill(skeleton, {"line.1.password": Secret("p")}) == b"p;p;"


def test_what_is_cached_holds_no_secret(bench: Bench) -> None:
    """Rendering knows the names of secrets only; nothing but `fill` ever gets one."""
    skeleton = bench.render("a {{ lines[0].password | reveal }} b", view_with())

    assert skeleton.parts == (b"a ", Hole(slot=PASSWORD, escape=KEY_VALUE.escape), b" b")
    assert skeleton.size_bytes == 4


LATIN = TextFormat(
    name="latin", content_type="text/plain", escape=KEY_VALUE.escape, charset="iso-8859-1", line_end="\r\n"
)


def test_texts_secrets_and_lines_are_written_as_the_format_has_them(bench: Bench) -> None:
    skeleton = bench.render(
        "ä = {{ lines[0].label }}\np = {{ lines[0].password | reveal }}\n", view_with(label="ü"), text_format=LATIN
    )

    filled = fill(skeleton, {"line.1.password": Secret("ö")})

    assert filled == b"\xe4 = \xfc\r\np = \xf6\r\n"


def test_the_device_may_decide_about_the_format(bench: Bench) -> None:
    (bench.folder / "by_model.j2").write_text("{{ device.model }}\n")
    rule = replace(rule_of("by_model.j2"), format_for=lambda view: LATIN if view.model == "old" else KEY_VALUE)
    old, new = (replace(view_with(), model=model) for model in ("old", "new"))

    skeletons = [bench.renderer.render(vendor_with(), rule, view) for view in (old, new)]

    assert [skeleton.content_type for skeleton in skeletons] == [LATIN.content_type, KEY_VALUE.content_type]
    assert [fill(skeleton, {}) for skeleton in skeletons] == [b"old\r\n", b"new\n"]


FORGERIES = (
    "\0line.1.password\x1f\x1f\0",
    "\0",
    "\x1f",
    "a\0b",
    "\0setting.admin_password\x1f\x1f\0",
    "{{ lines[0].password | reveal }}",
    "{% raw %}",
    "&#0;line.1.password&#31;&#31;&#0;",
)


@pytest.mark.parametrize("text_format", [KEY_VALUE, XML], ids=["key_value", "xml"])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_no_value_makes_a_place_for_a_secret(bench: Bench, text_format: TextFormat, forgery: str) -> None:
    view = view_with(label=forgery, raw={"note": "x"})

    try:
        skeleton = bench.render("label = {{ lines[0].label }}\n", view, text_format=text_format)
    except UnfitValue:
        return

    assert skeleton.fields == frozenset()
    assert len(skeleton.parts) == 1


@pytest.mark.parametrize("forgery", FORGERIES[:5])
def test_no_name_of_a_raw_parameter_makes_a_place_for_a_secret(bench: Bench, forgery: str) -> None:
    view = view_with(raw={forgery: "x"})

    with pytest.raises(UnfitValue):
        bench.render("{% for e in entries %}{{ e.name }} = {{ e.value }}\n{% endfor %}", view)


@pytest.mark.parametrize("forgery", ["\0", "\x1f", "\0line.1.password\x1f\x1f\0", "a\x1fb"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_no_text_around_a_secret_makes_a_place_for_another(bench: Bench, forgery: str, side: str) -> None:
    slot = SecretSlot("setting.x").framed(**{side: forgery})

    with pytest.raises(UnfitValue):
        bench.render("{{ device.raw.x | reveal }}", view_with(raw={"x": slot}))


@given(values=st.lists(st.text(st.characters(), max_size=20), min_size=1, max_size=5), is_xml=st.booleans())
def test_whatever_the_values_are_the_places_are_the_templates(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], *, is_xml: bool
) -> None:
    bench = Bench(tmp_path_factory.mktemp("bench"))
    text = "{% for v in device.raw.values() %}<{{ v }}|{{ lines[0].password | reveal }}>{% endfor %}"
    view = view_with(raw={str(number): value for number, value in enumerate(values)})

    try:
        skeleton = bench.render(text, view, text_format=XML if is_xml else KEY_VALUE)
    except UnfitValue:
        return

    holes = [part for part in skeleton.parts if isinstance(part, Hole)]
    assert [hole.slot for hole in holes] == [PASSWORD] * len(values)
    body = fill(skeleton, {"line.1.password": Secret("p")}).decode()
    assert body.count("|p>") == len(values)
    assert "\n" not in body


def test_the_same_arguments_give_the_same_bytes(bench: Bench) -> None:
    view = view_with(raw={"b": "2", "a": "1"})
    text = "{% for e in entries %}{{ e.name }} = {{ e.value }}\n{% endfor %}"

    first, second = (bench.render(text, view) for _ in range(2))

    assert first == second
    assert Renderer(bench.folder.parent).render(vendor_with(), rule_of("t0.j2"), view) == first
    assert fill(first, {}) == b"a = 1\nb = 2\n"


def test_a_raw_parameter_of_another_maker_stops_the_file_and_is_named() -> None:
    """A tenant may set one for all its devices; which of them it fits is seen when their files are made."""
    maker = next(vendor for vendor in load_vendors() if vendor.slug == "linphone")
    view = view_with(raw={"account.1.nat.rport": "1"})

    with pytest.raises(UnfitValue, match=r"^raw\.account\.1\.nat\.rport: "):
        Renderer().render(maker, maker.file("config"), view)
