"""What a setting becomes on a maker's devices is found in its table, whatever the row is made of."""

from __future__ import annotations

import pytest

from provserver.domain.catalogue import SPECS, find_spec
from provserver.domain.examples import example_texts, example_view, numbered
from provserver.domain.vendor import Vendor
from provserver.domain.words import all_parameters, parameters_of
from provserver.vendors import load_vendors

VENDORS = {vendor.slug: vendor for vendor in load_vendors()}
each_maker = pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda vendor: vendor.slug)


@pytest.mark.parametrize(
    ("slug", "setting", "names"),
    [
        ("yealink", "dtmf_payload", ("account.{n}.dtmf.dtmf_payload",)),
        ("yealink", "phonebook.N.url", ("remote_phonebook.data.{n}.url",)),
        ("htek", "vlan_id", ("P24053", "P51")),  # a row of several parameters
        ("htek", "ldap.password", ("P5436",)),  # a secret
        ("panasonic", "key.N", ("FLEX_BUTTON_FACILITY_ACT1", "FLEX_BUTTON_FACILITY_ARG1", "FLEX_BUTTON_LABEL1")),
    ],
)
def test_a_setting_is_shown_in_the_words_of_the_maker(slug: str, setting: str, names: tuple[str, ...]) -> None:
    assert parameters_of(VENDORS[slug], find_spec(numbered(setting))) == names


def test_a_setting_that_is_written_with_others_only_is_found_among_them() -> None:
    assert parameters_of(VENDORS["linphone"], find_spec("realm")) != ()


@each_maker
def test_every_setting_of_the_catalogue_is_there_or_said_to_be_unsupported(vendor: Vendor) -> None:
    found = all_parameters(vendor)

    assert list(found) == [spec.name for spec in SPECS]
    assert {name for name, names in found.items() if names is not None} == {
        spec.name for spec in SPECS if vendor.supports(spec.name)
    }


def test_every_setting_has_an_example_that_it_accepts() -> None:
    for spec in SPECS:
        texts = example_texts(spec)
        assert bool(texts) is not spec.secret
        assert all(spec.read(text) is not None for text in texts)


def test_a_device_has_an_example_of_each_setting_and_its_secrets_only_while_they_are_held() -> None:
    names = [spec.name for spec in SPECS]

    full, forgotten = example_view("X1", names), example_view("X1", names, held=False)

    secrets = {numbered(spec.name) for spec in SPECS if spec.secret}
    assert set(full.settings) == {numbered(name) for name in names}
    assert set(forgotten.settings) == set(full.settings) - secrets
    assert all(line.password is not None for line in full.lines)
    assert all(line.password is None for line in forgotten.lines)
