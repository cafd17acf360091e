"""An alert is one line of CEF, whatever strangers have put into it."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provserver.monitor.cef import cef


def alert(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a row
    return {
        "id": 7,
        "at": 1_760_000_000_000,
        "detector": "mac-walk",
        "signal": "S2",
        "scope": "address",
        "value": "192.0.2.7",
        "confidence": "high",
        "evidence": {"count": 9.0, "samples": ["805ec0000001", "805ec0000002"]},
        **changed,
    }


def test_an_alert_is_one_line() -> None:
    assert cef(alert(), version="0.1.0") == (
        "CEF:0|provserver|provserver|0.1.0|mac-walk|S2|8|rt=1760000000000 externalId=7 cnt=9 cs1Label=scope "
        "cs1=address cs2Label=value cs2=192.0.2.7 cs3Label=samples cs3=805ec0000001 805ec0000002 src=192.0.2.7"
    )


def test_a_network_is_no_source_address() -> None:
    assert " src=" not in cef(alert(value="2001:db8::/64"), version="1")


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_in_it_adds_a_field_or_a_line(detector: str, sample: str) -> None:
    line = cef(alert(detector=detector, evidence={"count": 1, "samples": [sample]}), version="1")

    assert line.isprintable()
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line.partition("rt=")[0])) == 7
    extension = line.partition("|rt=")[2]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*=", extension)) == 9
