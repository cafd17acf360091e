"""Versioned migrations of the three databases: `upgrade` runs them, `pending` says whether there are any."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from provserver.errors import StorageError
from provserver.storage import monitor_tables, redirect_tables, sqlite, tables

FOLDER = Path(__file__).parent / "migrations"
_PARTS = (monitor_tables, redirect_tables)  # imported, their tables belong to `tables.STATE`
METADATA = {"state": tables.STATE, "requests": tables.REQUESTS, "keystore": tables.KEYSTORE}


def newest(kind: str) -> str:
    """The version this program needs: the highest number among the migration files of *kind*."""
    return max(file.name.partition("_")[0] for file in (FOLDER / kind).glob("[0-9]*_*.py"))


async def pending(engine: AsyncEngine, kind: str) -> bool:
    """Whether the database of *kind* is older (or newer) than this program."""
    async with engine.connect() as connection:
        return await connection.run_sync(_version) != newest(kind)


async def upgrade(file: Path, kind: str, *, to: str | None = None) -> None:
    """
    Bring the database of *kind* up to `newest`, or *to* a version, in one transaction; nothing to do is nothing done.

    Raises StorageError for one that a newer program has made, or whose rows would not fit together any more.
    """
    engine = sqlite.create_engine(file, kind, migrating=True)
    try:
        async with engine.connect() as connection:
            version = await connection.run_sync(_version)
        if version is not None and version > newest(kind):
            raise StorageError(f"the {kind} database has version {version}, newer than this program's {newest(kind)}")
        if version != (to or newest(kind)):
            async with engine.begin() as connection:
                await connection.run_sync(_run, kind, to or "head")
    finally:
        await engine.dispose()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _run(connection: Connection, kind: str, to: str) -> None:
    # Imported here: Alembic takes a tenth of a second to load, and almost every start has nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("version_locations", str(FOLDER / kind))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, metadata=METADATA[kind])
    command.upgrade(config, to)
    broken = sqlite.broken_references(connection)
    if broken:  # fail closed: the transaction is rolled back, and the database is as it was
        raise StorageError(f"the {kind} database cannot be upgraded: rows of {', '.join(broken)} point to nothing")
