"""A file rule may speak for its own family: its answer after deletion, its model, and its maker in a foreign block."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import AfterDeletion, FileRule, Vendor
from provserver.domain.view import DeviceView
from provserver.identify import Catalogue, Identified, take_apart
from tests.played import FIRST, make_vendor


def rule(pattern: str, *, model_prefix: str = "", after_deletion: AfterDeletion | None = None) -> FileRule:
    return FileRule(
        name=pattern,
        pattern=pattern,
        model_prefix=model_prefix,
        after_deletion=after_deletion,
        source="none",
        confidence="L",
    )


def maker(*rules: FileRule) -> Vendor:
    return replace(make_vendor(), files=rules, ouis=frozenset({"000e08"}))


def test_a_file_may_have_its_own_answer_after_deletion() -> None:
    withheld, usual = rule("a.xml", after_deletion=AfterDeletion.NOT_FOUND), rule("b.xml")
    vendor, view = maker(withheld, usual), DeviceView(mac=FIRST)

    assert vendor.after_deletion_of(view, withheld) is AfterDeletion.NOT_FOUND
    assert vendor.after_deletion_of(view, usual) is AfterDeletion.OMIT
    assert vendor.after_deletion_of(view) is AfterDeletion.OMIT


@pytest.mark.parametrize(
    ("file", "model"), [("dev12.cfg", "DEV12"), ("dev12-000e08000001.cfg", "12"), ("dev-all.cfg", None)]
)
def test_a_name_gives_the_model_with_what_it_leaves_out(file: str, model: str | None) -> None:
    rules = rule("dev{model}.cfg", model_prefix="DEV"), rule("dev{model}-{mac}.cfg"), rule("dev-{part}.cfg")

    found = Catalogue([maker(*rules)]).identify(ProvRequest(path=f"/{file}"))

    assert isinstance(found, Identified)
    assert found.model == model


@pytest.mark.parametrize("file", ["ATA0A0B0C000001.cnf.xml", "ATA0a0b0c000001.cnf.xml"])
def test_a_mac_is_found_behind_the_letters_of_an_adapter(file: str) -> None:
    asked = take_apart(f"/{file}")

    assert asked is not None
    assert (asked.mac, asked.shape) == (MacAddress("0a0b0c000001"), "ATA{mac}.cnf.xml")


@pytest.mark.parametrize("file", ["ATA10A0B0C000001.cnf.xml", "ATA0A0B0C0000012.cnf.xml", "DA0A0B0C000001.cnf.xml"])
def test_other_runs_of_hex_digits_hold_no_mac(file: str) -> None:
    asked = take_apart(f"/{file}")

    assert asked is not None
    assert asked.mac is None


def test_in_a_foreign_block_a_file_name_speaks_for_its_maker_and_a_mac_does_not() -> None:
    host = replace(make_vendor(), slug="host", files=(rule("{mac}.xml"),), ouis=frozenset({"000e08"}))
    guest = replace(
        make_vendor(), slug="guest", files=(rule("dev{model}-{mac}.cfg"),), guest_ouis=frozenset({"000e08"})
    )
    catalogue = Catalogue([host, guest])

    found = [catalogue.identify(ProvRequest(path=path)) for path in ("/000e08000001.xml", "/dev12-000e08000001.cfg")]

    assert [one.vendor for one in found if isinstance(one, Identified)] == ["host", "guest"]
    assert catalogue.makers_of(MacAddress("000e08000001")) == {"host"}
