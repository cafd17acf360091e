"""
Whatever is entered in any field of any maker's device: the structure of its files stays, and they are the same twice.

Closed values (switches, choices, numbers) are drawn first; they may decide what is in a file. Then every text that
people enter is drawn among the nastiest there are, and the file is read back beside the one with plain texts: the same
elements, attributes and names in the same order. What a format cannot carry is refused with the field's name.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provserver.domain.catalogue import SPECS
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view
from provserver.domain.setting import SettingSpec
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.text import text_problem
from provserver.domain.vendor import FileRule, Vendor
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors
from tests.vendors.workbench import TEXTS, URL, USERS

MAKERS = [vendor for vendor in load_vendors() if any(rule.template for rule in vendor.files)]
# What separates, quotes, comments or ends something in one of the formats.
NASTY = st.one_of(
    TEXTS,
    st.text("\"'<>&;=:#\\%{}[]$`|/,!?\t ~^é€\U0001f4de", min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: text and text_problem(text) is None),
)
HOSTS = st.sampled_from(["a.example", "192.0.2.9", "2001:db8::9"])
URLS = st.builds("http://a.example/{}".format, st.text("abc<>&\"';=:#%?/\\ {}[]é", max_size=12))
CLOSED = {"switch", "choice", "number", "numbers", "list", "time of day", "time zone", "word", "certificate"}
EXAMPLES = {
    "numbers": ("66", "43 66", "128,129"),
    "time of day": ("00:00", "02:30", "23:59"),
    "time zone": ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"),
    "word": ("1.2.3", "96-86-0-70", "W70B"),
    "certificate": (b64encode(b"\x30\x82\x01\x00" + bytes(256)).decode(),),
}
PLACES = ("values", "secrets", "line")
LINE_TEXTS = ("label", "display_name", "auth_name", "voicemail")
RAW_NAMES = {  # makers whose formats have an order of their own
    "acrobits": "icm",
    "counterpath": "proxies/proxy0/use_rport",
    "linphone": "sip/some_entry",
    "twon": "Phone/Sip@0/Misc/KeepAlive",
}
MOST = 8  # texts that are drawn at once; the others are plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place for a text: in ``values``, ``secrets`` or the ``line``; *texts* are what may be entered there."""

    place: str
    name: str
    plain: str
    texts: st.SearchStrategy[str]


def fields_of(vendor: Vendor) -> list[Field]:
    """Every field of a device of *vendor* that takes a text."""
    supported = [spec for spec in SPECS if spec.kind not in CLOSED and vendor.supports(spec.name)]
    found = [_field(spec, number) for number, spec in enumerate(supported)]
    found += [Field(place="line", name=name, plain=f"{name}x", texts=NASTY) for name in LINE_TEXTS]
    return [
        *found,
        Field(place="line", name="user_name", plain="1001", texts=USERS),
        Field(place="secrets", name="line.1.password", plain="passwordx", texts=NASTY),
        Field(place="values", name=f"raw.{RAW_NAMES.get(vendor.slug, 'some.parameter')}", plain="rawx", texts=NASTY),
    ]


def _field(spec: SettingSpec, number: int) -> Field:
    name = spec.name.replace("N", "1")
    if spec.secret:
        return Field(place="secrets", name=f"setting.{name}", plain=f"secret{number}", texts=NASTY)
    match spec.kind:
        case "URL":
            plain, texts = f"http://a.example/x{number}", URLS
        case "host":
            plain, texts = f"a{number}.example", HOSTS
        case "key":
            plain, texts = f"blf 1002 x{number}", st.builds("blf 1002 {}".format, NASTY)
        case _:
            plain, texts = f"x{number}", NASTY
    return Field(place="values", name=name, plain=plain, texts=texts.filter(lambda text: _is_read(spec, text)))


def _is_read(spec: SettingSpec, text: str) -> bool:
    """Whether it may be entered."""
    try:
        spec.read(text)
    except InvalidValue:
        return False
    return True


