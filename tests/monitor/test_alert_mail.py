"""A mail says what an alert says, and strangers add nothing to it."""

from __future__ import annotations

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.monitor.alert_mail import mail

TO = ("noc@example.com", "boss@example.com")
HOSTILE = "x\r\nBcc: thief@example.com\r\n\r\n.\r\nMAIL FROM:<a@b>\u2028\x00\x1b[2J=?utf-8?q?a?="
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]


def alert(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of the store
    return {
        "id": 7,
        "at": 1_760_000_000_000,
        "detector": "mac-walk",
        "signal": "S2",
        "pace": "fast",
        "scope": "address",
        "value": "192.0.2.7",
        "confidence": "high",
        "tenant_id": None,
        "evidence": {
            "count": 9.0,
            "known": 0,
            "since": 1_759_999_990.0,
            "samples": ["805ec0000001", "805ec0000002"],
            "sources": ["192.0.2.7"],
        },
        **fields,
    }


def made(*alerts: dict[str, Any]) -> EmailMessage:
    """The mail about *alerts*, as somebody else's program reads it."""
    message = mail(
        alerts, sender="provserver@example.com", recipients=TO, host="prov1", now_ms=1_760_000_005_000
    ).as_bytes()
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert b"\r" not in message.replace(b"\r\n", b"")
    read = BytesParser(policy=default).parsebytes(message)
    assert isinstance(read, EmailMessage)
    return read


def test_one_alert_is_told_in_full() -> None:
    message = made(alert(tenant_id="t-1"))

    assert message["Subject"] == "[prov1] mac-walk: 192.0.2.7"
    assert message["From"] == "provserver <provserver@example.com>"
    assert message["To"] == "noc@example.com, boss@example.com"
    assert message["Date"].datetime.isoformat() == "2025-10-09T08:53:25+00:00"
    assert message["Message-ID"] == "<provserver-alerts-7-7-1760000000000@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == [
        "detector: mac-walk",
        "signal: S2",
        "confidence: high",
        "at: 2025-10-09T08:53:20Z",
        "address: 192.0.2.7",
        "counted: 9 since 2025-10-09T08:53:10Z",
        "known devices there: 0",
        "such as: 805ec0000001 805ec0000002",
        "from: 192.0.2.7",
        "tenant: t-1",
        "id: 7",
    ]


def test_holders_are_named_where_they_are_known() -> None:
    evidence = {**alert()["evidence"], "holders": ["AS64500 Example Net DE", "AS64501\r\nX: y"]}

    lines = made(alert(evidence=evidence)).get_content().splitlines()

    assert "holders: AS64500 Example Net DE, AS64501X: y" in lines


def test_many_are_counted_the_loudest_first() -> None:
    few = [alert(id=1, detector="browser-agent", confidence="low") for _ in range(60)]
    walks = [alert(id=number, value=f"192.0.2.{number}") for number in range(2, 9)]

    message = made(*few, *walks)

    lines = message.get_content().splitlines()
    assert message["Subject"] == "[prov1] 67 alerts: 60 browser-agent, 7 mac-walk"
    assert lines[:3] == ["     7  mac-walk (high)", "    60  browser-agent (low)", ""]
    assert lines[-1] == "and 27 more, in `provserver alert list`"
    assert len(lines) == 3 + 40 + 1


@pytest.mark.parametrize("field", ["detector", "signal", "scope", "value", "confidence", "tenant_id"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_hostile_value_adds_no_header_and_ends_nothing(field: str, count: int) -> None:
    message = made(*[alert(**{field: HOSTILE})] * count)

    assert sorted(message.keys()) == sorted(HEADERS)
    assert message["To"] == "noc@example.com, boss@example.com"
    assert "\n.\n" not in message.get_content().replace("\r\n", "\n")


@given(st.text(st.characters(codec="utf-8")), st.lists(st.text(st.characters(codec="utf-8")), max_size=3))
def test_whatever_is_sampled_the_mail_has_its_own_headers_and_lines(value: str, samples: list[str]) -> None:
    evidence = {**alert()["evidence"], "samples": samples, "sources": samples}

    message = made(alert(value=value, evidence=evidence))

    assert sorted(message.keys()) == sorted(HEADERS)
    names = [line.partition(": ")[0] for line in message.get_content().splitlines()]
    assert {"detector", "counted", "id"} <= set(names)
    assert len(names) <= 11


def test_a_lone_surrogate_harms_nobody() -> None:
    assert "mac-walk" in made(alert(value="a\udce9b"))["Subject"]
