"""What phones are told by DHCP is the makers' own table, written as each DHCP server reads it."""

from ipaddress import IPv4Address

import pytest

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.dhcp import DIALECTS, Handout, dnsmasq, handouts, isc, kea, wants_address
from provserver.vendors import load_vendors

URL = "https://prov.example.com/"
ADDRESS = IPv4Address("192.0.2.9")
TOLD = [
    Handout(
        name="provserver-text",
        title="Text",
        classes=("one",),
        blocks=("0a1b2c",),
        options=(66, 160),
        suboption=None,
        content=URL,
    ),
    Handout(
        name="provserver-address",
        title="Address",
        classes=("Two, Inc.",),
        blocks=(),
        options=(150,),
        suboption=None,
        content=ADDRESS,
    ),
    Handout(
        name="provserver-inner", title="Inner", classes=("three",), blocks=(), options=(43,), suboption=67, content=URL
    ),
]
ISC = """\
option provserver-150 code 150 = string;
option provserver-160 code 160 = string;

# Text
class "provserver-text" {
  match if substring(option vendor-class-identifier, 0, 3) = "one"
    or substring(hardware, 1, 3) = 0a:1b:2c;
  option tftp-server-name "https://prov.example.com/";
  option provserver-160 "https://prov.example.com/";
}

# Address
class "provserver-address" {
  match if substring(option vendor-class-identifier, 0, 9) = "Two, Inc.";
  option provserver-150 c0:00:02:09;
}

# Inner
option space provserver-inner;
option provserver-inner.url code 67 = string;
class "provserver-inner" {
  match if substring(option vendor-class-identifier, 0, 5) = "three";
  vendor-option-space provserver-inner;
  option provserver-inner.url "https://prov.example.com/";
}
"""
DNSMASQ = """\
# Text
dhcp-vendorclass=set:provserver-text,"one"
dhcp-mac=set:provserver-text,0a:1b:2c:*:*:*
dhcp-option=tag:provserver-text,66,"https://prov.example.com/"
dhcp-option=tag:provserver-text,160,"https://prov.example.com/"

# Address
dhcp-vendorclass=set:provserver-address,"Two, Inc."
dhcp-option=tag:provserver-address,150,192.0.2.9

# Inner
dhcp-option=vendor:three,67,"https://prov.example.com/"
"""
KEA = """\
{
  "Dhcp4": {
    "client-classes": [
      {
        "name": "provserver-text",
        "comment": "Text",
        "test": "substring(option[60].hex,0,3) == 'one' or substring(pkt4.mac,0,3) == 0x0a1b2c",
        "option-data": [
          {
            "code": 66,
            "csv-format": false,
            "data": "'https://prov.example.com/'"
          },
          {
            "code": 160,
            "csv-format": false,
            "data": "'https://prov.example.com/'"
          }
        ]
      },
      {
        "name": "provserver-address",
        "comment": "Address",
        "test": "substring(option[60].hex,0,9) == 'Two, Inc.'",
        "option-data": [
          {
            "code": 150,
            "csv-format": false,
            "data": "c0000209",
            "comment": "192.0.2.9"
          }
        ]
      },
      {
        "name": "provserver-inner",
        "comment": "Inner",
        "test": "substring(option[60].hex,0,5) == 'three'",
        "option-data": [
          {
            "code": 43,
            "csv-format": false,
            "data": "431968747470733a2f2f70726f762e6578616d706c652e636f6d2f",
            "comment": "https://prov.example.com/"
          }
        ]
      }
    ]
  }
}
"""


def test_each_server_is_told_in_its_own_words() -> None:
    assert isc(TOLD) == ISC
    assert kea(TOLD) == KEA
    assert dnsmasq(TOLD) == DNSMASQ


def test_nobody_is_told_anything_by_nothing() -> None:
    assert [write([]).strip() for write in (isc, dnsmasq)] == ["", ""]
    assert '"client-classes": []' in kea([])


