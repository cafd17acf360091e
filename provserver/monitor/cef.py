"""
An alert as one line of CEF (ArcSight Common Event Format, revision 25), as log collectors of many makers read it.

A pipe ends a field of the head and an equals sign a name of the extension: both are escaped. What cannot be printed, a
line feed above all, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from provserver.monitor.decision import Scope

_SEVERITY = MappingProxyType({"low": 3, "medium": 6, "high": 8})  # of 10
_VALUE_CHARS = 1_023  # the longest that CEF gives a text of our own, cs1


def cef(alert: Mapping[str, Any], *, version: str) -> str:
    """*alert* as the store has it (at in ms, UTC), without a line's end. *version* is this program's."""
    head = ("CEF:0", "provserver", "provserver", version, alert["detector"], alert["signal"])
    fields = {
        "rt": str(alert["at"]),
        "externalId": str(alert["id"]),
        "cnt": f"{alert['evidence']['count']:.0f}",
        "cs1Label": "scope",
        "cs1": alert["scope"],
        "cs2Label": "value",
        "cs2": alert["value"],
        "cs3Label": "samples",
        "cs3": " ".join(alert["evidence"]["samples"]),
    }
    if holders := alert["evidence"].get("holders"):
        fields |= {"cs4Label": "holders", "cs4": ", ".join(holders)}
    if alert["scope"] == Scope.ADDRESS and "/" not in alert["value"]:
        fields["src"] = alert["value"]
    extension = " ".join(f"{name}={_value(text)}" for name, text in fields.items())
    severity = _SEVERITY.get(alert["confidence"], 5)
    return "|".join([head[0], *(_head(part) for part in head[1:]), str(severity), extension])


def _head(text: str) -> str:
    return _printable(text).replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    return _printable(text).replace("\\", "\\\\").replace("=", "\\=")


def _printable(text: str) -> str:
    return "".join(character for character in text[:_VALUE_CHARS] if character.isprintable())
