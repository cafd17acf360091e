"""Every maker keeps what a maker promises: its facts have sources, its files have templates, its names are its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from provserver.domain.boot import SimulatedPhone
from provserver.domain.catalogue import find_spec
from provserver.domain.identity import AuthScheme
from provserver.domain.line import Line
from provserver.domain.mac import MacAddress, local_mac
from provserver.domain.parameters import DEVICE, LINE, Parameter
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import FileRule, UploadRule, Vendor, model_key
from provserver.errors import InvalidValue
from provserver.identify import Catalogue, Identified, take_apart
from provserver.render import TEMPLATES
from provserver.vendors import load_vendors

VENDORS = load_vendors()
CATALOGUE = Catalogue(VENDORS)
CONFIDENCES = {"H", "M", "L", "T"}
SLUG = re.compile(r"[a-z][a-z0-9]*")
OUI = re.compile(r"[0-9a-f]{6}")
PLACEHOLDERS = {"mac": "805ec0aabbcc", "model": "X1", "number": "007", "part": "3111-48500-001"}
PATTERN = re.compile(r"(?:\{(?:mac|model|number|part)\}|[A-Za-z0-9._/-])*(?:\?mac=\{mac\})?")
REFERENCE = re.compile(r"""\{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)["']""")

SERVED = [vendor for vendor in VENDORS if not vendor.refuses]
each_maker = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.slug)
each_served_maker = pytest.mark.parametrize("vendor", SERVED, ids=lambda vendor: vendor.slug)


def facts(vendor: Vendor) -> Iterator[tuple[str, str, str]]:
    """Everything that states something about phones: what it is, its source, its confidence."""
    for group in ("files", "uploads", "parameters", "models", "agents", "bootstrap"):
        for fact in getattr(vendor, group):
            yield f"{group}: {fact!r}", fact.source, fact.confidence
    for name in ("after_deletion", "notify"):
        yield name, getattr(vendor, name).source, getattr(vendor, name).confidence
    for proof in (vendor.login, vendor.certificate, vendor.scanned):
        if proof is not None:
            yield repr(proof), proof.source, proof.confidence


def mac_of(vendor: Vendor, entropy: int = 0x2A2B3C) -> MacAddress:
    if vendor.generated_ids:
        return local_mac(entropy.to_bytes(6))
    return MacAddress(f"{min(vendor.ouis)}{entropy:06x}")


def test_there_are_at_least_the_first_four_makers() -> None:
    assert {"yealink", "snom", "polycom", "linphone"} <= {vendor.slug for vendor in VENDORS}


@each_maker
def test_a_makers_slug_is_the_name_of_its_module(vendor: Vendor) -> None:
    assert SLUG.fullmatch(vendor.slug)
    assert import_module(f"provserver.vendors.{vendor.slug}").VENDOR is vendor
    assert (TEMPLATES / vendor.slug).is_dir() is not bool(vendor.refuses)


@each_maker
def test_every_fact_has_a_source_and_a_confidence(vendor: Vendor) -> None:
    bare = [what for what, source, confidence in facts(vendor) if not source.strip() or confidence not in CONFIDENCES]

    assert bare == []
    assert vendor.sources
    assert vendor.after_deletion.reason


@each_served_maker
def test_an_installer_is_told_how_the_url_gets_into_the_phone(vendor: Vendor) -> None:
    assert vendor.bootstrap
    assert [way for way in vendor.bootstrap if not way.text.strip()] == []


@each_maker
def test_a_code_that_is_scanned_leads_to_a_file_of_the_devices_own(vendor: Vendor) -> None:
    if vendor.scanned is not None:
        assert "{mac}" in vendor.file(vendor.scanned.file).pattern


@each_maker
def test_a_factory_certificate_says_where_the_mac_stands(vendor: Vendor) -> None:
    if vendor.certificate is not None:
        assert "mac" in vendor.certificate.pattern.groupindex
    if vendor.login is not None:
        assert vendor.login.schemes


@each_maker
def test_blocks_are_canonical_and_softphones_have_none(vendor: Vendor) -> None:
    assert all(OUI.fullmatch(oui) and not int(oui[:2], 16) & 0b11 for oui in vendor.ouis | vendor.guest_ouis)
    assert not vendor.ouis & vendor.guest_ouis
    assert bool(vendor.ouis) is not vendor.generated_ids


