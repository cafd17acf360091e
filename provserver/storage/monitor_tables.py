"""The monitor's tables in `STATE`: what it raised, what was decided, what it is told, and what is a trap."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from provserver.storage.tables import SERIAL, STATE

ALERT = Table(
    "alert",
    STATE,
    Column("id", SERIAL, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("detector", Text, nullable=False),
    Column("signal", Text, nullable=False),
    Column("pace", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("tenant_id", Text),
    Column("evidence", Text, nullable=False),
    sqlite_autoincrement=True,
)

DECISION = Table(
    "decision",
    STATE,
    Column("id", SERIAL, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("scope", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", Text),
    Index(None, "scope", "value"),
    sqlite_autoincrement=True,
)

REPORT = Table(  # from other processes; the fields of an event
    "report",
    STATE,
    Column("id", SERIAL, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("word", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("mac", Text, nullable=False),
    Column("tenant", Text, nullable=False),  # its name
    Column("account", Text, nullable=False),
    sqlite_autoincrement=True,
)

CANARY = Table(  # devices that no phone is
    "canary",
    STATE,
    Column("device_id", Text, ForeignKey("device.id", ondelete="CASCADE"), primary_key=True),
    Column("added_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
