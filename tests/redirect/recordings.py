"""
Recorded exchanges: folders of TOML files, one a case: what is wished, what must stand on the wire, what comes back.

Their bytes are written down from the makers' documents and from other clients (docs/redirection.md says which), not
from our own. ``*`` in a header stands for what depends on the port of the test.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.redirect.catalogue import SERVICES, Service
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import IDENTITY, Access, Client, Entry, Phone, Stamp, Wish
from provserver.secret import Secret
from tests.clocks import FakeClock
from tests.redirect.fakes import tls
from tests.redirect.loopback import RESET, Received, answer

FOLDER = Path(__file__).parent / "exchanges"
FIELDS = {
    "user": "user",
    "access_key": "key-1",
    "client_id": "client-1",
    "key_id": "id-1",
    "profile": "profile-1",
    "group": "group-1",
    "site_id": "7",
    "cid": "42",
    "server_name": "server-1",
}
_ENDPOINTS = ("registrar", "backup_registrar", "outbound_proxy")

PASSWORD = "pa55"
LINE_PASSWORD, LOGIN = Secret("l1ne-pa55"), Secret("l0gin")


def secrets_of(service: Service, password: str = PASSWORD, identity: str = tls.CUSTOMER) -> dict[str, Secret]:
    """What an account at *service* is let in by."""
    return {name: Secret(identity if name == IDENTITY else password) for name in service.secrets}


def phone_of(fields: dict[str, Any] | None = None, *, model: str = "T54W") -> Phone:
    """What a service is given that configures phones itself; *fields* are the line's, endpoints as texts."""
    read = {name: Endpoint.parse(text) if name in _ENDPOINTS else text for name, text in (fields or {}).items()}
    usual: dict[str, Any] = {"number": 1, "user_name": "1001", "registrar": Endpoint(host="pbx.example.com")}
    return Phone(
        model=model,
        lines=(Line(**usual | read),),
        passwords={1: LINE_PASSWORD},
        config=Secret(f"<gs_provision><P34>{LINE_PASSWORD.reveal()}</P34></gs_provision>"),
        login=LOGIN,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One case."""

    service: str
    name: str
    facts: dict[str, Any]

    @property
    def replies(self) -> list[bytes]:
        """What the service answers, in order."""
        return [_reply(exchange) for exchange in self.facts.get("exchange", ())]

    @property
    def wishes(self) -> list[Wish]:
        """What is wished: one device, or those of ``macs``."""
        macs = self.facts.get("macs") or [self.facts.get("mac", "805ec0aabbcc")]
        url = Secret(self.facts.get("url", "https://prov.example.net/t0ken/"))
        phone = phone_of(self.facts.get("line", {}), model=self.facts.get("model", "T54W"))
        hosted = phone if SERVICES[self.service].hosts else None
        serial = self.facts.get("serial")
        return [Wish(mac=MacAddress(mac), url=url, serial=serial, phone=hosted) for mac in macs]

    def differences(self, received: list[Received]) -> list[str]:
        """In what *received* differs from what was to be sent."""
        wanted = [exchange["request"].lstrip("\n") for exchange in self.facts.get("exchange", ())]
        found = [] if len(wanted) == len(received) else [f"{len(received)} requests instead of {len(wanted)}"]
        for text, request in zip(wanted, received, strict=False):
            found += _differences(text, request)
        return found


def recordings() -> list[Recording]:
    """All there are."""
    return [
        Recording(service=file.parent.name, name=file.stem, facts=tomllib.loads(file.read_text(encoding="utf-8")))
        for file in sorted(FOLDER.glob("*/*.toml"))
    ]


def client(slug: str, channel: Channel, base_url: str, clock: FakeClock) -> Client:
    """The client of a service that listens at *base_url*, where the maker's own endpoint would have its path."""
    service = SERVICES[slug]
    path = (service.endpoint or "").split("/", 3)[3:]
    access = Access(
        endpoint="/".join([base_url, *path]),
        fields={name: FIELDS[name] for name in service.fields},
        secrets=secrets_of(service),
    )
    return service.make(channel, access, Stamp(now_ms=clock.wall_ms, random=lambda size: bytes(range(size))))


async def perform(client: Client, recording: Recording) -> list[dict[str, Any]]:
    """Do what the recording says; gives what came of it in the recording's words."""
    wishes = recording.wishes
    match recording.facts["operation"]:
        case "register" | "withdraw" as operation:
            done = await (client.register(wishes) if operation == "register" else client.withdraw(wishes))
            return [
                {"outcome": result.outcome.value, "said": result.said}
                | ({"pin": result.pin.reveal()} if result.pin else {})
                for result in done
            ]
        case "look_up":
            return [_entry(await client.look_up(wishes[0]))]
        case "entries":
            return [_entry(entry) async for entry in client.entries()]
        case operation:
            assert operation == "check_credentials"
            await client.check_credentials()
            return []


def _entry(entry: Entry) -> dict[str, Any]:
    shown = {"mac": entry.mac.value, "standing": entry.standing.value}
    return shown | ({"url": entry.url.reveal()} if entry.url else {})


def _reply(exchange: dict[str, Any]) -> bytes:
    if exchange.get("reset"):
        return RESET
    return answer(
        exchange.get("reply", ""), status=exchange.get("status", "200 OK"), headers=exchange.get("headers", ())
    )


def _differences(text: str, request: Received) -> list[str]:
    head, _, body = text.partition("\n\n")
    first, *headers = head.rstrip("\n").split("\n")
    found = []
    if first != f"{request.method} {request.target}":
        found.append(f"{request.method} {request.target} instead of {first}")
    for line in headers:
        name, _, value = line.partition(": ")
        sent = request.headers.get(name, "nothing")
        if not fnmatchcase(sent, value.replace("[", "[[]")):
            found.append(f"{name}: {sent} instead of {value}")
    if body.rstrip("\n").encode() != request.body:
        found.append(f"{request.body!r} instead of {body!r}")
    return found
