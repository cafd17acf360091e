"""A file that was written for many devices, with blanks for the texts of each, is the file that each would have had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.artefact import Skeleton
from provserver.domain.evolved import evolved
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView, SharedSettings
from provserver.errors import RenderError
from provserver.render import Renderer
from tests.vendors.cases import CATALOGUE, RENDERER, all_cases, load_case

_TEXTS = ("label", "display_name", "auth_name", "voicemail")
_OTHER_MAC = MacAddress("0a0000000009")


@pytest.mark.parametrize("folder", all_cases(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_each_file_is_what_it_is_for_one_device_alone(folder: Path) -> None:
    case = load_case(folder)
    shared = replace(case.view, settings=SharedSettings(case.view.settings))

    for rule in CATALOGUE.vendors[case.slug].files:
        if rule.template is not None:
            _rendered(case.slug, rule, _of_others(shared))  # whose form it will be
            assert _rendered(case.slug, rule, shared) == _rendered(case.slug, rule, case.view), rule.name


@pytest.mark.parametrize(
    ("slug", "model", "name"),
    [
        ("yealink", "T54W", "config"),
        ("snom", "D785", "specific"),
        ("polycom", "VVX450", "user"),
        ("linphone", None, "config"),
    ],
)
@given(
    texts=st.lists(
        st.tuples(*[st.none() | st.text(st.characters(exclude_categories=["C"]), max_size=12)] * len(_TEXTS)),
        min_size=2,
        max_size=4,
    )
)
def test_whatever_stands_in_the_texts(
    slug: str, model: str | None, name: str, texts: list[tuple[str | None, ...]]
) -> None:
    """Also what the format cannot carry: then the same field is named."""
    rule = next(rule for rule in CATALOGUE.vendors[slug].files if rule.name == name)
    settings = SharedSettings({"vlan_id": 20})

    for position, values in enumerate(texts):
        view = DeviceView(mac=_OTHER_MAC, model=model, lines=(_line(position, values),), settings=settings, raw=_RAW)
        assert _rendered(slug, rule, view) == _rendered(slug, rule, replace(view, settings=dict(settings)))


@pytest.mark.parametrize("slug", ["yealink", "snom", "polycom", "linphone", "grandstream", "fanvil", "mitel"])
def test_a_usual_phone_needs_no_writing_of_its_own(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else all of the above would be true because nothing is shared."""
    vendor, renderer = CATALOGUE.vendors[slug], Renderer()
    rule = next(rule for rule in vendor.files if rule.template is not None and "line" in rule.sections)
    settings = SharedSettings({"vlan_id": 20})
    first, second = (
        DeviceView(mac=MacAddress(mac), model=None, lines=(_line(user, ()),), settings=settings, raw=_RAW)
        for user, mac in enumerate(("0a0000000001", "0a0000000002"))
    )
    renderer.render(vendor, rule, first)

    monkeypatch.setattr(type(vendor), "entries", _must_not_be_called)
    skeleton = renderer.render(vendor, rule, second)

    assert any(b"user1" in part for part in skeleton.parts if isinstance(part, bytes))


_RAW: dict[str, str | SecretSlot] = {}


def _must_not_be_called(*_: object) -> None:
    pytest.fail("the rows were written once more")


def _rendered(slug: str, rule: FileRule, view: DeviceView) -> Skeleton | str:
    try:
        return RENDERER.render(CATALOGUE.vendors[slug], rule, view)
    except RenderError as error:
        return repr(error)


def _of_others(view: DeviceView) -> DeviceView:
    """The same phones with other people's names and numbers."""
    lines = []
    for line in view.lines:
        others = {name: f"other {getattr(line, name)}" for name in _TEXTS if getattr(line, name)}
        lines.append(evolved(line, user_name=f"other{line.user_name}", **others))
    return replace(view, mac=_OTHER_MAC, lines=tuple(lines))


def _line(user: int, texts: tuple[str | None, ...]) -> Line:
    fields = dict(zip(_TEXTS, texts, strict=False))
    password = SecretSlot("line.1.password")
    line = Line(number=1, user_name=f"user{user}", registrar=Endpoint(host="pbx.example.com"), password=password)
    return evolved(line, **fields)
