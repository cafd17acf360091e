"""What would change at a device if it asked now, and what is kept to say so: no secret, nor what was made of one."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import AfterDeletion, Vendor
from provserver.errors import NotFound, StorageError
from provserver.secret import STARS, Secret
from provserver.services.fleet.devices import Wanted
from provserver.services.records import load_whole
from provserver.services.requests import copies as copies_service
from provserver.services.requests.answers import Answer
from provserver.services.requests.copies import masked, versions_of
from provserver.settings import Settings
from provserver.storage import copies
from provserver.storage.copies import Copy
from provserver.storage.records import RecordReader
from provserver.storage.requests import SET_LAST_SEEN
from provserver.vault.tokens import TokenKey
from provserver.vendors import load_vendors
from tests.clocks import DAY_MS, MINUTE_MS, FakeClock
from tests.services.fleet import MAC, PASSWORD, boot, line, put, running, yealink

FILE = f"{MAC}.cfg"
VENDORS = [vendor for vendor in load_vendors() if not vendor.refuses]


async def fetch(services: Services, file: str | None = None, *, mac: MacAddress = MAC, **more: Any) -> Answer:  # noqa: ANN401 - see `boot`
    """Boot, and have it written down as the listener does."""
    answer = await boot(services, file, mac=mac, **more)
    services.copies.note(answer, at_ms=services.context.clock.now_ms())
    await services.copies.flush()
    return answer


async def changes(services: Services, file: str | None = FILE) -> list[str]:
    """The lines that go and come in one file, as they are shown."""
    (difference,) = await services.differences.since_fetch(MAC, file)
    assert difference.standing == ("changed" if difference.lines else "same")
    assert PASSWORD not in "\n".join(difference.lines)
    return [text for text in difference.lines[2:] if text[0] in "+-"]


async def kept(services: Services, mac: MacAddress = MAC) -> list[Copy]:
    device = await services.devices.get(mac)
    async with services.storage.read("requests") as tx:
        return await copies.copies_of(tx, device.id)


def holds(directory: Path, text: str) -> bool:
    """Whether any file of the databases has *text* in it; copies, which are packed, are looked into by other tests."""
    return any(text.encode() in file.read_bytes() for file in directory.glob("*.sqlite3*"))


async def test_what_was_changed_since_the_device_fetched_its_file_is_shown(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, settings={"vlan_id": "20"}))
    await fetch(services)
    before = await changes(services)

    await services.edits.change(MAC, {"vlan_id": "30"}, {})

    assert before == []
    after = await changes(services)
    assert len(after) == 2
    assert (after[0][0], after[1][0]) == ("-", "+")
    assert after[0].endswith("= 20")
    assert after[1].endswith("= 30")


async def test_what_a_tenant_sets_for_all_shows_at_its_devices(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await fetch(services)

    await services.tenants.set_shared({"ntp_server": "time.example.net"}, {}, tenant=tenant)

    assert [text for text in await changes(services) if text.endswith("time.example.net")]


async def test_once_it_has_fetched_the_change_there_is_no_difference(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await fetch(services)
    await services.edits.change(MAC, {"vlan_id": "30"}, {})

    await fetch(services)

    assert await changes(services) == []
    assert len(await kept(services)) == 1


async def test_another_password_shows_as_changed_and_neither_is_told(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await fetch(services)

    await services.edits.change(MAC, {}, {"line.1.password": Secret("an0ther-MARKED")})

    gone, came = await changes(services)
    assert gone.startswith(f"-account.1.password = {STARS}-")
    assert came.startswith(f"+account.1.password = {STARS}-")
    assert gone[1:] != came[1:]
    assert "MARKED" not in came


async def test_the_mark_of_a_password_is_not_made_of_the_password(services: Services, tenant: Tenant) -> None:
    """Else a copy would be something to try guesses against, after the password was deleted."""
    await put(services, yealink(tenant))
    await fetch(services)

    await services.edits.change(MAC, {}, {"line.1.password": Secret(PASSWORD)})

    gone, came = await changes(services)
    assert gone[1:] != came[1:]


async def test_no_file_holds_the_password_or_a_url_that_works(
    services: Services, tenant: Tenant, settings: Settings
) -> None:
    device = await put(services, yealink(tenant))
    answer = await fetch(services)
    token = TokenKey.load(settings.data.key_directory).lasting(device.id, device.tokens.generation)
    assert PASSWORD.encode() in answer.body
    assert token.encode() in answer.body

    (copy,) = await kept(services)

    assert copy.content is not None
    text = zlib.decompress(copy.content)
    assert PASSWORD.encode() not in text
    assert token.encode() not in text
    assert text.count(STARS.encode()) >= 2


async def test_a_deleted_password_stays_deleted_and_shows_as_a_line_that_goes(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await fetch(services)
    clock.advance_days(16)

    assert await services.retention.run() == 1

    gone = await changes(services)
    assert [text for text in gone if text.startswith(f"-account.1.password = {STARS}-")]
    assert not [text for text in gone if text.startswith("+") and STARS in text]
    assert not holds(settings.data.directory, PASSWORD)


async def test_what_a_device_keeps_because_its_password_is_deleted_is_said(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    vendor = next(vendor for vendor in VENDORS if vendor.slug == "algo")
    assert vendor.after_deletion.answer is AfterDeletion.NOT_FOUND
    mac = MacAddress(f"{min(vendor.ouis)}00c0de")
    file = f"algom{mac.value.upper()}.conf"
    await put(services, Wanted(tenant=tenant, mac=mac, lines=(line(),), passwords={1: Secret(PASSWORD)}))
    await fetch(services, file, mac=mac, user_agent="")
    clock.advance_days(16)
    await services.retention.run()

    (difference,) = await services.differences.since_fetch(mac, file)

    assert (difference.standing, difference.lines) == ("withheld", ())


async def test_a_file_that_was_encrypted_is_kept_when_its_key_is_deleted(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    """It would never go out in clear, so nothing would change at the phone."""
    mac = MacAddress("00562b043615")
    key = {"config_key": Secret("k3y-MARKED")}
    await put(
        services, Wanted(tenant=tenant, mac=mac, vendor="cisco", model="8841", lines=(line(),), secret_settings=key)
    )
    await fetch(services, f"{mac}.xml", mac=mac, user_agent="")
    assert [d.standing for d in await services.differences.since_fetch(mac)] == ["same"]
    clock.advance_days(16)
    assert await services.retention.run() == 1

    assert [d.standing for d in await services.differences.since_fetch(mac)] == ["withheld"]


async def test_a_new_url_shows_after_the_device_was_armed(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await fetch(services)

    await services.devices.arm(MAC)

    lines = await changes(services)
    assert lines
    assert all(STARS in text for text in lines)


async def test_all_files_that_were_fetched_are_compared_unless_one_is_named(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await fetch(services)
    await fetch(services, f"{MAC}.boot")

    found = await services.differences.since_fetch(MAC)

    assert [difference.file for difference in found] == [f"{MAC}.boot", FILE]


async def test_the_tenant_next_door_sees_nothing(services: Services, tenant: Tenant) -> None:
    other = await services.tenants.add("rival")
    await put(services, yealink(tenant))
    await fetch(services)

    with pytest.raises(NotFound, match="no device"):
        await services.differences.since_fetch(MAC, tenant_id=other.id)
    assert await services.differences.since_fetch(MAC, tenant_id=tenant.id)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "no copy of what was fetched by '80:5e:c0:aa:bb:cc'"),
        (FILE, f"no copy of what was fetched as '{FILE}'"),
        ("nonsense.bin", "no file of a Yealink device called 'nonsense.bin'"),
        ("805ec0000001.cfg", "no file of a Yealink device called '805ec0000001.cfg'"),
    ],
)
async def test_what_was_never_fetched_is_said_to_be(
    services: Services, tenant: Tenant, file: str | None, said: str
) -> None:
    await put(services, yealink(tenant))

    with pytest.raises(NotFound) as refused:
        await services.differences.since_fetch(MAC, file)

    assert str(refused.value) == said


async def test_a_removed_device_leaves_no_copy(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    await fetch(services)

    await services.devices.delete(MAC)

    async with services.storage.read("requests") as tx:
        assert await copies.copies_of(tx, device.id) == []


async def test_copies_go_when_a_device_has_not_been_seen_for_as_long_as_requests_are_kept(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant, 1))
    await put(services, yealink(tenant, 2))
    macs = [MacAddress(f"805ec0{number:06x}") for number in (1, 2)]
    for mac in macs:
        await fetch(services, mac=mac, user_agent="")
    gone, there = [await services.devices.get(mac) for mac in macs]
    now_ms = services.context.clock.now_ms()
    seen = [(gone.id, now_ms, "192.0.2.1", "", None), (there.id, now_ms + 2 * DAY_MS, "192.0.2.1", "", None)]
    await services.storage.append("requests", SET_LAST_SEEN, seen)
    clock.advance_days(31)

    await services.retention.sweep()

    assert [len(await kept(services, mac)) for mac in macs] == [0, 1]


async def test_a_restart_writes_nothing_anew(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await fetch(services)
    first = await kept(services)
    clock.advance_ms(MINUTE_MS)

    async with running(settings, clock) as again:
        await fetch(again)
        assert await kept(again) == first


async def test_each_artefact_is_noted_once(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))

    answers = [await boot(services) for _ in range(3)]
    for answer in answers:
        services.copies.note(answer, at_ms=1)

    assert len(services.copies._waiting) == 1


async def test_an_answer_that_broke_off_is_not_noted(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    answer = await boot(services)
    answer.outcome = "broken"

    services.copies.note(answer, at_ms=1)

    assert not services.copies._waiting
    assert answer.artefact is not None
    assert not answer.artefact.noted


async def test_what_does_not_fit_is_noted_with_a_later_request(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(services, yealink(tenant))
    answer = await boot(services)
    with monkeypatch.context() as patch:
        patch.setattr(copies_service, "_WAITING", 0)
        services.copies.note(answer, at_ms=1)
    assert not services.copies._waiting

    services.copies.note(answer, at_ms=1)

    assert len(services.copies._waiting) == 1


async def test_what_cannot_be_written_is_written_with_a_later_request(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(services, yealink(tenant))

    async def full(*_: object) -> None:
        raise StorageError("disk full")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(type(services.storage), "append", full)
        await fetch(services)
    assert [entry["event"] for entry in logs] == ["copies.failed"]
    assert await kept(services) == []

    await fetch(services)

    assert len(await kept(services)) == 1


async def test_what_is_too_large_is_known_but_not_kept(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies_service, "LIMIT_BYTES", 100)
    await put(services, yealink(tenant))

    await fetch(services)

    (copy,) = await kept(services)
    assert copy.content is None
    (difference,) = await services.differences.since_fetch(MAC)
    assert (difference.standing, difference.lines) == ("too_large", ())


async def test_a_file_of_another_makers_devices_is_no_file_any_more(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await fetch(services)
    await services.devices.put([Wanted(tenant=tenant, mac=MAC, vendor="snom")])

    found = await services.differences.since_fetch(MAC)

    assert [difference.standing for difference in found] == ["no_file"]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.slug)
async def test_every_makers_files_can_carry_the_marks(services: Services, tenant: Tenant, vendor: Vendor) -> None:
    mac = None if vendor.generated_ids else MacAddress(f"{min(vendor.ouis)}00c0de")
    device = await put(
        services,
        Wanted(
            tenant=tenant,
            mac=mac,
            vendor=vendor.slug,
            model=vendor.simulation.model,
            lines=(line(),),
            passwords={1: Secret(PASSWORD)},
        ),
    )
    access = await RecordReader(services.storage).access_by_mac(device.mac.value)
    assert access is not None
    whole = await load_whole(services.storage, access, services.differences._places)

    tokens = services.differences._tokens
    starred = 0
    for rule in (rule for rule in vendor.files if rule.template):
        skeleton = services.differences._renderer.render(vendor, rule, whole.view)
        text = masked(skeleton, versions_of(skeleton, whole.credentials, device), tokens)
        starred += STARS.encode() in text or bool(rule.checksum)
        assert PASSWORD.encode() not in text

    assert starred
