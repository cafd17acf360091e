"""
All tables, in three databases: `STATE` (what must not be lost), `REQUESTS` (who asked), `KEYSTORE` (wrapped data keys).

Times are integers, steady milliseconds since 1970 UTC. Ids are texts (see `new_id`), MACs 12 lower-case hex digits.
"""

from __future__ import annotations

import secrets

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
STATE = MetaData(naming_convention=_NAMES)
REQUESTS = MetaData(naming_convention=_NAMES)
KEYSTORE = MetaData(naming_convention=_NAMES)

# Autoincrement on SQLite needs INTEGER, PostgreSQL wants BIGINT.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

META = Table(
    "meta",
    STATE,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

TENANT = Table(
    "tenant",
    STATE,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("policy", Text, nullable=False),
    Column("window_ms", BigInteger),
    Column("retention_ms", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("legacy_tls", Boolean, nullable=False, server_default=false()),
    Column("fixed_networks", Boolean, nullable=False, server_default=false()),
    Column("quota", Integer),
)

# Which device a public key was first shown by: a key that many devices share proves nothing (CVE-2022-20817).
CLIENT_KEY = Table(
    "client_key",
    STATE,
    Column("key", LargeBinary, primary_key=True),  # SHA-256 of the SubjectPublicKeyInfo
    Column("mac", Text, nullable=False, index=True),
    Column("seen_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

SITE = Table(
    "site",
    STATE,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, ForeignKey("tenant.id"), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)

DEVICE = Table(
    "device",
    STATE,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, ForeignKey("tenant.id"), nullable=False),
    Column("site_id", Text, ForeignKey("site.id")),
    Column("mac", Text, nullable=False, unique=True),  # a MAC belongs to one tenant at a time
    Column("vendor", Text, nullable=False),
    Column("model", Text),
    Column("description", Text, nullable=False, server_default=""),
    Column("locked_at", BigInteger),
    Column("lock_reason", Text),
    Column("generation", Integer, nullable=False),
    Column("lasting_token", LargeBinary, nullable=False),
    Column("previous_token", LargeBinary),
    Column("bootstrap_token", LargeBinary),
    Column("lasting_used_at", BigInteger),
    Column("armed_until", BigInteger),
    Column("provisioned_at", BigInteger),
    Column("provisioned_prefix", Text),
    Column("needs_password_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("serial", Text),  # as printed on the device; some redirection services ask for it
    Index(None, "tenant_id", "mac"),
    Index(None, "lasting_token", unique=True),
    Index(None, "previous_token", sqlite_where=text("previous_token IS NOT NULL")),
    Index(None, "bootstrap_token", sqlite_where=text("bootstrap_token IS NOT NULL")),
)

LINE = Table(
    "line",
    STATE,
    Column("device_id", Text, ForeignKey("device.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("user_name", Text, nullable=False),
    Column("label", Text),
    Column("display_name", Text),
    Column("auth_name", Text),
    Column("registrar", Text, nullable=False),  # endpoints as text: host[:port];transport=…
    Column("backup_registrar", Text),
    Column("outbound_proxy", Text),
    Column("expires_s", Integer, nullable=False),
    Column("voicemail", Text),
    sqlite_with_rowid=False,
)

SETTING = Table(
    "setting",
    STATE,
    Column("owner", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),  # what was entered, in canonical form; never a secret
    Column("updated_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

CREDENTIAL = Table(
    "credential",
    STATE,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("key_id", Text, index=True),
    Column("alg", Integer),
    Column("nonce", LargeBinary),
    Column("ciphertext", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("release_id", BigInteger),
    Column("released_at", BigInteger),
    Column("first_delivered_at", BigInteger),
    Column("delete_after", BigInteger),
    Column("expiring_at", BigInteger),
    Column("deleted_at", BigInteger),
    UniqueConstraint("owner", "field"),
    Index(None, "delete_after", sqlite_where=text("deleted_at IS NULL AND delete_after IS NOT NULL")),
    Index(
        "ix_credential_presumed",
        "released_at",
        sqlite_where=text("released_at IS NOT NULL AND first_delivered_at IS NULL"),
    ),
)

DEAD_TOKEN = Table(
    "dead_token",
    STATE,
    Column("fingerprint", LargeBinary, primary_key=True),
    Column("device_id", Text, nullable=False),
    Column("died_at", BigInteger, nullable=False),
)

DELIVERY = Table(
    "delivery",
    STATE,
    Column("id", SERIAL, primary_key=True),
    Column("device_id", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("file", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("credentials", Integer, nullable=False),
    sqlite_autoincrement=True,
)

UPLOAD = Table(
    "upload",
    STATE,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("device_id", Text, ForeignKey("device.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("alg", Integer, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("may_hold_credentials", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("device_id", "name"),
)

# Files that phones fetch as they are. All of one version lie in one folder, which nobody guesses.
BUNDLE = Table(
    "bundle",
    STATE,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, ForeignKey("tenant.id")),
    Column("vendor", Text, nullable=False),
    Column("model", Text),
    Column("kind", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("folder", Text, nullable=False, unique=True),
    Index(None, "vendor", "kind", "version"),
)

ASSET = Table(
    "asset",
    STATE,
    Column("id", Text, primary_key=True),
    Column("bundle_id", Text, ForeignKey("bundle.id"), nullable=False),
    Column("name", Text, nullable=False),  # as phones ask for it
    Column("name_key", Text, nullable=False),  # the same in lower case: phones do not agree on it
    Column("sha256", Text, nullable=False, index=True),  # and what the content is called on the disk
    Column("size_bytes", BigInteger, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    UniqueConstraint("bundle_id", "name_key"),
)

PIN = Table(
    "pin",
    STATE,
    Column("owner", Text, primary_key=True),  # as in the table setting
    Column("vendor", Text, primary_key=True),
    Column("model_key", Text, primary_key=True),  # "": all models
    Column("kind", Text, primary_key=True),
    Column("bundle_id", Text, ForeignKey("bundle.id"), nullable=False, index=True),
    Column("file", Text),
    Column("percent", Integer, nullable=False),
    Column("before_id", Text, ForeignKey("bundle.id"), index=True),
    Column("before_file", Text),
    Column("pinned_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

PHONEBOOK_ENTRY = Table(
    "phonebook_entry",
    STATE,
    Column("owner", Text, primary_key=True),  # tenant:<id> or site:<id>
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("numbers", Text, nullable=False),  # JSON: [[kind, digits], …]
    Column("updated_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

EVENT = Table(
    "event",
    STATE,
    Column("id", SERIAL, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("device_id", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)

AUDIT = Table(
    "audit",
    STATE,
    Column("seq", SERIAL, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("tenant_id", Text),
    Column("object", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_autoincrement=True,
)

CHANGE = Table(  # what other processes must forget; see services/cache
    "change",
    STATE,
    Column("seq", SERIAL, primary_key=True),
    Column("key", Text, nullable=False),
    sqlite_autoincrement=True,
)

REQUEST = Table(
    "request",
    REQUESTS,
    Column("id", SERIAL, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),  # the token replaced by its fingerprint
    Column("mac", Text),
    Column("device_id", Text),
    Column("vendor", Text),
    Column("user_agent", Text, nullable=False),
    Column("tls_version", Text),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("status", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("duration_us", Integer, nullable=False),
    Index("ix_request_mac_at", "mac", "at", sqlite_where=text("mac IS NOT NULL")),
)

COPY = Table(  # what a device last fetched, secrets as stars; one for each file rule of its maker
    "copy",
    REQUESTS,
    Column("device_id", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("file", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("tag", Text, nullable=False),  # of the artefact; it changes with the content and with each secret's version
    Column("content", LargeBinary),  # packed with zlib; none of what is too large to be kept
)

LAST_SEEN = Table(
    "last_seen",
    REQUESTS,
    Column("device_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("firmware", Text),
    sqlite_with_rowid=False,
)

KEY_GENERATION = Table(
    "key_generation",
    KEYSTORE,
    Column("generation", Integer, primary_key=True),
    Column("check_value", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("retired_at", BigInteger),
    Column("destroyed_at", BigInteger),
)

WRAPPED_KEY = Table(
    "wrapped_key",
    KEYSTORE,
    Column("key_id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("generation", Integer, nullable=False, index=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

AUDIT_ANCHOR = Table(  # how far the audit trail had come; one row
    "audit_anchor",
    KEYSTORE,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)


def new_id(at_ms: int) -> str:
    """
    A new id of 32 hex digits: 48 bits of time, then 80 random bits (the layout of RFC 9562's version 7).

    Rows made together lie together in the file, which a million devices with random keys would not.
    """
    return f"{at_ms & 0xFFFF_FFFF_FFFF:012x}{secrets.token_hex(10)}"
