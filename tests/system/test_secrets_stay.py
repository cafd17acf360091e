"""Marked passwords and tokens go through everything the server does, and turn up nowhere but where they belong."""

from __future__ import annotations

import asyncio
import base64
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.storage import credentials
from tests.clocks import DAY_MS
from tests.system.fleet import new_password, reading, rows
from tests.system.server import Ended, Nursery, Server, command, log_of, opened, settings_for
from tests.system.traces import forms_of_text, found
from tests.system.wire import Call, Reply, fetch

MACS = {
    "yealink": "805ec0000001",
    "snom": "000413000002",
    "polycom": "0004f2000003",
    "linphone": "0a0b0c000004",
    "unfit": "805ec0000005",
    "tampered": "805ec0000006",
    "locked": "805ec0000007",
}
FILES = {"snom": "snomD785-{mac}.htm", "linphone": "{mac}.xml", "polycom": "{mac}-user.cfg"}  # where the passwords are
POLLED_S = 0.5  # the server sees what another process changed within 0.2 s


@dataclass(kw_only=True)
class Story:
    """What is secret, by a name; what people and strangers were told; and who got what was due to them."""

    secrets: dict[str, str] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    delivered: bytes = b""

    def secret(self, name: str) -> str:
        """A new one."""
        self.secrets[name] = new_password()
        return self.secrets[name]

    def tell(self, name: str, ended: Ended) -> Ended:
        """Keep what a command said."""
        self.told[name] = (ended.said + ended.complained).encode()
        return ended


@pytest.mark.timeout(180)  # a dozen commands, two seconds each to load
async def test_no_secret_is_anywhere_but_in_what_phones_get(nursery: Nursery, tmp_path: Path) -> None:
    """Logs at their most talkative, metrics, audit trail, request log, events, errors, answers, whole databases."""
    story, data = Story(), tmp_path / "data"
    async with opened(settings_for(data)) as services:
        devices = await _set_up(services, story)
        tokens = await _tokens(services, devices, story)

    async with nursery.serving(data, tmp_path / "log", LOG__LEVEL="debug") as server:
        await _phones_boot(server, devices, tokens, story)
        await _strangers_ask(server, tokens, story)
        await _people_work(data, tmp_path, devices, story)
        async with opened(settings_for(data)) as services:
            await _time_passes(services, devices)
        await asyncio.sleep(POLLED_S)
        for name in devices:
            story.told[f"afterwards {name}"] = (await fetch(server.phone, _path(name, tokens[name]))).head
        await _store_breaks(server, data, tokens, story)
        for page in ("/metrics", "/readyz", "/healthz", "/nothing"):
            story.told[page] = (await fetch(server.ops, page)).received

    wanted = {name: forms_of_text(text) for name, text in story.secrets.items()}
    delivered = {name for name, forms in wanted.items() if any(form in story.delivered for form in forms)}
    told = {
        f"{name} in {place}"
        for place, text in story.told.items()
        for name, forms in wanted.items()
        if any(form in text for form in forms)
    }
    assert told == set()
    assert found(tmp_path, wanted) == set()
    assert {f"{name} line" for name in FILES} | {"yealink line", "yealink admin", "yealink lasting"} <= delivered
    _something_was_said(data, log_of(tmp_path / "log"))


