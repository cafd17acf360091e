"""Tenants whose devices do not move, how many a tenant may have, and what other processes tell the monitor."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns and tables."""
    with op.batch_alter_table("tenant") as tenant:
        tenant.add_column(sa.Column("fixed_networks", sa.Boolean(), server_default=sa.false(), nullable=False))
        tenant.add_column(sa.Column("quota", sa.Integer()))
    op.create_table(
        "report",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "canary",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_canary_device_id_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_canary")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("canary")
    op.drop_table("report")
    with op.batch_alter_table("tenant") as tenant:
        tenant.drop_column("quota")
        tenant.drop_column("fixed_networks")
