"""JSON of others, taken for what it should be: what is of another shape is as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    """*value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - JSON
    """The objects in *value*, if it is a list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def number(value: Any) -> int:  # noqa: ANN401 - JSON
    """*value* if it is a whole number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