def test_dnsmasq_gets_no_text_in_the_option_in_which_it_takes_addresses_only() -> None:
    (algo,) = [vendor for vendor in load_vendors() if vendor.slug == "algo"]

    told = handouts([algo], url=URL, address=None)

    assert [handout.options for handout in told] == [(66, 160, 150)]
    assert ",150," not in dnsmasq(told)
    assert "provserver-150 " in isc(told)


def test_kea_gets_no_text_in_the_option_of_which_it_hands_out_four_bytes() -> None:
    """A phone that asks for 159 would have taken "http" for its server; the servers were asked by a DHCP client."""
    (panasonic,) = [vendor for vendor in load_vendors() if vendor.slug == "panasonic"]

    told = handouts([panasonic], url=URL, address=None)

    assert [handout.options for handout in told] == [(160, 159, 66)]
    assert '"code": 159' not in kea(told)
    assert '"code": 160' in kea(told)
    assert ",159," in dnsmasq(told)


def test_dnsmasq_tells_one_kind_of_a_makers_phones_nothing_that_is_for_another() -> None:
    """It finds "CP-7" in "Cisco Systems, Inc. IP Phone CP-7960G", too."""
    (cisco,) = [vendor for vendor in load_vendors() if vendor.slug == "cisco"]

    lines = dnsmasq(handouts([cisco], url=URL, address=ADDRESS)).splitlines()

    assert f'dhcp-option=tag:provserver-cisco,tag:!provserver-cisco-150,66,"{URL}$MA.xml"' in lines
    assert "dhcp-option=tag:provserver-cisco-150,150,192.0.2.9" in lines


def test_every_way_of_every_maker_is_told_apart_from_the_others() -> None:
    vendors = load_vendors()

    told = handouts(vendors, url=URL, address=ADDRESS)

    ways = [way for vendor in vendors for way in vendor.bootstrap if way.way is Way.DHCP]
    assert len(told) == len(ways) > 10
    assert len({handout.name for handout in told}) == len(told)
    assert all(handout.classes or handout.blocks for handout in told)
    claimed = [name for handout in told for name in (*handout.classes, *handout.blocks)]
    assert len(claimed) == len(set(claimed))
    assert not [(a, b) for a in claimed for b in claimed if a != b and b.startswith(a)]


def test_an_option_that_overflows_is_refused() -> None:
    for length, fits in ((255, True), (256, False)):
        url = URL.ljust(length - 1, "x") + "/"
        vendors = [vendor for vendor in load_vendors() if vendor.slug == "yealink"]
        if fits:
            assert handouts(vendors, url=url, address=None)
        else:
            with pytest.raises(ValueError, match="more than 255 characters for yealink"):
                handouts(vendors, url=url, address=None)


def test_phones_that_want_an_address_are_left_out_without_one() -> None:
    (cisco,) = [vendor for vendor in load_vendors() if vendor.slug == "cisco"]

    assert wants_address(cisco)
    assert [handout.options[0] for handout in handouts([cisco], url=URL, address=None)] == [66]
    assert [handout.options[0] for handout in handouts([cisco], url=URL, address=ADDRESS)] == [66, 150]


@pytest.mark.parametrize(
    "given",
    [
        {"way": Way.DHCP, "text": "{url}"},
        {"way": Way.HAND, "text": "{url}", "dhcp_option": 66},
        {"way": Way.PNP, "text": "{url}", "dhcp_also": (66,)},
        {"way": Way.DHCP, "text": "{url}", "dhcp_option": 43},
        {"way": Way.DHCP, "text": "{url}", "dhcp_option": 66, "dhcp_suboption": 1},
        {"way": Way.DHCP, "text": "{url}", "dhcp_option": 66, "dhcp_address": True},
        {"way": Way.PNP, "text": "{url}", "value": "{url}$MAC"},
        {"way": Way.PNP, "text": "$MAC", "value": "$MAC"},
    ],
)
def test_a_way_that_contradicts_itself_is_none(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        BootstrapWay(**given, source="", confidence="H")  # type: ignore[arg-type]


def test_the_dialects_are_those_that_the_command_offers() -> None:
    assert list(DIALECTS) == ["isc", "kea", "dnsmasq"]
