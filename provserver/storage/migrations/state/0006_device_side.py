"""Tenants whose devices do not move."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("tenant") as tenant:
        tenant.add_column(sa.Column("fixed_networks", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("tenant") as tenant:
        tenant.drop_column("fixed_networks")
