"""Whose an address is comes from files that may be good, old, broken, or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from provserver.whereabouts import NOBODY, Holder, Whereabouts
from tests.networks import ASN, COUNTRY, write


def test_without_files_nothing_is_known() -> None:
    whereabouts = Whereabouts()

    assert (whereabouts.reload().built, whereabouts.of("192.0.2.7")) == ({}, NOBODY)


def test_an_address_has_a_system_a_name_and_a_country(tmp_path: Path) -> None:
    whereabouts = Whereabouts(asn=write(tmp_path / "a.mmdb", ASN), country=write(tmp_path / "c.mmdb", COUNTRY))

    loaded = whereabouts.reload()

    assert (set(loaded.built), loaded.problems) == ({"asn", "country"}, ())
    assert all(at > 1_700_000_000 for at in loaded.built.values())
    assert whereabouts.of("192.0.2.7") == Holder("AS64500", "Example Net", "DE")
    assert str(whereabouts.of("192.0.2.7")) == "AS64500 Example Net DE"
    assert whereabouts.of("2001:db8:5::1") == Holder("AS64502", "Sixth", "FR")
    assert whereabouts.of("203.0.113.9") == Holder("AS64501", "OtherNet", "")
    for unknown in ("192.0.3.1", "10.0.0.1", "no address", "", "::1"):
        assert whereabouts.of(unknown) == NOBODY


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"asn": "AS64500", "as_name": "Example", "country_code": "DE", "country": "Germany"},
            ("AS64500", "Example", "DE"),
        ),
        ({"asn": "AS64500", "name": "Example", "country": "DE"}, ("AS64500", "Example", "DE")),
        ({"asn": 64500, "country": ["DE"]}, ("", "", "")),
        ({"asn": "ASx", "as_name": "\x1b[2J", "country_code": "D<"}, ("", "[2J", "")),
        ({"autonomous_system_organization": "x" * 200}, ("", "x" * 60, "")),
        ({"country": {"iso_code": 5}}, ("", "", "")),
    ],
)
def test_other_publishers_records_are_read_and_odd_ones_say_nothing(
    tmp_path: Path, record: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    whereabouts = Whereabouts(asn=write(tmp_path / "a.mmdb", {"192.0.2.0/24": record}))
    whereabouts.reload()

    assert whereabouts.of("192.0.2.7") == Holder(*expected)


def test_an_ipv6_address_is_nobodys_in_a_file_without(tmp_path: Path) -> None:
    only4 = {network: record for network, record in ASN.items() if ":" not in network}
    whereabouts = Whereabouts(asn=write(tmp_path / "a.mmdb", only4, ip_version=4))
    whereabouts.reload()

    assert whereabouts.of("2001:db8::1") == NOBODY
    assert whereabouts.of("192.0.2.7").system == "AS64500"


def test_a_new_file_is_read_and_the_same_one_is_not(tmp_path: Path) -> None:
    file = write(tmp_path / "a.mmdb", ASN)
    whereabouts = Whereabouts(asn=file)
    whereabouts.reload()
    before = whereabouts.of("192.0.2.7")
    assert whereabouts.reload().built == {}

    write(file, {"192.0.2.0/24": {"autonomous_system_number": 65000}})

    assert set(whereabouts.reload().built) == {"asn"}
    assert (before.system, whereabouts.of("192.0.2.7").system) == ("AS64500", "AS65000")


@pytest.mark.parametrize("content", [b"", b"x" * 10_000, None, b"\xab\xcd\xefMaxMind.com"])
def test_a_broken_file_is_one_line_and_what_was_known_stays(tmp_path: Path, content: bytes | None) -> None:
    file = write(tmp_path / "a.mmdb", ASN)
    whole = file.read_bytes()
    whereabouts = Whereabouts(asn=file)
    whereabouts.reload()

    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    found = whereabouts.reload()

    (problem,) = found.problems
    assert problem == f"whereabouts.asn {file}: is no database of networks that can be read"
    assert whereabouts.of("192.0.2.7").system == "AS64500"
    assert whereabouts.reload().problems == (), "the same file is looked at once"
    write(file, COUNTRY)
    assert set(whereabouts.reload().built) == {"asn"}


def test_a_file_that_is_cut_where_it_lies_takes_nothing_down(tmp_path: Path) -> None:
    """The library maps it into memory: reading behind its new end would end the process."""
    file = write(tmp_path / "a.mmdb", ASN)
    whereabouts = Whereabouts(asn=file)
    whereabouts.reload()

    os.truncate(file, 0)

    assert whereabouts.of("203.0.113.9").system == "AS64501"


def test_a_missing_file_is_one_line_until_it_comes(tmp_path: Path) -> None:
    file = tmp_path / "a.mmdb"
    whereabouts = Whereabouts(asn=file)

    for _ in range(2):
        assert whereabouts.reload().problems == (f"whereabouts.asn {file}: No such file or directory",)
    write(file, ASN)
    assert whereabouts.reload().problems == ()
    assert whereabouts.of("192.0.2.7").system == "AS64500"


def test_one_broken_file_does_not_keep_the_other_from_being_read(tmp_path: Path) -> None:
    broken = tmp_path / "c.mmdb"
    broken.write_bytes(b"nothing")
    whereabouts = Whereabouts(asn=write(tmp_path / "a.mmdb", ASN), country=broken)

    found = whereabouts.reload()

    assert (set(found.built), len(found.problems)) == ({"asn"}, 1)
    assert whereabouts.of("192.0.2.7") == Holder("AS64500", "Example Net", "")
