"""How Bria starts: it logs in by posting a form, and asks for updates at the URL that it was told."""

from __future__ import annotations

import re
from collections.abc import Generator
from itertools import count

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone

VERSION = "4.7.0"  # of a Bria 4 that was seen
_SETTING = re.compile(r'([A-Za-z0-9_:-]+)="([^"]*)"')


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "Bria 4 release 4.7.0"."""
    return f"{phone.model} release {phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """
    Log in, then look for updates once.

    The user who is played knows no password: a token or the window lets it in.
    """
    reply = yield Fetch(f"{phone.mac}-login.ini", method="POST", form=(("Username", phone.mac.value), ("Password", "")))
    settings = read_settings(reply.body) if reply.ok else {}
    url = settings.get("feature:auto_update:config_server_url")
    if url:
        update = yield Fetch(url)
        settings |= read_settings(update.body) if update.ok else {}
    return Booted(accounts=tuple(_accounts(settings)), next_url=url)


def read_settings(body: bytes) -> dict[str, str]:
    """The settings of *body* by name; none unless it says ``Success=1``. A last line without CRLF is not read."""
    *lines, _ = body.decode().split("\r\n")
    if lines[:2] != ["[DATA]", "Success=1"]:
        return {}
    return {match[1]: match[2] for match in map(_SETTING.fullmatch, lines) if match}


def _accounts(settings: dict[str, str]) -> Generator[Account]:
    highest = max((int(number) for number in re.findall(r"proxies:proxy(\d+):", " ".join(settings))), default=-1)
    for number in count(1):
        if number > highest + 1:
            return
        account = {
            name.rpartition(":")[2]: value
            for name, value in settings.items()
            if name.startswith(f"proxies:proxy{number - 1}:")
        }
        if account.get("enabled") == "1":
            yield Account(
                number=number,
                user_name=account["username"],
                password=account.get("password"),
                auth_name=account.get("authorization_username"),
                registrar=account.get("domain"),
            )
