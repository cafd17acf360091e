"""Whether a tenant wants its maker's own server to configure its devices."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nobody has chosen it yet."""
    op.add_column("redirect_account", sa.Column("hosts_since", sa.BigInteger()))
    op.add_column("redirect_account", sa.Column("hosts_why", sa.Text()))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("redirect_account", "hosts_why")
    op.drop_column("redirect_account", "hosts_since")
