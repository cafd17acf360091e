"""How a phone that is described as data boots, for simulations: files in their order, read by its own parameters."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

from provserver.domain.boot import Account, Booted, BootScript, Fetch, Reply, SimulatedPhone
from provserver.domain.xml_tree import read_tree
from provserver.local.document import ParameterTable
from provserver.local.rows import OWN_URL

_PAIR = re.compile(r"""\s*([^\s=:#;][^=:]*?)\s*[=:]\s*(["']?)(.*?)\2\s*""")
_NUMBER = re.escape("{n}")
_REGISTRAR = ("host", "address")  # the parts that say where the line registers


def boot_script(files: Sequence[str], rows: Iterable[ParameterTable]) -> BootScript:
    """A phone that asks for *files* and takes its accounts and its URL from the parameters of *rows*."""
    table = tuple(rows)

    def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
        found: dict[str, str] = {}
        for file in files:
            reply = yield Fetch(file.replace("{mac}", phone.mac.value).replace("{model}", phone.model))
            if reply.ok:
                found |= read_settings(reply.body)
        url = next((found[row.name] for row in _rows(table, OWN_URL, None, "whole") if found.get(row.name)), None)
        return Booted(accounts=tuple(_accounts(found, table)), next_url=url)

    return boot


def read_settings(body: bytes) -> dict[str, str]:
    """Names and values of a file: of XML the innermost elements, else of lines such as ``name = value``."""
    if body.lstrip().startswith(b"<"):
        tree = read_tree(body, separator="\n", part=lambda name, attributes: attributes.get("name", name))
        inner = {path.rpartition("\n")[2]: text for path, text in tree.items()}
        return inner | {path.replace("\n", "."): text for path, text in tree.items()}
    pairs = map(_PAIR.fullmatch, body.decode("utf-8", errors="replace").splitlines())
    return {pair[1]: pair[3] for pair in pairs if pair}


def _accounts(found: Mapping[str, str], table: Sequence[ParameterTable]) -> Iterator[Account]:
    users = _by_line(found, _rows(table, "line.user_name"))
    passwords = _by_line(found, _rows(table, "line.password"))
    names = _by_line(found, [*_rows(table, "line.auth_user"), *_rows(table, "line.auth_name")])
    registrars = _by_line(found, _rows(table, "line.registrar", None, *_REGISTRAR))
    for number, user in sorted(users.items()):
        if user:
            yield Account(
                number=number,
                user_name=user,
                password=passwords.get(number),
                auth_name=names.get(number),
                registrar=registrars.get(number),
            )


def _rows(table: Sequence[ParameterTable], setting: str, *parts: str | None) -> list[ParameterTable]:
    return [row for row in table if row.setting == setting and row.part in (parts or (None,))]


def _by_line(found: Mapping[str, str], rows: Iterable[ParameterTable]) -> dict[int, str]:
    """Values by the number of their line; a name without a number is that of the first."""
    values: dict[int, str] = {}
    for row in rows:
        pattern = re.compile(re.escape(row.name).replace(_NUMBER, r"(\d{1,3})", 1).replace(_NUMBER, r"\1"))
        for name, text in found.items():
            match = pattern.fullmatch(name)
            if match:
                values.setdefault(int(match[1]) if match.groups() else 1, text)
    return values