def closed_values(vendor: Vendor) -> st.SearchStrategy[dict[str, str]]:
    """Some of the settings whose values are one of a list, within a range, or a word."""
    kinds: dict[str, st.SearchStrategy[str]] = {
        spec.name.replace("N", "1"): _closed(spec)
        for spec in SPECS
        if vendor.supports(spec.name) and spec.kind in CLOSED
    }
    return st.fixed_dictionaries({}, optional=kinds)


def _closed(spec: SettingSpec) -> st.SearchStrategy[str]:
    if spec.kind == "number":
        low, _, high = spec.allowed[0].partition("–")
        return st.integers(int(low), int(high)).map(str)
    if spec.kind == "list":
        return st.lists(st.sampled_from(spec.allowed), min_size=1, unique=True).map(" ".join)
    return st.sampled_from([text for text in EXAMPLES.get(spec.kind, spec.allowed) if _is_read(spec, text)])


def view_of(vendor: Vendor, model: str, closed: Mapping[str, str], texts: Mapping[Field, str]) -> DeviceView:
    """A device with *texts* in their places."""
    at = {place: {f.name: text for f, text in texts.items() if f.place == place} for place in PLACES}
    mac = MacAddress(f"{min(vendor.ouis | vendor.guest_ouis, default='001122')[:6]}aabbcc")
    line = Line(number=1, registrar=Endpoint(host="pbx.example.com"), **at["line"])  # type: ignore[arg-type]
    return build_view(mac=mac, model=model, lines=[line], settings={**closed, **at["values"]}, held=at["secrets"])


def written(vendor: Vendor, rule: FileRule, view: DeviceView, texts: Mapping[Field, str]) -> bytes:
    """The file, by a renderer that has kept nothing."""
    secrets = {field.name: Secret(text) for field, text in texts.items() if field.place == "secrets"}
    return fill(Renderer().render(vendor, rule, view), {PROVISIONING_URL: Secret(URL), **secrets})


def structure(content: bytes) -> list[object]:
    """What there is in a file, without any value."""
    text = content.decode("utf-8-sig", "surrogateescape")
    if text.lstrip().startswith("<"):
        return [*_elements(fromstring(content), "")]  # noqa: S314 - our own
    if text.lstrip().startswith("{"):
        return [*_members(json.loads(text), "")]
    lines = text.splitlines()  # of the most suspicious reader: whatever Unicode calls the end of a line
    return [line.partition("=")[0].partition(":")[0].strip() for line in lines]


def _elements(element: Element, path: str) -> Iterator[object]:
    here = f"{path}/{element.tag}"
    yield here, sorted(element.attrib)
    for child in element:
        yield from _elements(child, here)


def _members(value: object, path: str) -> Iterator[object]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _members(member, f"{path}/{key}")
    elif isinstance(value, list):
        for member in value:
            yield from _members(member, f"{path}[]")
    else:
        yield path, type(value).__name__


def models_of(vendor: Vendor) -> list[str]:
    return sorted({model.name for model in vendor.models} | {vendor.simulation.model})


@pytest.mark.parametrize("vendor", MAKERS, ids=lambda vendor: vendor.slug)
@settings(max_examples=25, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_no_value_changes_the_structure_of_a_file_and_twice_is_the_same(vendor: Vendor, data: st.DataObject) -> None:
    fields = fields_of(vendor)
    model = data.draw(st.sampled_from(models_of(vendor)), label="model")
    rule = data.draw(
        st.sampled_from([rule for rule in vendor.files if rule.template and not rule.checksum]), label="file"
    )
    closed = data.draw(closed_values(vendor), label="closed")
    plain = {field: field.plain for field in fields}
    chosen = data.draw(st.sets(st.sampled_from(range(len(fields))), min_size=1, max_size=MOST), label="fields")
    nasty = plain | {fields[n]: data.draw(fields[n].texts, label=fields[n].name) for n in sorted(chosen)}
    try:
        before = written(vendor, rule, view_of(vendor, model, closed, plain), plain)
        content = written(vendor, rule, view_of(vendor, model, closed, nasty), nasty)
    except UnfitValue:
        assume(False)  # noqa: FBT003 - refused, with the name of the field
        raise

    assert structure(content) == structure(before)
    assert written(vendor, rule, view_of(vendor, model, closed, nasty), nasty) == content
