"""The tables of redirection in `STATE`: accounts at makers' services, registrations, who was told what."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from provserver.storage.tables import SERIAL, STATE

REDIRECT_ACCOUNT = Table(
    "redirect_account",
    STATE,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, ForeignKey("tenant.id")),  # NULL: for the devices of all tenants
    Column("service", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON; its secrets are credentials of the owner redirect:<id>
    Column("base_url", Text),  # how its devices reach us; NULL: as all do
    Column("per_s", Float),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("paused_until", BigInteger, nullable=False, server_default="0"),
    Column("problem", Text),  # why it is paused, in a few words
    Column("checked_at", BigInteger),  # when its credentials were last right
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("hosts_since", BigInteger),  # when its tenant chose that the maker configures the devices; NULL: it has not
    Column("hosts_why", Text),
)

# One row for each MAC that is, or is to be, or was entered at a service. It outlives its device, to be withdrawn.
REGISTRATION = Table(
    "registration",
    STATE,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("redirect_account.id"), nullable=False),
    Column("mac", Text, nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("device_id", Text, nullable=False, index=True),
    Column("serial", Text),
    Column("generation", Integer, nullable=False),  # of the device's tokens: the URL is derived, and never stored
    Column("base_url", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", BigInteger),  # when it is worked on next; NULL: nothing is to be done
    Column("lease", Text),  # who works on it
    Column("leased_until", BigInteger, nullable=False, server_default="0"),
    Column("reason", Text),
    Column("said", Text),  # by the maker
    Column("changed_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger),
    Column("seen_at", BigInteger),
    UniqueConstraint("account_id", "mac"),
    Index("ix_registration_due", "account_id", "due_at", sqlite_where=text("due_at IS NOT NULL")),
    Index(None, "mac"),
    Index(None, "tenant_id", "state"),
)

# Who outside was told what about a device, and why; append-only, written before it leaves.
DISCLOSURE = Table(
    "disclosure",
    STATE,
    Column("id", SERIAL, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("tenant_id", Text, nullable=False),
    Column("device_id", Text, nullable=False, index=True),
    Column("mac", Text, nullable=False),
    Column("recipient", Text, nullable=False),  # the service, and the host of its endpoint
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
    sqlite_autoincrement=True,
)
