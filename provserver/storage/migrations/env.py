"""Alembic's entry point: migrate over the connection that `upgrade` holds."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,  # SQLite changes a column by copying the table
    transaction_per_migration=False,
)
context.run_migrations()
