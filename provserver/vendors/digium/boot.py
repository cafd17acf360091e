"""How a Digium phone boots and what it understands of the file it gets: `boot`."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "Digium D65 2_9_19"."""
    return f"Digium {phone.model} {phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """The phone's own file, and the contacts that it names. Source: wazo wazo_digium (H)."""
    reply = yield Fetch(f"{phone.mac.value}.cfg")
    if not reply.ok:
        return Booted()
    config = read_config(reply.body)
    for url in config.contacts:
        yield Fetch(url)
    return Booted(
        accounts=tuple(sorted(config.accounts, key=lambda account: account.number)),
        next_url=config.settings.get("config_server_url"),
    )


@dataclass(slots=True)
class Config:
    """A configuration as the phone reads it."""

    settings: dict[str, str] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)  # of the account that is open, and all of the others


class _DoctypeFound(Exception):
    """A phone's file has no document type; one that has is not read."""


def read_config(body: bytes) -> Config:
    """Read a configuration; nothing of a file that is no XML or has a document type."""
    config = Config()
    open_account: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "setting":
            config.settings[attributes["id"]] = attributes["value"]
        elif name == "contacts":
            config.contacts.append(attributes["url"])
        elif name == "account":
            open_account.clear()
            open_account.update(attributes)
            config.attributes |= {f"{attributes['index']}/{key}": value for key, value in attributes.items()}
        elif name in {"host_primary", "host_alternate"}:
            prefix = f"{open_account['index']}/{name}"
            config.attributes |= {f"{prefix}/{key}": value for key, value in attributes.items()}

    def end(name: str) -> None:
        if name == "account":
            config.accounts.append(
                Account(
                    number=int(open_account["index"]) + 1,
                    user_name=open_account["username"],
                    password=open_account.get("password"),
                    auth_name=open_account.get("authname"),
                    registrar=config.attributes.get(f"{open_account['index']}/host_primary/server"),
                )
            )

    def refuse(*_declaration: object) -> None:
        raise _DoctypeFound

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it
    except (expat.ExpatError, _DoctypeFound):
        return Config()
    return config
