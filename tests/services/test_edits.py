"""What is written as name=value changes a device's fields, lines and settings; a name that has no place is refused."""

from __future__ import annotations

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue, NotFound
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.services.fleet.edits import assign
from tests.services.fleet import MAC, boot, line, owned, put, yealink

NOBODY = Tenant(id="t", name="nobody")
EMPTY = Wanted(tenant=NOBODY, mac=MAC)
FILLED = Wanted(tenant=NOBODY, mac=MAC, lines=(line(1, label="Anna"), line(2)), settings={"vlan_id": "20"})


def lines_after(values: dict[str, str], wanted: Wanted = FILLED) -> dict[int, Line]:
    return {one.number: one for one in assign(wanted, values, {}).lines}


def test_own_fields_and_settings_are_set_and_taken_away() -> None:
    wanted = assign(FILLED, {"description": "Desk", "site": "", "vlan_id": "", "key.3": "blf 1002"}, {})

    assert (wanted.description, wanted.site, wanted.model) == ("Desk", "", None)
    assert wanted.settings == {"vlan_id": None, "key.3": "blf 1002"}


def test_fields_of_a_line_change_and_the_others_stay() -> None:
    lines = lines_after({"line.1.display_name": "A & B", "line.1.voicemail": "*97", "line.2.label": ""})

    assert lines[1] == line(1, label="Anna", display_name="A & B", voicemail="*97")
    assert lines[2] == line(2)


@pytest.mark.parametrize(
    ("values", "registrar"),
    [
        ({"line.1.registrar": "new.example.com:5070;transport=tcp"}, ("new.example.com", 5070, "tcp")),
        ({"line.1.port": "5070"}, ("pbx.example.com", 5070, "udp")),
        ({"line.1.transport": "TLS"}, ("pbx.example.com", None, "tls")),
        ({"line.1.registrar": "new", "line.1.port": "5061", "line.1.transport": "tls"}, ("new", 5061, "tls")),
    ],
)
def test_a_registrar_is_set_as_a_whole_or_in_parts(values: dict[str, str], registrar: tuple[str, int, str]) -> None:
    host, port, transport = registrar

    assert lines_after(values)[1].registrar == Endpoint(host=host, port=port, transport=Transport(transport))


def test_lines_are_added_and_removed() -> None:
    lines = lines_after({"line.2": "", "line.5.user_name": "1005", "line.5.registrar": "pbx", "line.5.expires": "600"})

    assert set(lines) == {1, 5}
    assert lines[5] == Line(number=5, user_name="1005", registrar=Endpoint(host="pbx"), expires_s=600)


def test_secrets_go_where_their_names_say() -> None:
    wanted = assign(FILLED, {"user_password": ""}, {"line.2.password": Secret("p"), "admin_password": Secret("a")})

    assert wanted.passwords == {2: Secret("p")}
    assert wanted.secret_settings == {"user_password": None, "admin_password": Secret("a")}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"colour": "red"}, "colour: is not a known setting"),
        ({"admin_password": "x"}, "admin_password: is a secret; it is not given as a plain value"),
        ({"line.1.password": "x"}, "line.1.password: is a secret; it is not given as a plain value"),
        ({"line.1.colour": "red"}, "line.1.colour: is not a field of a line; those are"),
        ({"line.1": "x"}, "line.1: takes no value; its fields do"),
        ({"line.7": ""}, "line.7: does not exist"),
        ({"line.1": "", "line.2": ""}, "line: at least one has to stay"),
        ({"line.7.label": "x"}, "line.7.user_name: is needed"),
        ({"line.7.user_name": "x"}, "line.7.registrar: is needed"),
        ({"line.1.user_name": ""}, "line.1.user_name: is needed"),
        ({"line.1.user_name": "a b"}, "line.1.user_name: is empty or has characters"),
        ({"line.1.registrar": "a b"}, "line.1.registrar: 'a b' is not a host name or address"),
        ({"line.1.outbound_proxy": "a b"}, "line.1.outbound_proxy: 'a b' is not a host name or address"),
        ({"line.1.port": "70000"}, "line.1.port: 70000 is not between 1 and 65535"),
        ({"line.1.port": "sip"}, "line.1.port: 'sip' is not a number"),
        ({"line.1.transport": "smoke"}, "line.1.transport: 'smoke' is not one of udp, tcp, tls, dns"),
        ({"line.1.expires": "5"}, "line.1.expires: 5 s is not between 30 and 86400"),
        ({"line.1.label": "a\nb"}, "line.1.label: holds a line break"),
        ({"line.0.user_name": "x", "line.0.registrar": "y"}, "line: 0 is not between 1 and 250"),
    ],
)
def test_what_has_no_place_is_refused_by_its_name(values: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        assign(FILLED, values, {})

    assert str(refused.value).startswith(problem)


def test_a_secret_for_something_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"line\.1\.label: is not a secret"):
        assign(EMPTY, {}, {"line.1.label": Secret("x")})


async def test_a_device_changes_where_it_is_told_to_and_nowhere_else(services: Services, tenant: Tenant) -> None:
    before = await put(
        services,
        yealink(tenant, description="Desk", site="London", settings={"vlan_id": "20"}, lines=(line(1), line(2))),
    )
    await boot(services)

    await services.edits.change(MAC, {"line.1.label": "Anna", "key.3": "blf 1002", "site": ""}, {})

    device = await services.inventory.show(MAC)
    after = await services.devices.get(MAC)
    assert (device["model"], device["description"], device["site"]) == ("T54W", "Desk", None)
    assert device["settings"] == {"vlan_id": "20", "key.3": "blf 1002"}
    assert [(one["number"], one["label"], one["password"]) for one in device["lines"]] == [
        (1, "Anna", "held"),
        (2, None, "none"),
    ]
    assert after.provisioned_at is not None
    assert (after.tokens, after.armed_until) == (before.tokens, before.armed_until)
    assert (await owned(services, after))["line.1.password"].first_delivered_at is not None


async def test_a_model_can_be_taken_away(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))

    await services.edits.change(MAC, {"serial": "SN-1"}, {})
    assert (await services.devices.get(MAC)).serial == "SN-1"
    await services.edits.change(MAC, {"model": "", "description": "", "serial": ""}, {})

    device = await services.devices.get(MAC)
    assert (device.model, device.description, device.serial) == (None, "", None)


async def test_a_new_password_starts_a_new_clock(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)

    await services.edits.change(MAC, {}, {"line.1.password": Secret("new")})

    credential = (await owned(services, device))["line.1.password"]
    assert (credential.first_delivered_at, credential.delete_after) == (None, None)


async def test_a_removed_line_takes_its_password_along(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant, lines=(line(1), line(2)), passwords={1: Secret("a"), 2: Secret("b")}))

    await services.edits.change(MAC, {"line.2": ""}, {})

    assert set(await owned(services, device)) == {"line.1.password"}


async def test_a_change_is_judged_together_with_what_is_there(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, model="T31P"))

    with pytest.raises(InvalidValue, match="9 is more than the 2 lines of a T31P"):
        await services.edits.change(MAC, {"line.9.user_name": "x", "line.9.registrar": "pbx"}, {})


async def test_a_device_that_does_not_exist_is_not_changed(services: Services) -> None:
    with pytest.raises(NotFound):
        await services.edits.change(MacAddress("805ec0ffffff"), {"vlan_id": "20"}, {})
