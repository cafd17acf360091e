"""The decision itself: pure, exact at its edges, and closed wherever nothing opens it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.device import Device, ReleasePolicy, Tenant, Tokens
from provserver.domain.identity import PeerIdentity
from provserver.domain.mac import MacAddress
from provserver.release import Homes, Login, Proof, Reason, Released, Withheld, decide, network_prefix

LASTING, PREVIOUS, BOOTSTRAP = b"l" * 16, b"p" * 16, b"b" * 16
NOW, SETTLING = 1_800_000_000_000, 15 * 60_000
HERE, ELSEWHERE = "192.0.2.7", "198.51.100.7"
TENANT = Tenant(id="t", name="shop")
DEVICE = Device(
    id="d",
    tenant_id="t",
    site_id=None,
    mac=MacAddress("805ec0aabbcc"),
    vendor="yealink",
    model=None,
    description="",
    tokens=Tokens(generation=2, lasting=LASTING, previous=PREVIOUS, bootstrap=BOOTSTRAP),
    created_at=NOW - 1,
    updated_at=NOW - 1,
    armed_until=NOW + 1,
)


def decided(
    device: Device | None = DEVICE,
    tenant: Tenant | None = TENANT,
    *,
    token: bytes | None = None,
    address: str = HERE,
    now_ms: int = NOW,
    login: Login | None = None,
) -> Proof | Reason:
    decision = decide(device, tenant, token=token, address=address, now_ms=now_ms, settling_ms=SETTLING, login=login)
    return decision.proof if isinstance(decision, Released) else decision.reason


@pytest.mark.parametrize(
    ("token", "proof"),
    [(LASTING, Proof.LASTING_TOKEN), (PREVIOUS, Proof.PREVIOUS_TOKEN), (BOOTSTRAP, Proof.BOOTSTRAP_TOKEN)],
)
def test_each_of_a_devices_tokens_is_a_proof_of_its_own_kind(token: bytes, proof: Proof) -> None:
    strict = replace(TENANT, policy=ReleasePolicy.STRICT)
    unarmed = replace(DEVICE, armed_until=None)

    assert decided(unarmed, strict, token=token) == proof


@pytest.mark.parametrize("token", [b"", b"\0" * 16, LASTING[:-1], LASTING + b"l", LASTING.upper()])
def test_a_token_that_is_nearly_right_is_wrong_also_where_the_window_is_open(token: bytes) -> None:
    assert decided(token=token) == Reason.WRONG_TOKEN


@pytest.mark.parametrize("token", [b"", PREVIOUS, BOOTSTRAP])
def test_a_missing_token_is_matched_by_nothing(token: bytes) -> None:
    device = replace(DEVICE, tokens=Tokens(generation=1, lasting=LASTING))

    assert decided(device, token=token) == Reason.WRONG_TOKEN


def test_a_login_is_a_proof_where_no_window_is() -> None:
    strict = replace(TENANT, policy=ReleasePolicy.STRICT)

    assert decided(replace(DEVICE, armed_until=None), strict, login=Login.RIGHT) == Proof.LOGIN


@pytest.mark.parametrize(("login", "reason"), [(Login.WRONG, Reason.WRONG_LOGIN), (Login.STALE, Reason.STALE_LOGIN)])
def test_a_login_that_does_not_fit_is_withheld_also_where_the_window_is_open(login: Login, reason: Reason) -> None:
    assert decided(login=login) == reason


@pytest.mark.parametrize("login", Login)
def test_a_token_outranks_a_login(login: Login) -> None:
    assert decided(token=LASTING, login=login) == Proof.LASTING_TOKEN
    assert decided(token=b"wrong", login=login) == Reason.WRONG_TOKEN


@pytest.mark.parametrize("login", Login)
def test_a_certificate_that_fits_outranks_a_login_and_one_that_does_not_closes_it(login: Login) -> None:
    own = PeerIdentity(maker=DEVICE.vendor, mac=DEVICE.mac, key=b"k")
    foreign = replace(own, mac=MacAddress("805ec0aabbdd"))

    def shown(certificate: PeerIdentity) -> Proof | Reason:
        decision = decide(
            DEVICE,
            TENANT,
            token=None,
            address=HERE,
            now_ms=NOW,
            settling_ms=SETTLING,
            certificate=certificate,
            login=login,
        )
        return decision.proof if isinstance(decision, Released) else decision.reason

    assert shown(own) == Proof.CERTIFICATE
    assert shown(foreign) == Reason.WRONG_CERTIFICATE


@pytest.mark.parametrize(
    ("makers", "token", "found"),
    [
        ({"yealink"}, None, Proof.WINDOW),
        ({"cisco"}, None, Reason.TFTP),
        (set(), None, Reason.TFTP),
        ({"yealink"}, LASTING, Reason.TFTP),
        ({"yealink"}, BOOTSTRAP, Reason.TFTP),
        ({"yealink"}, b"wrong", Reason.WRONG_TOKEN),
        (None, LASTING, Proof.LASTING_TOKEN),
    ],
)
def test_by_tftp_a_window_opens_for_listed_makers_and_a_token_opens_nothing(
    makers: set[str] | None, token: bytes | None, found: Proof | Reason
) -> None:
    def decide_by_tftp(device: Device, tenant: Tenant) -> Proof | Reason:
        decision = decide(
            device, tenant, token=token, address=HERE, now_ms=NOW, settling_ms=SETTLING, tftp_makers=makers
        )
        return decision.proof if isinstance(decision, Released) else decision.reason

    assert decide_by_tftp(DEVICE, TENANT) == found
    if found == Proof.WINDOW:
        assert decide_by_tftp(DEVICE, replace(TENANT, policy=ReleasePolicy.STRICT)) == Reason.STRICT
        assert decide_by_tftp(replace(DEVICE, armed_until=None), TENANT) == Reason.NOT_ARMED
        assert decide_by_tftp(replace(DEVICE, locked_at=NOW), TENANT) == Reason.LOCKED


@pytest.mark.parametrize("token", [None, LASTING, BOOTSTRAP])
@pytest.mark.parametrize(
    ("allowed", "makers", "opens"),
    [
        (True, {"yealink"}, True),
        (False, {"yealink"}, False),
        (True, {"cisco"}, False),
        (False, {"cisco"}, False),
        (True, set(), False),
        (False, None, True),  # not by old TLS at all
    ],
)
def test_by_old_tls_listed_makers_of_willing_tenants_get_something_whatever_is_proven(
    token: bytes | None,
    allowed: bool,  # noqa: FBT001 - a case of the table
    makers: set[str] | None,
    opens: bool,  # noqa: FBT001
) -> None:
    tenant = replace(TENANT, legacy_tls=allowed)
    found = decide(DEVICE, tenant, token=token, address=HERE, now_ms=NOW, settling_ms=SETTLING, legacy_makers=makers)

    assert isinstance(found, Released) is opens
    assert opens or found == Withheld(reason=Reason.LEGACY)


@pytest.mark.parametrize("doubt", [Reason.RESTRAINED, Reason.AGENT_DIFFERS])
def test_in_doubt_windows_are_not_believed_and_proofs_are(doubt: Reason) -> None:
    def restrained(device: Device, **shown: Any) -> Proof | Reason:  # noqa: ANN401 - arguments of decide
        options = {"token": None, "address": HERE, "now_ms": NOW, "settling_ms": SETTLING, doubt.value: True, **shown}
        found = decide(device, TENANT, **options)
        return found.proof if isinstance(found, Released) else found.reason

    assert restrained(DEVICE) == doubt
    assert restrained(replace(DEVICE, armed_until=None)) == Reason.NOT_ARMED
    assert restrained(DEVICE, token=LASTING) == Proof.LASTING_TOKEN
    assert restrained(DEVICE, login=Login.RIGHT) == Proof.LOGIN
    own = PeerIdentity(maker=DEVICE.vendor, mac=DEVICE.mac, key=b"k")
    assert restrained(DEVICE, certificate=own) == Proof.CERTIFICATE


@pytest.mark.parametrize("token", [None, LASTING])
def test_a_certificate_of_another_maker_for_the_same_mac_withholds_everything(token: bytes | None) -> None:
    certificate = PeerIdentity(maker="snom", mac=DEVICE.mac, key=b"k")
    found = decide(DEVICE, TENANT, token=token, address=HERE, now_ms=NOW, settling_ms=SETTLING, certificate=certificate)

    assert found == Withheld(reason=Reason.WRONG_CERTIFICATE)


@pytest.mark.parametrize("login", Login)
def test_a_login_opens_nothing_that_is_locked_or_not_there(login: Login) -> None:
    assert decided(replace(DEVICE, locked_at=NOW), login=login) == Reason.LOCKED
    assert decided(None, None, login=login) == Reason.UNKNOWN_DEVICE


@pytest.mark.parametrize("token", [None, LASTING, PREVIOUS, BOOTSTRAP])
def test_a_locked_device_gets_nothing_whatever_it_proves(token: bytes | None) -> None:
    assert decided(replace(DEVICE, locked_at=NOW), token=token) == Reason.LOCKED


@pytest.mark.parametrize("token", [None, LASTING])
def test_what_is_not_there_gets_nothing(token: bytes | None) -> None:
    assert decided(None, None, token=token) == Reason.UNKNOWN_DEVICE
    assert decided(None, TENANT, token=token) == Reason.UNKNOWN_DEVICE
    assert decided(DEVICE, None, token=token) == Reason.UNKNOWN_DEVICE


def test_an_armed_device_boots_from_anywhere_until_its_window_is_over() -> None:
    assert decided(address=ELSEWHERE) == Proof.WINDOW
    assert decided(now_ms=NOW + 1) == Proof.WINDOW
    assert decided(now_ms=NOW + 2) == Reason.WINDOW_OVER


def test_a_device_that_is_not_armed_needs_a_token() -> None:
    assert decided(replace(DEVICE, armed_until=None)) == Reason.NOT_ARMED


def test_a_strict_tenant_has_no_window() -> None:
    assert decided(tenant=replace(TENANT, policy=ReleasePolicy.STRICT)) == Reason.STRICT


def test_a_device_settles_in_its_own_network_and_for_a_while_only() -> None:
    device = replace(DEVICE, provisioned_at=NOW - SETTLING, provisioned_prefix=network_prefix(HERE))

    assert decided(device) == Proof.WINDOW
    assert decided(device, now_ms=NOW + 1) == Reason.PROVISIONED
    assert decided(device, address=ELSEWHERE) == Reason.PROVISIONED
    assert decided(replace(device, provisioned_prefix=None)) == Reason.PROVISIONED
    assert decided(replace(device, armed_until=NOW - 1)) == Proof.WINDOW, "it has begun in time"


DELIVERED = replace(DEVICE, provisioned_at=NOW - SETTLING - 1, provisioned_prefix=network_prefix(HERE))
USED = replace(DELIVERED, tokens=Tokens(generation=2, lasting=LASTING, bootstrap=BOOTSTRAP, lasting_used_at=NOW - 1))
FIXED = replace(TENANT, fixed_networks=True)


@pytest.mark.parametrize(
    ("device", "tenant", "token", "login", "found"),
    [
        (DELIVERED, TENANT, BOOTSTRAP, None, Reason.MOVED),
        (DELIVERED, TENANT, LASTING, None, Proof.LASTING_TOKEN),
        (DELIVERED, TENANT, PREVIOUS, None, Proof.PREVIOUS_TOKEN),
        (DELIVERED, TENANT, None, Login.RIGHT, Proof.LOGIN),
        (USED, TENANT, None, Login.RIGHT, Reason.MOVED),
        (DELIVERED, FIXED, LASTING, None, Reason.MOVED),
        (DELIVERED, FIXED, PREVIOUS, None, Reason.MOVED),
        (DELIVERED, FIXED, None, Login.RIGHT, Reason.MOVED),
        (DEVICE, FIXED, BOOTSTRAP, None, Proof.BOOTSTRAP_TOKEN),
        (DEVICE, FIXED, LASTING, None, Proof.LASTING_TOKEN),
        (replace(DELIVERED, provisioned_prefix=None), FIXED, BOOTSTRAP, None, Proof.BOOTSTRAP_TOKEN),
    ],
)
def test_a_proof_that_others_may_have_seen_is_good_at_home_only(
    device: Device, tenant: Tenant, token: bytes | None, login: Login | None, found: Proof | Reason
) -> None:
    assert decided(device, tenant, token=token, login=login, address=ELSEWHERE) == found
    at_home = decided(device, tenant, token=token, login=login, address="192.0.2.200")
    assert isinstance(at_home, Proof), "another address of the same network is home"


def test_while_a_device_is_being_installed_the_other_network_is_withheld_and_not_moved() -> None:
    device = replace(DELIVERED, provisioned_at=NOW - SETTLING)

    assert decided(device, token=BOOTSTRAP, address=ELSEWHERE) == Reason.SETTLING


def test_a_certificate_passes_wherever_it_comes_from() -> None:
    own = PeerIdentity(maker=DEVICE.vendor, mac=DEVICE.mac, key=b"k")

    for token in (None, BOOTSTRAP):
        decision = decide(
            DELIVERED, FIXED, token=token, address=ELSEWHERE, now_ms=NOW, settling_ms=SETTLING, certificate=own
        )
        assert isinstance(decision, Released)


def test_where_devices_are_loaded_is_nobodys_home_and_no_move() -> None:
    homes = Homes(staging=[ip_network("198.51.100.0/24"), ip_network("2001:db8::/32")])

    def asked_from(address: str) -> Released | Withheld:
        return decide(DELIVERED, FIXED, token=BOOTSTRAP, address=address, now_ms=NOW, settling_ms=SETTLING, homes=homes)

    assert isinstance(asked_from(ELSEWHERE), Released)
    assert isinstance(asked_from("203.0.113.1"), Withheld)
    assert [homes.is_staging(one) for one in ("::ffff:198.51.100.1", "2001:db8::1", "198.51.101.1", "unix:", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip


SYSTEMS = {"192.0.2.0": "AS64500", ELSEWHERE: "AS64500", "203.0.113.7": "AS64501"}


@pytest.mark.parametrize(
    ("address", "tenant", "found"),
    [
        (ELSEWHERE, TENANT, Released),  # another network of the provider of its first delivery
        ("203.0.113.7", TENANT, Withheld),  # another provider
        ("203.0.114.7", TENANT, Withheld),  # nobody knows whose
        (ELSEWHERE, FIXED, Withheld),  # its tenant says that its phones stay where they are
    ],
)
def test_another_network_of_the_same_provider_is_home(address: str, tenant: Tenant, found: type) -> None:
    homes = Homes(system=lambda one: SYSTEMS.get(one, ""))

    decision = decide(
        DELIVERED, tenant, token=BOOTSTRAP, address=address, now_ms=NOW, settling_ms=SETTLING, homes=homes
    )

    assert isinstance(decision, found)


def test_two_networks_of_which_nothing_is_known_are_not_one_providers() -> None:
    homes = Homes(system=lambda _address: "")

    assert homes.is_away(DELIVERED, ELSEWHERE, fixed=False)


@pytest.mark.parametrize(("roaming", "found"), [((), Withheld), (("yealink",), Released)])
def test_softphones_are_carried_about(roaming: tuple[str, ...], found: type) -> None:
    decision = decide(
        DELIVERED, FIXED, token=BOOTSTRAP, address=ELSEWHERE, now_ms=NOW, settling_ms=SETTLING,
        homes=Homes(roaming=roaming),
    )  # fmt: skip

    assert isinstance(decision, found)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0/24"),
        ("192.0.3.0", "192.0.3.0/24"),
        ("2001:db8:1:2ff::7", "2001:db8:1:200::/56"),
        ("2001:db8:1:300::7", "2001:db8:1:300::/56"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_a_network_is_what_one_line_gets(address: str, prefix: str) -> None:
    assert network_prefix(address) == prefix


@given(st.text())
def test_no_address_is_too_odd_to_have_a_network(address: str) -> None:
    assert isinstance(network_prefix(address), str)


@given(
    token=st.none() | st.binary(max_size=20),
    now_ms=st.integers(min_value=NOW - 10**9, max_value=NOW + 10**9),
    armed_until=st.none() | st.integers(min_value=NOW - 10**9, max_value=NOW + 10**9),
    provisioned_at=st.none() | st.integers(min_value=NOW - 10**9, max_value=NOW + 10**9),
    locked_at=st.none() | st.just(NOW),
    policy=st.sampled_from(ReleasePolicy),
    address=st.sampled_from([HERE, ELSEWHERE, "", "2001:db8::1"]),
)
def test_without_a_token_nothing_opens_a_strict_locked_or_unarmed_device(
    *,
    token: bytes | None,
    now_ms: int,
    armed_until: int | None,
    provisioned_at: int | None,
    locked_at: int | None,
    policy: ReleasePolicy,
    address: str,
) -> None:
    device = replace(
        DEVICE,
        armed_until=armed_until,
        provisioned_at=provisioned_at,
        provisioned_prefix=network_prefix(HERE),
        locked_at=locked_at,
    )
    tenant = replace(TENANT, policy=policy)

    decision = decide(device, tenant, token=token, address=address, now_ms=now_ms, settling_ms=SETTLING)

    if locked_at is not None or armed_until is None or policy is ReleasePolicy.STRICT or token is not None:
        assert isinstance(decision, Withheld)
