"""
Alerts as a mail for people: one in full, or many as a digest, counted by detector. Pure functions.

Samples are what strangers have sent. What cannot be printed is left out of every line, a header gets none of them, and
the library that writes the message refuses line ends in headers besides: nobody who is counted adds a header, a
recipient or an end of the message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from provserver.clock import iso

_SHOWN = 40  # alerts of a digest that have a line; the others are counted
_SAMPLES = 20  # of one alert
_TEXT_CHARS = 200  # of one value; names of files and agents can be as long as their senders like
_NAMED = 3  # detectors in the subject of a digest
_LOUDEST = ("high", "medium", "low")


def mail(
    alerts: Sequence[Mapping[str, Any]], *, sender: str, recipients: Sequence[str], host: str, now_ms: int
) -> EmailMessage:
    """
    *alerts* as the store has them, at least one. *host* is the name of this machine, *now_ms* UTC.

    The message's id is made of the alerts' own: after a crash the same mail may come twice, and programs for mail
    recognise the second.
    """
    first, last = alerts[0]["id"], alerts[-1]["id"]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("provserver", addr_spec=sender)
    message["To"] = [Address(addr_spec=recipient) for recipient in recipients]
    message["Subject"] = f"[{_text(host)}] {_subject(alerts)}"
    message["Date"] = format_datetime(datetime.fromtimestamp(now_ms // 1000, UTC))
    message["Message-ID"] = f"<provserver-alerts-{first}-{last}-{alerts[0]['at']}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from somebody's holiday
    message.set_content(_in_full(alerts[0]) if len(alerts) == 1 else _digest(alerts), cte="quoted-printable")
    return message


def _subject(alerts: Sequence[Mapping[str, Any]]) -> str:
    if len(alerts) == 1:
        return f"{_text(alerts[0]['detector'])}: {_text(alerts[0]['value']) or alerts[0]['scope']}"
    kinds = Counter(_text(alert["detector"]) for alert in alerts)
    named = ", ".join(f"{count} {name}" for name, count in kinds.most_common(_NAMED))
    return f"{len(alerts)} alerts: {named}{', …' if len(kinds) > _NAMED else ''}"


def _in_full(alert: Mapping[str, Any]) -> str:
    evidence = alert["evidence"]
    rows = [
        ("detector", alert["detector"]),
        ("signal", alert["signal"]),
        ("confidence", alert["confidence"]),
        ("at", iso(alert["at"])),
        (alert["scope"], alert["value"]),
        ("counted", f"{evidence['count']:g} since {iso(int(evidence['since'] * 1000))}"),
        ("known devices there", evidence["known"]),
        ("such as", " ".join(_text(sample) for sample in evidence["samples"][:_SAMPLES])),
        ("from", " ".join(_text(source) for source in evidence["sources"][:_SAMPLES])),
        ("holders", ", ".join(_text(holder) for holder in evidence.get("holders", ())[:_SAMPLES])),
        ("tenant", alert["tenant_id"]),
        ("id", alert["id"]),
    ]
    return "".join(f"{_text(name)}: {_line(value)}\n" for name, value in rows if value not in ("", None))


def _digest(alerts: Sequence[Mapping[str, Any]]) -> str:
    kinds = Counter((alert["confidence"], alert["detector"]) for alert in alerts)
    order = sorted(kinds, key=lambda kind: (_LOUDEST.index(kind[0]) if kind[0] in _LOUDEST else 0, -kinds[kind]))
    counted = [f"{kinds[kind]:>6}  {_text(kind[1])} ({_text(kind[0])})" for kind in order]
    shown = [
        f"{iso(alert['at'])}  {_text(alert['detector'])}  {_text(alert['scope'])} {_text(alert['value'])}"
        f"  {alert['evidence']['count']:g} counted  id {alert['id']}"
        for alert in alerts[:_SHOWN]
    ]
    left_out = len(alerts) - len(shown)
    rest = [f"and {left_out} more, in `provserver alert list`"] if left_out else []
    return "\n".join([*counted, "", *shown, *rest]) + "\n"


def _line(value: object) -> str:
    """A value that is put together of several is not cut again."""
    return "".join(character for character in str(value) if character.isprintable())


def _text(value: object) -> str:
    return _line(value)[:_TEXT_CHARS]
