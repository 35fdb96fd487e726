"""Fresh schema equals migrated schema; rows outlive every migration; a newer schema is refused."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from sqlalchemy import Column, Connection, MetaData, func, inspect, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import Boolean, Date, DateTime, Integer, LargeBinary

from storage import migrations
from storage.database import engine_options
from storage.migrations import SchemaTooNew, migrate
from storage.tables import metadata


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    plain, options, _ = engine_options(url)
    engine = create_async_engine(plain, poolclass=NullPool, connect_args=options)
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that the database itself says about its tables."""
    seen = inspect(connection)
    parts = {
        name: {
            "columns": [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(name)],
            "primary": seen.get_pk_constraint(name),
            "unique": sorted(map(str, seen.get_unique_constraints(name))),
            "foreign": sorted(map(str, seen.get_foreign_keys(name))),
            "indexes": sorted(_plain(index) for index in seen.get_indexes(name)),
        }
        for name in seen.get_table_names()
    }
    parts.pop("alembic_version", None)
    return parts


def _plain(index: Any) -> str:
    conditions = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str(index | {"dialect_options": conditions})


async def test_the_migrated_schema_is_the_declared_one(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    async with connected(empty_database_url) as connection:
        differences = await connection.run_sync(lambda c: compare_metadata(migrations.context(c), metadata))
        assert differences == []
        migrated = await connection.run_sync(shape)
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
        assert await connection.run_sync(shape) == migrated
        assert migrated.keys() == metadata.tables.keys()


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    await migrate(database_url)


DYING = """
import asyncio, itertools, os, sys
from sqlalchemy import Engine, event
from storage.migrations import migrate

statements = itertools.count()
event.listen(Engine, "before_cursor_execute", lambda *_: next(statements) == 25 and os._exit(9))
asyncio.run(migrate(sys.argv[1]))
"""


async def test_a_migration_killed_half_way_starts_anew(empty_database_url: str) -> None:
    command = (sys.executable, "-c", DYING, empty_database_url)
    dying = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2])
    assert await asyncio.wait_for(dying.wait(), 30) == 9
    async with connected(empty_database_url) as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    await migrate(empty_database_url)
    async with connected(empty_database_url) as connection:
        assert await connection.run_sync(lambda c: compare_metadata(migrations.context(c), metadata)) == []


async def test_a_newer_schema_is_refused_and_left_alone(database_url: str) -> None:
    async with connected(database_url) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from_tomorrow'"))
    with pytest.raises(SchemaTooNew, match="from_tomorrow"):
        await migrate(database_url)
    async with connected(database_url) as connection:
        assert (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar() == "from_tomorrow"


async def test_a_district_may_be_a_schema_among_others(empty_postgresql_url: str) -> None:
    for name in ("east", "west"):
        await migrate(f"{empty_postgresql_url}&schema={name}")
    async with connected(f"{empty_postgresql_url}&schema=east") as connection:
        await connection.execute(text("INSERT INTO settings (name, value) VALUES ('here', 'east')"))
    async with connected(f"{empty_postgresql_url}&schema=west") as connection:
        assert (await connection.execute(text("SELECT count(*) FROM settings"))).scalar() == 0
    async with connected(empty_postgresql_url) as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []


async def test_all_rows_outlive_every_migration(empty_database_url: str) -> None:
    counts: dict[str, int] = {}
    for revision in migrations.revisions():
        await migrate(empty_database_url, revision)
        async with connected(empty_database_url) as connection:
            kept = await connection.run_sync(count)
            assert {name: kept.get(name, 0) for name in counts} == counts, revision
            await connection.run_sync(populate, revision)
            counts = await connection.run_sync(count)
    assert counts
    assert all(counts.values())


def count(connection: Connection) -> dict[str, int]:
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in inspect(connection).get_table_names()
        if name != "alembic_version"
    }


def populate(connection: Connection, revision: str) -> None:
    """Two rows in every table as it stands at this revision, each pointing at rows that exist."""
    found = MetaData()
    found.reflect(connection)
    for number in (1, 2):
        for each in found.sorted_tables:
            if each.name != "alembic_version":
                connection.execute(each.insert(), {c.name: sample(c, f"{revision}{number}") for c in each.c})


def sample(column: Column[Any], mark: str) -> Any:
    """A value that fits, the same for the same mark, so that references meet."""
    match column.type:
        case Boolean():
            return False
        case Integer():
            return int(mark)
        case DateTime():
            return datetime(2026, 5, 20, tzinfo=UTC)
        case Date():
            return date(2026, 5, 20)
        case LargeBinary():
            return mark.encode()
        case _:
            return mark[-8:]
