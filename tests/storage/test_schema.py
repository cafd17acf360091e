"""The migrations give exactly the tables that the program means, and other versions are refused."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from provserver.errors import StorageError
from provserver.storage.database import KINDS, Storage
from provserver.storage.schema import FOLDER, METADATA, newest, upgrade

each_kind = pytest.mark.parametrize("kind", KINDS)


def _schema(file: Path) -> dict[str, object]:
    """Name → definition of everything in a database, in one spelling."""
    connection = sqlite3.connect(file)
    found: dict[str, object] = {}
    for kind, name, statement in connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
        plain = re.sub(r"[\s\"]+", " ", statement).strip()
        if kind == "table":
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            found[name] = (columns, plain.rpartition(")")[2].strip(), "AUTOINCREMENT" in plain)
        else:
            found[name] = plain
    connection.close()
    return {name: text for name, text in found.items() if name not in ("alembic_version", "sqlite_sequence")}


def _contents(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir()}


def _set_version(file: Path, version: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()


def _version(file: Path) -> str:
    connection = sqlite3.connect(file)
    (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    return str(version)


@each_kind
async def test_migrations_equal_the_tables(storage: Storage, kind: str) -> None:
    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, METADATA[kind])

    async with storage.read(kind) as tx:
        assert await tx.run_sync(differences) == []


@each_kind
def test_migrations_equal_the_tables_also_in_what_only_sqlite_knows(directory: Path, tmp_path: Path, kind: str) -> None:
    """Defaults, partial indexes, AUTOINCREMENT and WITHOUT ROWID are not compared by Alembic."""
    engine = create_engine(f"sqlite:///{tmp_path / 'meant.sqlite3'}")
    METADATA[kind].create_all(engine)
    engine.dispose()

    meant, there = _schema(tmp_path / "meant.sqlite3"), _schema(directory / f"{kind}.sqlite3")

    assert there == meant
    assert len(meant) >= 3


@each_kind
@pytest.mark.parametrize("version", ["0000", "9999"])
async def test_another_version_is_refused_without_being_touched(directory: Path, kind: str, version: str) -> None:
    file = directory / f"{kind}.sqlite3"
    _set_version(file, version)
    storage = Storage(directory)

    with pytest.raises(StorageError, match=rf"{kind}\.sqlite3 is of another version.*provserver db upgrade"):
        await storage.open()
    await storage.close()

    assert _version(file) == version


async def test_an_empty_directory_is_refused_without_migration(tmp_path: Path) -> None:
    storage = Storage(tmp_path)

    with pytest.raises(StorageError, match="another version"):
        await storage.open()
    await storage.close()


@each_kind
async def test_a_newer_database_is_refused_also_by_a_migration(directory: Path, kind: str) -> None:
    """A program that was set back to an older version must say so in one line, not with Alembic's traceback."""
    _set_version(directory / f"{kind}.sqlite3", "9999")
    storage = Storage(directory)

    with pytest.raises(StorageError, match="newer than this program") as refused:
        await storage.open(migrate=True)
    await storage.close()

    assert "\n" not in str(refused.value)
    assert _version(directory / f"{kind}.sqlite3") == "9999"


async def test_migrating_again_changes_nothing(directory: Path) -> None:
    before = _contents(directory)
    storage = Storage(directory)

    await storage.open(migrate=True)
    await storage.close()

    assert _contents(directory) == before
    assert {kind: _version(directory / f"{kind}.sqlite3") for kind in KINDS} == {kind: newest(kind) for kind in KINDS}


async def test_a_database_is_readable_by_its_owner_only(storage: Storage) -> None:
    for kind in KINDS:
        assert storage.file(kind).stat().st_mode & 0o077 == 0


def _older() -> list[tuple[str, str]]:
    """Every version of every database that an installation may still have."""
    return [
        (kind, version)
        for kind in KINDS
        for version in sorted(file.name[:4] for file in (FOLDER / kind).glob("[0-9]*_*.py"))
        if version != newest(kind)
    ]


def _fill(file: Path) -> dict[str, int]:
    """Put a row into every table, each pointing to the others; says how many rows each has."""
    values = {"TEXT": "x", "BIGINT": 1, "INTEGER": 1, "SMALLINT": 1, "BOOLEAN": 1, "BLOB": b"x", "FLOAT": 1.0}
    with closing(sqlite3.connect(file)) as connection, connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        filled = [name for name in tables if name not in ("alembic_version", "sqlite_sequence")]
        for table in filled:
            columns = [(row[1], row[2]) for row in connection.execute(f"PRAGMA table_info({table})")]
            row = [values[kind.partition("(")[0]] for _, kind in columns]
            connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(row))})", row)  # noqa: S608 - a name of the schema
        return {table: _count(connection, table) for table in filled}


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a name of the schema


@pytest.mark.parametrize(("kind", "version"), _older())
async def test_an_older_database_that_is_in_use_is_brought_up_to_date(tmp_path: Path, kind: str, version: str) -> None:
    file = tmp_path / f"{kind}.sqlite3"
    await upgrade(file, kind, to=version)
    before = _fill(file)
    assert set(before.values()) == {1}

    await upgrade(file, kind)

    with closing(sqlite3.connect(file)) as connection:
        for table, count in before.items():
            assert _count(connection, table) == count, table
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert _version(file) == newest(kind)


async def test_a_database_whose_rows_do_not_fit_together_is_not_upgraded(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    await upgrade(file, "state", to="0001")
    _fill(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE site SET tenant_id = 'nobody'")

    with pytest.raises(StorageError, match="state database cannot be upgraded: rows of site point to nothing"):
        await upgrade(file, "state")

    assert _version(file) == "0001"