def test_no_two_makers_share_a_block_and_a_file_name() -> None:
    owners: Counter[tuple[str, str]] = Counter()
    for vendor in VENDORS:
        blocks = vendor.ouis | vendor.guest_ouis or ({"generated"} if vendor.generated_ids else set())
        names = {rule.pattern.lower() for rules in (vendor.files, vendor.uploads) for rule in rules}
        owners.update((block, name) for block in blocks for name in names)

    assert [pair for pair, count in owners.items() if count > 1] == []


@each_maker
def test_names_of_rules_are_unique_and_patterns_are_shapes(vendor: Vendor) -> None:
    for rules in (vendor.files, vendor.uploads):
        assert max(Counter(rule.name for rule in rules).values(), default=1) == 1
        assert max(Counter(rule.pattern.lower() for rule in rules).values(), default=1) == 1
        assert [rule.pattern for rule in rules if not PATTERN.fullmatch(rule.pattern)] == []


def test_what_is_posted_to_for_a_login_is_no_other_makers_file_or_upload() -> None:
    """A name is fetched by POST or by GET, whoever asks: else the method would say whose a device is."""
    names = [(vendor.slug, rule.pattern.lower()) for vendor in VENDORS for rule in vendor.files]
    names += [(vendor.slug, rule.pattern.lower()) for vendor in VENDORS for rule in vendor.uploads]
    forms = [(vendor.slug, rule.pattern.lower()) for vendor in VENDORS for rule in vendor.files if rule.form]

    for slug, pattern in forms:
        assert set(re.findall(r"\{(\w+)\}", pattern)) <= {"mac"}
        assert [other for other, name in names if name == pattern] == [slug]
    assert {slug for slug, _ in forms} == {
        vendor.slug for vendor in VENDORS if vendor.login and AuthScheme.FORM in vendor.login.schemes
    }


@each_maker
def test_a_file_that_is_served_has_a_template_and_a_format(vendor: Vendor) -> None:
    for rule in vendor.files:
        assert (rule.template is None) is (rule.format is None), rule.name
        assert rule.template is None or (TEMPLATES / vendor.slug / rule.template).is_file()


@each_maker
def test_every_template_is_used(vendor: Vendor) -> None:
    folder = TEMPLATES / vendor.slug
    used = {rule.template for rule in vendor.files} | {vendor.phonebook.template if vendor.phonebook else None}
    waiting = [template for template in used if template]
    while waiting:
        text = (folder / waiting.pop()).read_text(encoding="utf-8")
        found = {name.removeprefix(f"{vendor.slug}/") for name in REFERENCE.findall(text)} - used
        used |= found
        waiting += found

    there = {str(Path(file).relative_to(folder)) for file in folder.rglob("*.j2")}
    assert there == {name for name in used if name}


def test_no_template_folder_is_without_a_maker() -> None:
    makers = {vendor.slug for vendor in SERVED}

    assert {folder.name for folder in TEMPLATES.iterdir() if folder.is_dir()} - {"portal"} == makers


@each_maker
def test_the_sections_of_a_file_are_those_of_its_rows(vendor: Vendor) -> None:
    written = {row.section for row in vendor.parameters} | {"raw"}
    asked = {section for rule in vendor.files for section in rule.sections}

    assert asked <= written
    assert {row.section for row in vendor.parameters} <= asked, "rows that no file holds"


@each_maker
def test_every_row_is_about_something_that_exists(vendor: Vendor) -> None:
    wrong = [row for row in vendor.parameters if not _exists(row)]

    assert wrong == []


@each_maker
def test_a_row_translates_only_values_that_its_setting_can_have(vendor: Vendor) -> None:
    for row in vendor.parameters:
        if row.values is None or row.setting.startswith(LINE) or row.setting == DEVICE:
            continue
        spec = find_spec(_numbered(row.setting))
        if spec.kind == "switch":
            assert set(row.values) <= {True, False}, row
        elif spec.kind == "choice":
            assert set(row.values) <= set(spec.allowed), row