async def test_a_token_that_is_not_where_tokens_are_is_not_logged_either(nursery: Nursery, tmp_path: Path) -> None:
    """Behind a proxy's folder, with a slash too few, cut short, packed: people make mistakes with URLs."""
    story, data = Story(), tmp_path / "data"
    async with opened(settings_for(data)) as services:
        devices = await _set_up(services, story)
        token = (await _tokens(services, devices, story))["yealink"]
    mac, packed = MACS["yealink"], "".join(f"%{ord(letter):02x}" for letter in token)
    paths = [
        f"/prov/{token}/{mac}.cfg",
        f"/{token}{mac}.cfg",
        f"/{token}.cfg",
        f"/{token}",
        f"/{token[:-2]}/{mac}.cfg",
        f"/{token}AA/{mac}.cfg",
        f"/{token}/{token}/{mac}.cfg",
        f"/{packed}/{mac}.cfg",
        f"/{token}/../{mac}.cfg",
        f"//{token}/{mac}.cfg",
        f"/{mac}.cfg?token={token}&mac={mac}",
        f"/snom.htm?mac={mac}{token}",
        f"/{mac}-{token}.cfg",
        f"/{mac}-now-{token}.log",
        f"http://elsewhere/{token}/{mac}.cfg",
    ]

    async with nursery.serving(data, tmp_path / "log", LOG__LEVEL="debug") as server:
        replies = [await fetch(server.phone, path) for path in paths]

    logged = rows(data, "SELECT path FROM request ORDER BY id", kind="requests")
    assert {reply.status for reply in replies} <= {200, 404, 400}
    assert len(logged) == len(paths)
    assert found(tmp_path, {"token": forms_of_text(token)}) == set(), logged


async def _set_up(services: Services, story: Story) -> dict[str, Device]:
    """A tenant with a device of each maker, shared secrets, and three devices that something is wrong with."""
    tenant = await services.tenants.add("demo")
    await services.tenants.set_shared({}, {"user_password": Secret(story.secret("shared user"))}, tenant=tenant)
    devices = {name: await _device(services, tenant, name, story) for name in MACS}
    await services.devices.lock(devices["locked"].mac, reason="not paid")
    return devices


async def _device(services: Services, tenant: Tenant, name: str, story: Story) -> Device:
    own = {"admin_password": Secret(story.secret(f"{name} admin"))}
    if name == "yealink":
        own["ldap.password"] = Secret(story.secret("yealink ldap"))
    wanted = Wanted(
        tenant=tenant,
        mac=MacAddress(MACS[name]),
        vendor=name if name in FILES else "yealink",
        model={"snom": "D785", "polycom": None, "linphone": None}.get(name, "T54W"),
        lines=(Line(number=1, user_name="1001", registrar=Endpoint.parse("pbx.example.com")),),
        passwords={1: Secret(story.secret(f"{name} line"))},
        secret_settings=own,
    )
    (device,) = await services.devices.put([wanted])
    if name == "unfit":
        await _slip_in(services, device, story)
    return device


async def _slip_in(services: Services, device: Device, story: Story) -> None:
    """A value that no file can carry, past the checks, as an older version may have let it in."""
    text = story.secret("unfit line") + "\n" + "reboot = 1"
    secrets = services.devices._secrets
    owner = f"device:{device.id}"
    sealed, key = secrets.seal(
        Secret(text), tenant_id=device.tenant_id, owner=owner, field="line.1.password", at_ms=device.created_at
    )
    await secrets.store_keys([(key, owner)])
    async with services.storage.transaction() as tx:
        old = await credentials.credentials_of(tx, [owner])
        await credentials.remove_credentials(tx, [c.id for c in old if c.field == "line.1.password"])
        await credentials.insert_credentials(tx, [sealed])


async def _tokens(services: Services, devices: Mapping[str, Device], story: Story) -> dict[str, str]:
    """The lasting tokens; all are secrets, the bootstrap ones too."""
    tokens = services.devices._tokens
    lasting: dict[str, str] = {}
    for name, device in devices.items():
        generation = device.tokens.generation
        lasting[name] = story.secrets[f"{name} lasting"] = tokens.lasting(device.id, generation)
        story.secrets[f"{name} bootstrap"] = tokens.bootstrap(device.id, generation)
    return lasting


