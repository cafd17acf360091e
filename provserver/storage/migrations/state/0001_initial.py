"""The first tables of the state database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("alg", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("first_delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("delete_after", sa.BigInteger(), nullable=True),
        sa.Column("expiring_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("owner", "field", name=op.f("uq_credential_owner_field")),
    )
    op.create_index(
        op.f("ix_credential_delete_after"),
        "credential",
        ["delete_after"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL AND delete_after IS NOT NULL"),
    )
    op.create_index(op.f("ix_credential_key_id"), "credential", ["key_id"], unique=False)
    op.create_index(
        "ix_credential_presumed",
        "credential",
        ["released_at"],
        unique=False,
        sqlite_where=sa.text("released_at IS NOT NULL AND first_delivered_at IS NULL"),
    )
    op.create_table(
        "dead_token",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("died_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_dead_token")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("credentials", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_delivery_device_id"), "delivery", ["device_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_event_device_id"), "event", ["device_id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "setting",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name=op.f("pk_setting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("window_ms", sa.BigInteger(), nullable=True),
        sa.Column("retention_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("name", name=op.f("uq_tenant_name")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_site_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_site_tenant_id_name")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=True),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("locked_at", sa.BigInteger(), nullable=True),
        sa.Column("lock_reason", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("lasting_token", sa.LargeBinary(), nullable=False),
        sa.Column("previous_token", sa.LargeBinary(), nullable=True),
        sa.Column("bootstrap_token", sa.LargeBinary(), nullable=True),
        sa.Column("lasting_used_at", sa.BigInteger(), nullable=True),
        sa.Column("armed_until", sa.BigInteger(), nullable=True),
        sa.Column("provisioned_at", sa.BigInteger(), nullable=True),
        sa.Column("provisioned_prefix", sa.Text(), nullable=True),
        sa.Column("needs_password_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_device_site_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_device_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("mac", name=op.f("uq_device_mac")),
    )
    op.create_index(
        op.f("ix_device_bootstrap_token"),
        "device",
        ["bootstrap_token"],
        unique=False,
        sqlite_where=sa.text("bootstrap_token IS NOT NULL"),
    )
    op.create_index(op.f("ix_device_lasting_token"), "device", ["lasting_token"], unique=True)
    op.create_index(
        op.f("ix_device_previous_token"),
        "device",
        ["previous_token"],
        unique=False,
        sqlite_where=sa.text("previous_token IS NOT NULL"),
    )
    op.create_index(op.f("ix_device_tenant_id_mac"), "device", ["tenant_id", "mac"], unique=False)
    op.create_table(
        "line",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("auth_name", sa.Text(), nullable=True),
        sa.Column("registrar", sa.Text(), nullable=False),
        sa.Column("backup_registrar", sa.Text(), nullable=True),
        sa.Column("outbound_proxy", sa.Text(), nullable=True),
        sa.Column("expires_s", sa.Integer(), nullable=False),
        sa.Column("voicemail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_line_device_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device_id", "number", name=op.f("pk_line")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("alg", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("may_hold_credentials", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_upload_device_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("device_id", "name", name=op.f("uq_upload_device_id_name")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("upload")
    op.drop_table("line")
    op.drop_index(op.f("ix_device_tenant_id_mac"), table_name="device")
    op.drop_index(
        op.f("ix_device_previous_token"), table_name="device", sqlite_where=sa.text("previous_token IS NOT NULL")
    )
    op.drop_index(op.f("ix_device_lasting_token"), table_name="device")
    op.drop_index(
        op.f("ix_device_bootstrap_token"), table_name="device", sqlite_where=sa.text("bootstrap_token IS NOT NULL")
    )
    op.drop_table("device")
    op.drop_table("site")
    op.drop_table("tenant")
    op.drop_table("setting")
    op.drop_table("meta")
    op.drop_index(op.f("ix_event_device_id"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_delivery_device_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("dead_token")
    op.drop_index(
        "ix_credential_presumed",
        table_name="credential",
        sqlite_where=sa.text("released_at IS NOT NULL AND first_delivered_at IS NULL"),
    )
    op.drop_index(op.f("ix_credential_key_id"), table_name="credential")
    op.drop_index(
        op.f("ix_credential_delete_after"),
        table_name="credential",
        sqlite_where=sa.text("deleted_at IS NULL AND delete_after IS NOT NULL"),
    )
    op.drop_table("credential")
    op.drop_table("change")
    op.drop_table("audit")
