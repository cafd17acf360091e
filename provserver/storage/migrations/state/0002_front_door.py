"""Tenants may accept old TLS, and public keys belong to one device each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    with op.batch_alter_table("tenant") as tenant:
        tenant.add_column(sa.Column("legacy_tls", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "client_key",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_client_key")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_client_key_mac"), "client_key", ["mac"], unique=False)


def downgrade() -> None:
    """Take both away."""
    op.drop_table("client_key")
    with op.batch_alter_table("tenant") as tenant:
        tenant.drop_column("legacy_tls")