async def _phones_boot(server: Server, devices: Mapping[str, Device], tokens: Mapping[str, str], story: Story) -> None:
    """Every device by its window, its bootstrap token and its lasting token; some leave a file."""
    with_statuses: dict[str, list[int]] = {}
    for name in devices:
        first = story.secrets[f"{name} bootstrap"]
        replies = [await fetch(server.phone, _path(name, token)) for token in (None, first, tokens[name], first)]
        replies.append(await fetch(server.phone, _path(name, tokens[name]), method="HEAD"))
        story.delivered += b"".join(reply.body for reply in replies)
        story.told[f"heads {name}"] = b"".join(reply.head for reply in replies)
        with_statuses[name] = [reply.status for reply in replies]
    left = f"account.1.password = {story.secret('typed at the phone')}".encode()
    path = f"/{tokens['yealink']}/{MACS['yealink']}-local.cfg"
    assert (await fetch(server.phone, path, method="PUT", body=left)).status == 201
    assert (await fetch(server.phone, path)).body == left
    assert with_statuses["yealink"] == [200, 200, 200, 404, 200]
    assert set(with_statuses["unfit"][:3]) == {503}
    assert set(with_statuses["locked"]) == {404}


async def _strangers_ask(server: Server, tokens: Mapping[str, str], story: Story) -> None:
    """Wrong tokens, other devices' tokens, passwords where they do not belong, and what is not HTTP at all."""
    mac, token, password = MACS["yealink"], tokens["yealink"], story.secrets["yealink line"]
    basic = base64.b64encode(f"1001:{password}".encode()).decode()
    ascii_password = password.encode().decode("ascii", "ignore")
    asked: list[tuple[str, Reply]] = [
        ("wrong token", await fetch(server.phone, f"/{tokens['snom']}/{mac}.cfg")),
        ("basic", await fetch(server.phone, f"/{mac}.cfg", headers={"Authorization": f"Basic {basic}"})),
        ("referer", await fetch(server.phone, "/x.cfg", headers={"Referer": f"http://h/{token}/", "Cookie": token})),
        ("no rule", await fetch(server.phone, f"/{token}/passwd")),
        ("method", await fetch(server.phone, f"/{token}/{mac}.cfg", method="DELETE")),
        ("too large", await fetch(server.phone, f"/{token}/{mac}-local.cfg", method="PUT", body=b"x" * 2_000_000)),
        ("upload", await fetch(server.phone, f"/{MACS['locked']}-local.cfg", method="PUT", body=password.encode())),
    ]
    for number, line in enumerate(
        (f"GET {ascii_password}\r\n\r\n", f"{token} / HTTP/1.1\r\n\r\n", "\x16\x03\x01\r\n\r\n")
    ):
        call = Call(server.phone)
        await call.send(line.encode())
        asked.append((f"malformed {number}", await call.read()))
        call.close()
    for name, reply in asked:
        assert reply.status in (400, 404, 405, 413, 200), name
        if reply.status != 200:
            assert reply.body == b"", name
            story.told[name] = reply.received


async def _people_work(data: Path, tmp_path: Path, devices: Mapping[str, Device], story: Story) -> None:
    """Commands that look, commands that change, and commands that are refused."""
    mac = devices["yealink"].mac.colons
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    _write_bad_rows(outside / "bad.csv", story)
    (outside / "secrets").write_text(f"{story.secret('added line')}\n{story.secret('added admin')}\n")
    (outside / "unfit").write_text(f"{story.secret('refused line')}\x07\n")
    refused = story.tell(
        "import", await command(data, "device", "import", str(outside / "bad.csv"), "--tenant", "demo")
    )
    added = story.tell("add", await command(
        data, "device", "add", "--tenant", "demo", "--mac", "80:5e:c0:00:02:01", "--line", "1001@pbx.example.com",
        "--secret", "admin_password", "--password-file", str(outside / "secrets"),
    ))  # fmt: skip
    unfit = story.tell("set", await command(
        data, "device", "set", mac, "--secret", "line.1.password", "--password-file", str(outside / "unfit")
    ))  # fmt: skip
    asked: Sequence[Sequence[str]] = (
        ("device", "show", mac, "--json"),
        ("device", "log", mac),
        ("device", "render", mac, f"{MACS['yealink']}.cfg"),
        ("key", "rotate"),
        ("db", "check"),
        ("retention", "run", "--dry-run", "--at", "2100-01-01T00:00:00Z"),
    )
    for words in asked:
        ended = story.tell(" ".join(words[:2]), await command(data, *words, LOG__LEVEL="debug"))
        assert ended.code == 0 or words[0] == "db", ended.complained
    assert (refused.code, added.code, unfit.code) == (1, 0, 1)
    assert refused.complained.count("row ") >= 3
    assert b"********" in story.told["device render"]


