"""What a PBX fills in where a line leaves it open, and by which name one registers there."""

from __future__ import annotations

from typing import Any

import pytest

from provserver.domain.catalogue import find_spec
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.pbx import PBX, PBXS, AuthName, Fact, find_pbx
from provserver.domain.text import text_problem
from provserver.errors import InvalidValue

THREE_CX, SARK = find_pbx("3cx"), find_pbx("SARK")


def line(**fields: Any) -> Line:  # noqa: ANN401 - any field of Line
    usual: dict[str, Any] = {"number": 1, "user_name": "101", "registrar": Endpoint(host="pbx.example.com")}
    return Line(**usual | fields)


def facts(pbx: PBX) -> list[Fact]:
    optional = [fact for fact in (pbx.proxy_port, pbx.voicemail) if fact]
    return [pbx.auth_name, *pbx.ports.values(), *optional, *pbx.settings.values()]


@pytest.mark.parametrize("pbx", [THREE_CX, SARK], ids=lambda pbx: pbx.slug)
@pytest.mark.parametrize(
    ("transport", "port"), [(Transport.UDP, 5060), (Transport.TCP, 5060), (Transport.TLS, 5061), (Transport.DNS, None)]
)
def test_a_registrar_without_a_port_gets_its_transports(pbx: PBX, transport: Transport, port: int | None) -> None:
    """Where the phone is to ask DNS, a port would keep it from doing so."""
    open_line = line(
        auth_name="101",
        registrar=Endpoint(host="pbx.example.com", transport=transport),
        backup_registrar=Endpoint(host="b.example.com", transport=transport),
    )

    filled = pbx.fill(open_line)

    assert filled.registrar == Endpoint(host="pbx.example.com", port=port, transport=transport)
    assert filled.backup_registrar == Endpoint(host="b.example.com", port=port, transport=transport)


def test_what_is_given_stays() -> None:
    given = line(
        auth_name="aB3",
        registrar=Endpoint(host="pbx.example.com", port=5070),
        outbound_proxy=Endpoint(host="sbc.example.com", port=5080),
        voicemail="*98",
    )

    assert THREE_CX.fill(given) == given


def test_an_sbc_gets_its_port_and_nobody_gets_an_sbc() -> None:
    filled = THREE_CX.fill(line(auth_name="aB3", outbound_proxy=Endpoint(host="10.0.0.5")))

    assert filled.outbound_proxy == Endpoint(host="10.0.0.5", port=5060)
    assert THREE_CX.fill(line(auth_name="aB3")).outbound_proxy is None
    assert SARK.fill(line(outbound_proxy=Endpoint(host="10.0.0.5"))).outbound_proxy == Endpoint(host="10.0.0.5")


def test_voicemail_is_filled_in() -> None:
    assert THREE_CX.fill(line(auth_name="aB3")).voicemail == "999"
    assert SARK.fill(line()).voicemail == "*50*"


def test_a_3cx_needs_the_name_it_authenticates_by() -> None:
    with pytest.raises(InvalidValue) as refused:
        THREE_CX.fill(line())

    assert str(refused.value) == "auth_name: is empty; 3CX authenticates by another name than the user name"
    assert THREE_CX.fill(line(auth_name="aB3")).auth_user == "aB3"


def test_a_sark_knows_the_extension_only() -> None:
    assert SARK.fill(line()).auth_user == "101"
    assert SARK.fill(line(auth_name="101")).auth_user == "101"
    with pytest.raises(InvalidValue) as refused:
        SARK.fill(line(auth_name="aB3"))
    assert str(refused.value) == "auth_name: is not the user name, by which SARK authenticates"


def test_an_unknown_pbx_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidValue) as refused:
        find_pbx("freeswitch")

    assert str(refused.value) == "pbx: 'freeswitch' is not one of 3cx, sark"


@pytest.mark.parametrize("pbx", PBXS, ids=lambda pbx: pbx.slug)
def test_every_fact_can_be_written_and_has_its_source(pbx: PBX) -> None:
    assert pbx.auth_name.value in set(AuthName)
    assert pbx.slug == pbx.slug.lower()
    for fact in facts(pbx):
        assert text_problem(fact.value) is None
        assert fact.source
        assert fact.confidence in "HMLT"
    for name, fact in pbx.settings.items():
        spec = find_spec(name)
        assert not spec.secret
        spec.read(fact.value)
    for fact in (*pbx.ports.values(), *([pbx.proxy_port] if pbx.proxy_port else [])):
        assert 1 <= int(fact.value) <= 65_535
