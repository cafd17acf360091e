"""Which devices are in a roll-out, and which of several pins holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.assets import AssetKind, Bundle, Choice, Pin, check_file_name, chosen, is_in, read_sha256
from provserver.domain.device import Device, Tokens
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue

MACS = [MacAddress(f"805ec0{number:06x}") for number in range(2_000)]
OLD = Bundle(
    id="old", tenant_id=None, vendor="yealink", model=None, kind=AssetKind.FIRMWARE, version="1", folder="f" * 24
)
NEW = replace(OLD, id="new", version="2")


def device(mac: MacAddress = MACS[0], *, tenant: str = "acme", model: str | None = "T54W") -> Device:
    return Device(
        id="d",
        tenant_id=tenant,
        site_id=None,
        mac=mac,
        vendor="yealink",
        model=model,
        description="",
        tokens=Tokens(generation=1, lasting=b""),
        created_at=0,
        updated_at=0,
    )


def pin(bundle: Bundle, **more: object) -> Pin:
    return Pin(owner="tenant:acme", choice=Choice(bundle=bundle, file="x.rom"), **more)  # type: ignore[arg-type]


def versions(*pins: Pin, of: Device) -> list[str]:
    return [choice.bundle.version for choice in chosen(pins, of).values()]


def test_who_is_in_stays_in_as_the_percentage_grows() -> None:
    inside: set[MacAddress] = set()

    for percent in range(101):
        now = {mac for mac in MACS if is_in(mac, "new", percent)}
        assert inside <= now
        assert abs(len(now) / len(MACS) * 100 - percent) < 5
        inside = now

    assert inside == set(MACS)
    assert not any(is_in(mac, "new", 0) for mac in MACS)


def test_another_roll_out_begins_with_others() -> None:
    first = {mac for mac in MACS if is_in(mac, "new", 10)}
    second = {mac for mac in MACS if is_in(mac, "newer", 10)}

    assert len(first & second) < len(first) / 3


def test_who_is_not_in_keeps_what_was_pinned_before() -> None:
    rollout = pin(NEW, percent=30, before=Choice(bundle=OLD, file="x.rom"))

    got = {mac: versions(rollout, of=device(mac)) for mac in MACS}

    assert {mac for mac in MACS if got[mac] == ["2"]} == {mac for mac in MACS if is_in(mac, "new", 30)}
    assert {version for (version,) in got.values()} == {"1", "2"}


def test_one_for_the_model_outranks_one_for_all_models() -> None:
    of_model = pin(replace(NEW, model="T54W"))

    assert versions(of_model, pin(OLD), of=device(model="SIP-t54w".removeprefix("SIP-"))) == ["2"]
    assert versions(pin(OLD), of_model, of=device(model="T46U")) == ["1"]
    assert versions(of_model, of=device(model=None)) == []


@pytest.mark.parametrize("bundle", [replace(NEW, tenant_id="rival"), replace(NEW, vendor="snom")])
def test_what_belongs_to_others_is_never_chosen(bundle: Bundle) -> None:
    assert versions(pin(bundle), of=device()) == []
    assert versions(pin(NEW, percent=0, before=Choice(bundle=bundle)), of=device()) == []


@pytest.mark.parametrize(
    "name", ["sip.ld", "fw.bin", "3111-48450-001.sip.ld", "sip88xx.14-2-1-0001-14.loads", "a(1).wav"]
)
def test_names_that_phones_ask_for_are_taken(name: str) -> None:
    assert check_file_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a b", "a%2e", "-x", ".x", "ä.wav", "x" * 128, "a\nb"])
def test_names_that_are_no_files_are_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="name"):
        check_file_name(name)


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "g" * 64])
def test_what_is_no_checksum_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="64 hex digits"):
        read_sha256(text)


@pytest.mark.parametrize("version", ["", "1 2", "../1", "1\n"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(InvalidValue, match="version"):
        replace(OLD, version=version)
