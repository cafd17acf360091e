"""``name=value`` on the command line, and the names of secrets that follow on another way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from provserver.errors import InvalidValue

Assignments = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME=VALUE]...", help="vlan_id=20, 'key.3=blf 1002 Desk', line.1.label=Front …"),
]
SecretNames = Annotated[
    list[str] | None,
    typer.Option("--secret", metavar="NAME", help="A secret to set: line.1.password, admin_password … Repeatable."),
]


def read_assignments(texts: Sequence[str] | None) -> dict[str, str]:
    """Split *texts* at their first ``=``. InvalidValue for one without, or a name that comes twice."""
    values: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidValue("argument", "one is not of the form NAME=VALUE")
        if name in values:
            raise InvalidValue(name, "is there twice")
        values[name] = value
    return values
