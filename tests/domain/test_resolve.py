"""What a device is told: the nearest value, and a place for each secret that is held."""

from __future__ import annotations

import pytest

from provserver.domain.device import device_owner, model_owner, shared_owners
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view, setting_field
from provserver.domain.slot import PROVISIONING_URL, SecretSlot
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

PBX = Endpoint(host="pbx.example.com")


def view_of(settings: dict[str, str], *, held: tuple[str, ...] = (), lines: tuple[int, ...] = (1,)) -> DeviceView:
    return build_view(
        mac=MacAddress("805ec0aabbcc"),
        model="T54W",
        lines=[Line(number=number, user_name=f"100{number}", registrar=PBX) for number in lines],
        settings=settings,
        held=held,
    )


def test_texts_become_typed_values_and_raw_parameters_stay_texts() -> None:
    view = view_of({"vlan_id": "20", "lldp": "off", "codecs": "opus,pcma", "key.2": "dnd", "raw.account.1.x": "07"})

    assert dict(view.settings) == {
        "vlan_id": 20,
        "lldp": False,
        "codecs": ("opus", "pcma"),
        "key.2": Key(kind=KeyKind.DND),
    }
    assert dict(view.raw) == {"account.1.x": "07"}


def test_the_order_of_what_was_stored_is_not_the_order_of_what_is_written() -> None:
    one = view_of({"vlan_id": "20", "lldp": "on", "raw.b": "1", "raw.a": "2"}, lines=(2, 1))
    other = view_of({"raw.a": "2", "lldp": "on", "raw.b": "1", "vlan_id": "20"}, lines=(1, 2))

    assert list(one.settings.items()) == list(other.settings.items())
    assert list(one.raw.items()) == list(other.raw.items())
    assert [line.number for line in one.lines] == [1, 2]


def test_a_held_secret_is_an_empty_place_and_one_that_is_not_held_is_missing() -> None:
    held = ("line.2.password", setting_field("admin_password"), setting_field("raw.user_pass2"))

    view = view_of({}, held=held, lines=(1, 2))

    assert [line.password for line in view.lines] == [None, SecretSlot("line.2.password")]
    assert dict(view.settings) == {"admin_password": SecretSlot("setting.admin_password")}
    assert dict(view.raw) == {"user_pass2": SecretSlot("setting.raw.user_pass2")}
    assert view.provisioning_url == SecretSlot(PROVISIONING_URL)


def test_a_password_without_its_line_is_nowhere() -> None:
    assert [line.password for line in view_of({}, held=("line.9.password",)).lines] == [None]


def test_a_text_that_the_catalogue_no_longer_takes_is_refused_by_name() -> None:
    with pytest.raises(InvalidValue, match="vlan_id"):
        view_of({"vlan_id": "many"})
    with pytest.raises(InvalidValue, match="hologram"):
        view_of({"hologram": "on"})


def test_a_slot_frames_its_secret() -> None:
    slot = SecretSlot("setting.admin_password").framed(before="admin:").framed(before="(", after=")")

    assert (slot.before, slot.field, slot.after) == ("(admin:", "setting.admin_password", ")")


def test_owners_are_named_from_the_farthest_to_the_nearest() -> None:
    owners = shared_owners(tenant_id="t1", site_id="s1", vendor="yealink", model="T54W")

    assert owners == ("global:", "tenant:t1", "site:s1", model_owner("t1", "yealink", "t54w"))
    assert device_owner("d1") not in owners


def test_a_device_without_site_or_model_inherits_from_what_is_left() -> None:
    assert shared_owners(tenant_id="t1", site_id=None, vendor="yealink", model=None) == ("global:", "tenant:t1")


def test_models_of_two_tenants_are_two_owners() -> None:
    assert model_owner("t1", "yealink", "T54W") != model_owner("t2", "yealink", "T54W")
