"""Every maker's folders of evidence are true, and every maker has both kinds: what it gets and what it must not get."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.view import SharedSettings
from provserver.vendors import load_vendors
from tests.vendors.cases import CATALOGUE, FOLDER, RENDERER, all_cases, load_case


@pytest.mark.parametrize("folder", all_cases(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_the_phone_gets_exactly_the_expected_bytes(folder: Path) -> None:
    case = load_case(folder)

    answer = case.answer_bytes()

    if case.answer == "not_found":
        assert answer is None
        return
    assert case.expected is not None, "a case that expects a file needs expected.*"
    assert answer is not None
    assert answer.decode() == case.expected.read_bytes().decode()
    for text in case.absent:
        assert text not in answer.decode()


@pytest.mark.parametrize("folder", all_cases(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_rendering_twice_gives_the_same_bytes(folder: Path) -> None:
    assert load_case(folder).answer_bytes() == load_case(folder).answer_bytes()


@pytest.mark.parametrize("folder", all_cases(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_what_devices_share_is_written_once_and_says_the_same(folder: Path) -> None:
    """Another phone with the same settings, but another MAC and other lines, was written before this one."""
    case = load_case(folder)
    shared = SharedSettings(case.view.settings)
    line = Line(number=1, user_name="9009", label="Other", registrar=Endpoint(host="other.example.org", port=5090))
    other = replace(case.view, mac=MacAddress("0a0000000009"), lines=(line,), raw={}, settings=shared)

    vendor = CATALOGUE.vendors[case.slug]
    for rule in vendor.files:
        if rule.template is not None:
            RENDERER.render(vendor, rule, other)
    written = replace(case, view=replace(case.view, settings=shared)).answer_bytes()

    assert written == case.answer_bytes()


@pytest.mark.parametrize("slug", [vendor.slug for vendor in load_vendors() if not vendor.refuses])
def test_every_maker_has_positive_negative_and_after_deletion_cases(slug: str) -> None:
    cases = [load_case(folder) for folder in all_cases() if folder.parent == FOLDER / slug]

    assert any(case.answer == "file" for case in cases)
    assert any(case.answer == "not_found" and not case.deleted for case in cases)
    assert any(case.deleted for case in cases)
    assert any(case.absent for case in cases)