@each_maker
def test_a_row_that_writes_a_switch_translates_it(vendor: Vendor) -> None:
    """``str(True)`` is no phone's spelling."""
    for row in vendor.parameters:
        if row.setting.startswith(LINE) or row.setting == DEVICE or callable(row.write):
            continue
        if find_spec(_numbered(row.setting)).kind == "switch":
            assert row.values is not None, row


@each_maker
def test_models_have_names_of_their_own_and_are_found_by_them(vendor: Vendor) -> None:
    names = Counter(model_key(model.name) for model in vendor.models)

    assert vendor.models
    assert [name for name, count in names.items() if count > 1] == []
    for model in vendor.models:
        assert vendor.model(model.name) is model
        assert vendor.model(model.name.lower().replace(" ", "-")) is model
        for count_ in (model.lines, model.keys, model.softkeys, model.modules, model.module_keys):
            assert count_ is None or 0 <= count_ < 10_000


@each_maker
def test_a_number_in_file_names_belongs_to_one_series(vendor: Vendor) -> None:
    """Makers give one number to variants of one phone (T53 and T53W), never to two kinds of phones."""
    series: dict[str, set[str]] = {}
    for model in vendor.models:
        if model.number is not None:
            assert re.fullmatch(r"[0-9]{1,12}", model.number)
            series.setdefault(model.number, set()).add(model_key(model.name)[:2])

    assert {number: names for number, names in series.items() if len(names) > 1} == {}


@each_maker
def test_agents_are_looked_up_by_lower_case_words(vendor: Vendor) -> None:
    for form in vendor.agents:
        assert form.words
        assert all(word == word.lower() and word.isalnum() for word in form.words), form.words
        assert {*form.pattern.groupindex} <= {"model", "fw", "mac", "serial"}


@each_served_maker
def test_the_played_phone_is_known_by_its_own_user_agent(vendor: Vendor) -> None:
    play = vendor.simulation
    phone = SimulatedPhone(mac=mac_of(vendor), model=play.model, firmware=play.firmware)

    agent = CATALOGUE.read_agent(play.user_agent(phone))

    assert agent is not None
    assert (agent.vendor, agent.firmware) == (vendor.slug, play.firmware)
    assert agent.mac in (None, phone.mac)
    assert agent.model is None or model_key(agent.model) == model_key(play.model)
    assert vendor.model(play.model) is not None


@each_maker
def test_every_file_that_names_a_device_is_known_as_its_makers(vendor: Vendor) -> None:
    mac = mac_of(vendor)
    rules: tuple[FileRule | UploadRule, ...] = (*vendor.files, *vendor.uploads)
    for rule in rules:
        if "{mac}" not in rule.pattern:
            continue
        file = rule.pattern.format_map(PLACEHOLDERS | {"mac": mac.value})
        path, _, query = f"/{file}".partition("?")

        found = CATALOGUE.identify(ProvRequest(path=path, query=query))

        assert isinstance(found, Identified), rule.pattern
        assert (found.vendor, found.mac) == (vendor.slug, mac)


@each_maker
def test_every_rule_is_found_again_by_the_file_it_names(vendor: Vendor) -> None:
    for rules, find in ((vendor.files, CATALOGUE.file_rule), (vendor.uploads, CATALOGUE.upload_rule)):
        for rule in rules:
            file = rule.pattern.format_map(PLACEHOLDERS | {"mac": mac_of(vendor).value, "model": _model(vendor)})
            path, _, query = f"/{file}".partition("?")
            asked = take_apart(path, query)

            assert asked is not None
            found = find(vendor.slug, asked)
            assert found is not None
            assert found.pattern.lower() == rule.pattern.lower() or "{model}" in found.pattern


def _model(vendor: Vendor) -> str:
    """The model as ``{model}`` stands for it, without what comes before a dash (KX-HDV230)."""
    return vendor.simulation.model.replace(" ", "").rpartition("-")[2]


def _numbered(setting: str) -> str:
    return ".".join("1" if part == "N" else part for part in setting.split("."))


def _exists(row: Parameter) -> bool:
    if row.setting == DEVICE:
        return callable(row.write)
    if row.setting.startswith(LINE):
        return hasattr(Line, row.setting.removeprefix(LINE))
    try:
        return find_spec(_numbered(row.setting)).name == row.setting
    except InvalidValue:
        return False
