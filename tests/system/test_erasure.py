"""After deletion nothing of a password is in any file, whatever happened while it was being deleted."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from random import Random

import pytest

from provserver.app import Services
from provserver.storage import audit
from tests.clocks import DAY_MS, FakeClock
from tests.system.fleet import Phone, Wish, mac_of, new_password, put_phones, reading, rows
from tests.system.inside import deliver, running
from tests.system.server import Nursery, opened, settings_for
from tests.system.traces import forms_of_bytes, forms_of_text, found
from tests.system.wire import fetch
from tests.system.works import SECOND_PASSWORD, UPLOADED, left

ADMIN_PASSWORD = "Adm1n&<\"'>-5f2e9c"
LDAP_PASSWORD = "Ldap%+=/-71ab03"
TYPED = b"account.2.password = typed-at-the-phone-8c6d"
MANY = 1_200
POLLED_S = 0.5  # a server sees what another process changed within 0.2 s
SEED = 20_260_102
Traces = dict[str, set[bytes]]


async def test_what_is_looked_for_is_found_where_it_is(tmp_path: Path) -> None:
    """The search sees plain, encoded and embedded copies; a proof by searching is worth what its search is."""
    password, key = new_password(), bytes(range(100, 148))
    (tmp_path / "a").write_bytes(b"x" + password.encode("utf-16-le"))
    (tmp_path / "b").write_text(f'<p v="{password.replace("&", "&amp;").replace("<", "&lt;")}"')
    (tmp_path / "c").write_bytes(b"junk" + key[:30])
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d").write_text((b"12" + key).hex())

    hits = found(tmp_path, {"password": forms_of_text(password), "key": forms_of_bytes(key), "no": {b"nowhere"}})

    assert hits == {"password in a", "password in b", "key in c", "key in deep/d"}


async def test_after_deletion_nothing_of_it_is_in_any_file(nursery: Nursery, tmp_path: Path) -> None:
    """Passwords, their ciphertexts, their wrapped keys and uploads that may hold them; in databases, logs, uploads."""
    data = tmp_path / "data"
    secret_settings = {"admin_password": ADMIN_PASSWORD, "ldap.password": LDAP_PASSWORD}
    async with opened(settings_for(data)) as services:
        tenant = await services.tenants.add("demo")
        wishes = [Wish(number=1, secret_settings=secret_settings), Wish(number=2)]
        gone, unborn = await put_phones(services, tenant, wishes)
        patient = await services.tenants.add("patient", retention_days=30)
        (other,) = await put_phones(services, patient, [Wish(number=3)])

    async with nursery.serving(data, tmp_path / "log") as server:
        for phone in (gone, other):
            assert phone.mark in (await fetch(server.phone, phone.by_window)).body
            path = f"/{phone.lasting}/{phone.mac}-local.cfg"
            assert (await fetch(server.phone, path, method="PUT", body=TYPED)).status == 201
            assert (await fetch(server.phone, path)).body == TYPED
        async with opened(settings_for(data)) as services:
            plain = {"admin": forms_of_text(ADMIN_PASSWORD), "ldap": forms_of_text(LDAP_PASSWORD)}
            plain |= {f"password {gone.mac}": forms_of_text(gone.password), "typed": forms_of_text(TYPED.decode())}
            traces = {**_traces(data, gone), **plain}
            before = {hit.split(" in ")[0] for hit in found(tmp_path, traces)}
            await _delete(services, {gone.id})

            while_running = found(tmp_path, traces)
            await asyncio.sleep(POLLED_S)
            again = await fetch(server.phone, gone.by_token)
            left = await fetch(server.phone, f"/{gone.lasting}/{gone.mac}-local.cfg")
            untouched = await fetch(server.phone, other.by_token)
            first = await fetch(server.phone, unborn.by_window)
            kept = await fetch(server.phone, f"/{other.lasting}/{other.mac}-local.cfg")

    assert before == set(traces) - set(plain), "before, exactly the sealed forms are there"
    assert while_running == set()
    assert found(tmp_path, traces) == set()
    assert again.status == 200
    assert not any(form in again.body for forms in plain.values() for form in forms)
    assert left.status == 404
    assert other.mark in untouched.body
    assert unborn.mark in first.body
    assert kept.body == TYPED
    await _audited(data, gone, {"line.1.password", "setting.admin_password", "setting.ldap.password"})


@pytest.mark.timeout(180)  # twelve hundred deliveries and their deletion, in batches
async def test_of_many_devices_each_is_erased_without_a_trace(tmp_path: Path) -> None:
    """Pages split, merge and are used again while half of the devices go; nothing stays in their gaps."""
    data, clock, random = tmp_path / "data", FakeClock(), Random(SEED)  # noqa: S311 - choices, no secrets
    async with running(settings_for(data), clock=clock) as services:
        tenant = await services.tenants.add("demo")
        phones = await put_phones(services, tenant, [Wish(number=number) for number in range(MANY)])
        due = random.sample(phones, MANY // 2)
        traces = {name: forms for phone in due for name, forms in _plainly(data, phone).items()}
        before = found(data, traces)
        for part in range(6):
            for phone in due[part::6]:
                await deliver(services, phone)
            await services.retention.run()
            clock.advance_days(3)
        for _ in range(6):
            clock.advance_days(3)
            await services.retention.run()
            await put_phones(services, tenant, [Wish(number=random.randrange(MANY, 2 * MANY)) for _ in range(20)])
        hits = found(data, traces)
        left = [phone for phone in phones if phone not in due]
        bodies = [(await deliver(services, phone)).body for phone in left]

    assert len(before) == 2 * len(due), "the sealed forms of all were there"
    assert hits == set()
    assert all(phone.mark in body for phone, body in zip(left, bodies, strict=True))


async def test_what_a_reader_keeps_in_the_log_is_erased_when_it_is_gone(tmp_path: Path) -> None:
    """A backup that reads while a password is deleted keeps its old page alive; the next run comes back for it."""
    data, clock = tmp_path / "data", FakeClock()
    async with running(settings_for(data), clock=clock) as services:
        tenant = await services.tenants.add("demo")
        (phone,) = await put_phones(services, tenant, [Wish(number=1)])
        await deliver(services, phone)
        traces = _traces(data, phone)
        clock.advance_days(15)
        with reading(data) as backup:
            backup.execute("BEGIN")
            backup.execute("SELECT count(*) FROM credential").fetchone()
            assert await services.retention.run() == 1
            kept = found(data, traces)
        assert await services.retention.run() == 0

        assert any("ciphertext" in hit for hit in kept), "the reader has to be in the way"
        assert not any("wrapped" in hit for hit in kept), "what is kept cannot be read"
        assert found(data, traces) == set()


@pytest.mark.timeout(240)  # some thirty processes, a third of a second each
async def test_deletion_that_is_killed_anywhere_is_finished_by_the_next_run(nursery: Nursery, tmp_path: Path) -> None:
    """Each step can be the last of a process; what is left is never half-readable, and the next run leaves nothing."""
    base = tmp_path / "base"
    async with running(settings_for(base)) as services:
        tenant = await services.tenants.add("demo")
        gone, other = await put_phones(services, tenant, [Wish(number=1), Wish(number=2)])
        await deliver(services, gone)
        device = await services.devices.get(gone.mac)
        for name in (f"{gone.mac}-local.cfg", f"{gone.mac}-boot.log"):
            assert await left(services, device, name, UPLOADED)
    traces = _traces(base, gone)

    steps = 0
    while True:
        data = _copy(base, tmp_path / "data")
        code = await nursery.cut(data, "retention", steps=steps)
        if code == 0:
            break
        assert code == -9, (tmp_path / "cut.log").read_text()
        expiring = rows(data, "SELECT 1 FROM credential WHERE expiring_at IS NOT NULL")
        async with running(settings_for(data)) as services:
            answer = await deliver(services, gone)
            assert (gone.mark in answer.body) == (not expiring), f"after {steps} steps"
            assert answer.status == 200
            await _delete(services, {gone.id})
            assert found(data, traces) == set(), f"after {steps} steps"
            assert other.mark in (await deliver(services, other)).body
        await _audited(data, gone, {"line.1.password"})
        steps += 1

    assert steps > 12, "the work has more places than that where it can be cut"
    assert found(data, traces) == set()


@pytest.mark.parametrize("work", ["put", "upload"])
@pytest.mark.timeout(180)  # some ten processes, and two sweeps after each
async def test_a_write_that_is_killed_anywhere_leaves_the_old_or_the_new(
    nursery: Nursery, tmp_path: Path, work: str
) -> None:
    """Never a mixture; and what a cut leaves lying about is swept away, keys and files alike."""
    base = tmp_path / "base"
    async with running(settings_for(base)) as services:
        tenant = await services.tenants.add("demo")
        (phone,) = await put_phones(services, tenant, [Wish(number=1)])
        await deliver(services, phone)
        device = await services.devices.get(phone.mac)
        assert await left(services, device, f"{phone.mac}-local.cfg", b"old")

    steps, seen = 0, set[tuple[bool, bytes | None, bool]]()
    while True:
        data = _copy(base, tmp_path / "data")
        code = await nursery.cut(data, work, steps=steps)
        async with running(settings_for(data)) as services:
            body = (await deliver(services, phone)).body
            has_new = SECOND_PASSWORD.encode() in body
            assert has_new != (phone.mark in body)
            device = await services.devices.get(phone.mac)
            upload = await services.provisioning._uploads.read(device, f"{phone.mac}-local.cfg")
            added = bool(rows(data, "SELECT 1 FROM device WHERE mac = ?", mac_of(99).value))
            assert await services.soundness.problems() == []
        seen.add((has_new, upload, added))
        await _sweep_later(data)
        if code == 0:
            break
        assert code == -9, (tmp_path / "cut.log").read_text()
        steps += 1

    assert steps >= 4
    expected = {
        "put": {(False, b"old", False), (True, b"old", True)},
        "upload": {(False, b"old", False), (False, UPLOADED, False)},
    }
    assert seen == expected[work]


async def test_a_phone_whose_clock_ran_out_and_got_a_new_password_is_whole_again(tmp_path: Path) -> None:
    """Deletion is of a password, not of a device."""
    data, clock = tmp_path / "data", FakeClock()
    async with running(settings_for(data), clock=clock) as services:
        tenant = await services.tenants.add("demo")
        (old,) = await put_phones(services, tenant, [Wish(number=1)])
        await deliver(services, old)
        clock.advance_days(15)
        assert await services.retention.run() == 1
        traces = _traces(data, old)

        (new,) = await put_phones(services, tenant, [Wish(number=1)])
        body = (await deliver(services, new)).body

    assert new.mark in body
    assert found(data, traces) == set()


async def _delete(services: Services, device_ids: set[str]) -> None:
    """Let the clocks of these devices run out; those of others are put off."""
    at_ms = services.context.clock.now_ms() + 16 * DAY_MS
    owners = {f"device:{device_id}" for device_id in device_ids}
    due = {one.credential.owner for one in await services.retention.due(at_ms=at_ms)}
    assert due <= owners, "only these have a clock that can run out"
    await services.retention.run(at_ms=at_ms)


async def _audited(data: Path, phone: Phone, fields: set[str]) -> None:
    """Each deletion is in the audit trail once, without a secret, and the chain holds."""
    entries = rows(
        data, "SELECT detail FROM audit WHERE action = 'credential.deleted' AND object = ?", f"device:{phone.id}"
    )
    assert sorted(field for field in fields for entry in entries if f'"{field}"' in entry["detail"]) == sorted(fields)
    assert len(entries) == len(fields)
    async with opened(settings_for(data)) as services, services.storage.read() as tx:
        assert await audit.first_break(tx) is None


async def _sweep_later(data: Path) -> None:
    """Two sweeps, a day apart; then keys and files are exactly those that rows name."""
    async with opened(settings_for(data)) as services:
        clock = FakeClock(services.context.clock.now_ms() + DAY_MS)
    async with opened(settings_for(data), clock=clock) as services:
        await services.retention.sweep()
        clock.advance_days(1)
        await services.retention.sweep()
    keys = {row["key_id"] for row in rows(data, "SELECT key_id FROM wrapped_key", kind="keystore")}
    named = rows(data, "SELECT key_id FROM credential WHERE key_id IS NOT NULL UNION SELECT key_id FROM upload")
    files = {file.name for file in (data / "uploads").iterdir()}
    assert keys == {row["key_id"] for row in named}
    assert files == {row["id"] for row in rows(data, "SELECT id FROM upload")}


def _traces(data: Path, phone: Phone) -> Traces:
    """Everything that there is of a phone's secrets now, by a name that says what it is."""
    traces: Traces = {f"password {phone.mac}": forms_of_text(phone.password)}
    sealed = rows(data, "SELECT field, key_id, ciphertext FROM credential WHERE owner = ?", f"device:{phone.id}")
    left = rows(data, "SELECT id, name, key_id FROM upload WHERE device_id = ?", phone.id)
    for row in sealed:
        if row["ciphertext"] is not None:
            traces[f"ciphertext {phone.mac} {row['field']}"] = forms_of_bytes(row["ciphertext"])
    for row in left:
        traces[f"upload {phone.mac} {row['name']}"] = forms_of_bytes((data / "uploads" / row["id"]).read_bytes())
    for row in [*sealed, *left]:
        for key in rows(data, "SELECT wrapped FROM wrapped_key WHERE key_id = ?", row["key_id"], kind="keystore"):
            traces[f"wrapped {phone.mac} {row['key_id']}"] = forms_of_bytes(key["wrapped"])
    return traces


def _plainly(data: Path, phone: Phone) -> Traces:
    """The same for very many: passwords as they are, ciphertexts and keys as the databases hold them."""
    (sealed,) = rows(data, "SELECT key_id, ciphertext FROM credential WHERE owner = ?", f"device:{phone.id}")
    (key,) = rows(data, "SELECT wrapped FROM wrapped_key WHERE key_id = ?", sealed["key_id"], kind="keystore")
    return {
        f"password {phone.mac}": {phone.mark},
        f"ciphertext {phone.mac}": {sealed["ciphertext"][:16], sealed["ciphertext"][-16:]},
        f"wrapped {phone.mac}": {key["wrapped"][:16], key["wrapped"][-16:]},
    }


def _copy(base: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(base, target)
    return target