def _write_bad_rows(file: Path, story: Story) -> None:
    """Rows of which each is refused for something beside its password."""
    wrong = [("10 01", "pbx.example.com", 5060), ("1001", "-bad-", 99_999), ("1001", "", "")]
    with file.open("w", encoding="utf-8", newline="") as output:
        table = csv.writer(output)
        table.writerow(["mac", "user_name", "password", "registrar", "port"])
        for number, (user, registrar, port) in enumerate(wrong):
            mac = f"80:5e:c0:00:01:{number:02x}"
            table.writerow([mac, user, story.secret(f"import {number}"), registrar, port])


async def _time_passes(services: Services, devices: Mapping[str, Device]) -> None:
    """A tampered row, a refused value, new tokens, deletion of what is due, and of a whole device."""
    device = devices["tampered"]
    async with services.storage.transaction() as tx:
        (password,) = [
            c for c in await credentials.credentials_of(tx, [f"device:{device.id}"]) if c.field == "line.1.password"
        ]
        other = devices["snom"]
        (foreign,) = [
            c for c in await credentials.credentials_of(tx, [f"device:{other.id}"]) if c.field == "line.1.password"
        ]
        assert password.sealed is not None
        assert foreign.sealed is not None
    with pytest.raises(InvalidValue):
        await services.tenants.set_shared({"admin_password": "plain"}, {})
    with reading(services.storage.directory) as connection:
        connection.execute(
            "UPDATE credential SET ciphertext = ? WHERE id = ?", (foreign.sealed.ciphertext, password.id)
        )
        connection.execute("INSERT INTO change (key) VALUES ('*')")
        connection.commit()
    await services.devices.arm(devices["polycom"].mac)
    await services.retention.run(at_ms=services.context.clock.now_ms() + 16 * DAY_MS)
    await services.devices.delete(devices["linphone"].mac)


async def _store_breaks(server: Server, data: Path, tokens: Mapping[str, str], story: Story) -> None:
    """A store that fails in the middle of an answer: what is logged then quotes no parameters."""
    with reading(data) as connection:
        connection.execute("ALTER TABLE device RENAME TO hidden")
        connection.execute("INSERT INTO change (key) VALUES ('*')")
        connection.commit()
    await asyncio.sleep(POLLED_S)
    reply = await fetch(server.phone, _path("yealink", tokens["yealink"]))
    story.told["broken store"] = reply.received
    with reading(data) as connection:
        connection.execute("ALTER TABLE hidden RENAME TO device")
        connection.commit()
    assert reply.status == 503


def _path(name: str, token: str | None) -> str:
    file = FILES.get(name, "{mac}.cfg").format(mac=MACS[name])
    return f"/{token}/{file}" if token else f"/{file}"


def _something_was_said(data: Path, lines: Iterable[Mapping[str, object]]) -> None:
    """Silence proves nothing: all those places were written to."""
    events = {str(line["event"]) for line in lines}
    outcomes = {row["outcome"] for row in rows(data, "SELECT DISTINCT outcome FROM request", kind="requests")}
    actions = {row["action"] for row in rows(data, "SELECT DISTINCT action FROM audit")}
    assert {"server.started", "request.answered", "render.failed", "answer.failed"} <= events
    assert {"delivered", "refused", "failed", "unavailable", "uploaded", "method_not_allowed"} <= outcomes
    assert {"device.put", "device.armed", "device.deleted", "device.locked", "credential.deleted"} <= actions
    assert {"key.rotated", "setting.changed", "tenant.added"} <= actions
    assert rows(data, "SELECT 1 FROM delivery")
    assert rows(data, "SELECT 1 FROM credential WHERE deleted_at IS NOT NULL")
