"""
Whatever is entered in any field of any maker's device adds nothing to its files, and they are the same twice.

Closed values (switches, choices, numbers) are drawn first; they may decide what is in a file. Then texts that people
enter are drawn among the nastiest there are, and the file is read back beside the one with plain texts: no element,
attribute or name is there that is not there as well. What a format cannot carry is refused with the field's name, or
left out where the maker says so.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from xml.etree.ElementTree import Element, fromstring

import pytest

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
from tests.vendors.workbench import CATALOGUE, URL

MAKERS = [vendor for vendor in CATALOGUE.vendors.values() if any(rule.template for rule in vendor.files)]
ROUNDS = 25  # for each maker; each has a seed of its own, so that every run draws the same
# What separates, quotes, comments or ends something in one of the formats.
NASTY = "\"'<>&;=:#\\%{}[]$`|/,!?\t ~^é€\U0001f4deaZ09"
USER = "aZ09!#$%'*+-._`{|}~^é"  # what a SIP user name may be made of
CLOSED = {"switch", "choice", "number", "numbers", "list", "time of day", "time zone", "word", "certificate"}
EXAMPLES = {
    "numbers": ("66", "43 66", "128,129"),
    "time of day": ("00:00", "02:30", "23:59"),
    "time zone": ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"),
    "word": ("1.2.3", "96-86-0-70", "W70B"),
    "certificate": (b64encode(b"\x30\x82\x01\x00" + bytes(256)).decode(),),
}
PLACES = ("values", "secrets", "line")
# Lists in one text, which some makers write as several parameters.
LISTS = {"ldap.name_attributes", "ldap.number_attributes", "ldap.name_filter", "ldap.number_filter"}
LINE_TEXTS = ("label", "display_name", "auth_name", "voicemail")
RAW_NAMES = {  # makers whose formats have an order of their own
    "acrobits": "icm",
    "counterpath": "proxies/proxy0/use_rport",
    "linphone": "sip/some_entry",
    "twon": "Phone/Sip@0/Misc/KeepAlive",
}
HOSTS = ("a.example", "192.0.2.9", "2001:db8::9")
MOST = 8  # texts that are drawn at once; the others are plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place for a text: in ``values``, ``secrets`` or the ``line``; *draw* gives what may be entered there."""

    place: str
    name: str
    plain: str
    draw: Callable[[Random], str]


def nasty(random: Random, alphabet: str = NASTY) -> str:
    """A text that any field takes, of what is most likely to break a file."""
    while True:
        text = "".join(random.choices(alphabet, k=random.randint(1, 12))).strip()
        if text and text_problem(text) is None:
            return text


def fields_of(vendor: Vendor) -> list[Field]:
    """Every field of a device of *vendor* that takes a text."""
    closed = CLOSED | LISTS
    supported = [s for s in SPECS if not {s.kind, s.name} & closed and vendor.supports(s.name)]
    found = [_field(spec, number) for number, spec in enumerate(supported)]
    found += [Field(place="line", name=name, plain=f"{name}x", draw=nasty) for name in LINE_TEXTS]
    return [
        *found,
        Field(place="line", name="user_name", plain="1001", draw=lambda random: nasty(random, USER)),
        Field(place="secrets", name="line.1.password", plain="passwordx", draw=nasty),
        Field(place="values", name=f"raw.{RAW_NAMES.get(vendor.slug, 'some.parameter')}", plain="rawx", draw=nasty),
    ]


def _field(spec: SettingSpec, number: int) -> Field:
    name = spec.name.replace("N", "1")
    if spec.secret:
        return Field(place="secrets", name=f"setting.{name}", plain=f"secret{number}", draw=nasty)
    before = {"URL": "http://a.example/", "key": "blf 1002 "}.get(spec.kind, "")
    plain = f"a{number}.example" if spec.kind == "host" else f"{before}x{number}"

    def draw(random: Random) -> str:
        if spec.kind == "host":
            return random.choice(HOSTS)
        tried = (f"{before}{nasty(random)}" for _ in range(20))
        return next((text for text in tried if _is_read(spec, text)), plain)

    return Field(place="values", name=name, plain=plain, draw=draw)


def _is_read(spec: SettingSpec, text: str) -> bool:
    """Whether it may be entered."""
    try:
        spec.read(text)
    except InvalidValue:
        return False
    return True


def closed_values(vendor: Vendor, random: Random) -> dict[str, str]:
    """Some of the settings whose values are one of a list, within a range, or a word."""
    found = [spec for spec in SPECS if spec.kind in CLOSED and vendor.supports(spec.name) and random.random() < 0.5]
    return {spec.name.replace("N", "1"): _closed(spec, random) for spec in found}


def _closed(spec: SettingSpec, random: Random) -> str:
    if spec.kind == "number":
        low, _, high = spec.allowed[0].partition("–")
        return str(random.randint(int(low), int(high)))
    if spec.kind == "list":
        return " ".join(random.sample(spec.allowed, random.randint(1, len(spec.allowed))))
    return random.choice([text for text in EXAMPLES.get(spec.kind, spec.allowed) if _is_read(spec, text)])


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


def structure(content: bytes) -> list[str]:
    """What there is in a file, without any value."""
    text = content.decode("utf-8-sig", "surrogateescape")
    if text.lstrip().startswith("<"):
        return [*_elements(fromstring(content), "")]  # noqa: S314 - our own
    if text.lstrip().startswith("{"):
        return [*_members(json.loads(text), "")]
    lines = text.splitlines()  # of the most suspicious reader: whatever Unicode calls the end of a line
    return [line.partition("=")[0].partition(":")[0].strip() for line in lines]


def _elements(element: Element, path: str) -> Iterator[str]:
    here = f"{path}/{element.tag}"
    yield here
    yield from (f"{here}@{name}" for name in element.attrib)
    for child in element:
        yield from _elements(child, here)


def _members(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _members(member, f"{path}/{key}")
    elif isinstance(value, list):
        for member in value:
            yield from _members(member, f"{path}[]")
    else:
        yield f"{path} {type(value).__name__}"


def models_of(vendor: Vendor) -> list[str]:
    return sorted({model.name for model in vendor.models} | {vendor.simulation.model})


@pytest.mark.parametrize("vendor", MAKERS, ids=lambda vendor: vendor.slug)
def test_no_value_adds_anything_to_a_file_and_twice_is_the_same(vendor: Vendor) -> None:
    fields, written_out = fields_of(vendor), 0
    plain = {field: field.plain for field in fields}
    rules = [rule for rule in vendor.files if rule.template and not rule.checksum]
    for number in range(ROUNDS):
        random = Random(f"{vendor.slug} {number}")  # noqa: S311 - the same each time
        model, closed = random.choice(models_of(vendor)), closed_values(vendor, random)
        chosen = random.sample(fields, random.randint(1, min(MOST, len(fields))))
        texts = plain | {field: field.draw(random) for field in chosen}
        for rule in rules:
            try:
                before = written(vendor, rule, view_of(vendor, model, closed, plain), plain)
                content = written(vendor, rule, view_of(vendor, model, closed, texts), texts)
            except UnfitValue:
                continue  # refused, with the name of the field
            written_out += 1
            added = Counter(structure(content)) - Counter(structure(before))
            assert not added, (rule.name, model, closed, chosen)
            assert written(vendor, rule, view_of(vendor, model, closed, texts), texts) == content

    assert written_out >= ROUNDS / 2
