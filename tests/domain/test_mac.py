"""A MAC is read in every usual notation and kept in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.mac import MacAddress, local_mac
from provserver.errors import InvalidValue

DEVICES = st.binary(min_size=6, max_size=6).filter(lambda octets: not octets[0] & 1 and any(octets)).map(bytes.hex)


@pytest.mark.parametrize(
    "text",
    [
        "001565aabbcc",
        "001565AABBCC",
        "00:15:65:aa:bb:cc",
        "00-15-65-AA-BB-CC",
        "00.15.65.aa.bb.cc",
        "00 15 65 aa bb cc",
        "0015.65aa.bbcc",  # Cisco
        "0015-65aa-bbcc",  # Huawei
        "0015:65aa:bbcc",
        "001565-aabbcc",  # HP
        "001565:aabbcc",
        "  00:15:65:aa:bb:cc\t",
    ],
)
def test_every_usual_notation_is_the_same_address(text: str) -> None:
    assert MacAddress.parse(text) == MacAddress("001565aabbcc")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "001565aabbc",
        "001565aabbccd",
        "001565aabbcg",
        "00:15:65:aa:bb",
        "00:15:65:aa:bb:cc:dd",
        "00:15-65:aa-bb:cc",
        "00::15:65:aa:bb:cc",
        "0015.65aa-bbcc",
        "0:15:65:aa:bb:cc",
        "00 15:65:aa:bb:cc",
        "001565 aabbcc",
        "00:15:65:aa:bb:cc/24",
        "\u0660\u06601565aabbcc",
        "0x001565aabb",
    ],
)
def test_what_is_no_address_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        MacAddress.parse(text)

    assert refused.value.field == "mac"
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("text", ["000000000000", "ffffffffffff", "01005e000001", "33:33:00:00:00:01"])
def test_an_address_of_nobody_or_of_many_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="not the address of one device"):
        MacAddress.parse(text)


@pytest.mark.parametrize("value", ["001565AABBCC", "00:15:65:aa:bb:cc", "001565aabbcc\n"])
def test_an_instance_is_canonical(value: str) -> None:
    with pytest.raises(InvalidValue):
        MacAddress(value)


@given(DEVICES)
def test_what_is_written_is_read_back(value: str) -> None:
    mac = MacAddress(value)

    assert {MacAddress.parse(text) for text in (str(mac), mac.upper, mac.colons, mac.colons.upper())} == {mac}
    assert mac.colons.replace(":", "") == mac.value
    assert mac.oui == value[:6]


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        mac = MacAddress.parse(text)
    except InvalidValue:
        return
    assert len(mac.value) == 12


@given(st.binary(min_size=6, max_size=6))
def test_a_generated_id_is_an_address_that_no_maker_owns(entropy: bytes) -> None:
    mac = local_mac(entropy)

    assert mac.is_local
    assert mac.value[2:] == entropy[1:].hex()
    assert MacAddress.parse(mac.colons) == mac


def test_a_makers_address_is_not_local() -> None:
    assert not MacAddress("001565aabbcc").is_local
    assert MacAddress("021565aabbcc").is_local


def test_addresses_are_sorted_by_their_digits() -> None:
    assert min(MacAddress("805ec0000001"), MacAddress("001565000001")).value == "001565000001"
