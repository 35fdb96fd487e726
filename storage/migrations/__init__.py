"""Brings a database to the schema of this program: `await migrate(url)`, at every start.

Alembic, configured here. Everything happens in one transaction, on both engines: who is killed half-way starts anew.
SQLite's foreign keys are off meanwhile (else rebuilding a table would delete the rows that point at it), and checked
before the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema

from storage.database import TURN_LOCK, engine_options, prepare_sqlite
from storage.tables import metadata

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF", "busy_timeout=30000")


class SchemaTooNew(Exception):
    """The database was written by a newer version of this program."""


class BrokenReferences(Exception):
    """A migration would leave rows that point at nothing; the database is as it was before."""


async def migrate(url: str, to: str = "head") -> None:
    """Upgrades to a revision. Raises SchemaTooNew or BrokenReferences; the database is unchanged then."""
    plain, options, schema = engine_options(url)
    engine = create_async_engine(plain, poolclass=NullPool, connect_args=options, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine, "BEGIN IMMEDIATE", _PRAGMAS)
    try:
        async with engine.begin() as connection:
            if schema:
                await connection.execute(CreateSchema(schema, if_not_exists=True))
            await connection.run_sync(_bring, to)
    finally:
        await engine.dispose()


def _bring(connection: Connection, to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(TURN_LOCK)
    if to != "head" or not _is_newest(connection):
        _upgrade(connection, to)
    _refuse_broken(connection)


def _is_newest(connection: Connection) -> bool:
    """Nearly every start finds it so, and then Alembic need not be there: it takes 8 MB and a quarter of a second."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    newest = max(file.name.partition("_")[0] for file in Path(__file__).parent.glob("versions/[0-9]*.py"))
    return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars()) == [newest]


def revisions() -> list[str]:
    """Every revision, the oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


def context(connection: Connection) -> MigrationContext:
    """Alembic's view of this connection, with what it must know to compare schemas."""
    from alembic.runtime.migration import MigrationContext

    options = {"target_metadata": metadata, "compare_type": True, "compare_server_default": True}
    return MigrationContext.configure(connection, opts=options)


def _upgrade(connection: Connection, to: str) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    scripts = _scripts()
    _refuse_newer(scripts, context(connection).get_current_heads())

    def steps(revision: Any, _: MigrationContext) -> Any:
        return scripts._upgrade_revs(to, revision)

    with EnvironmentContext(Config(), scripts, fn=steps, destination_rev=to) as environment:
        environment.configure(connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
        environment.run_migrations()


def _refuse_newer(scripts: ScriptDirectory, heads: Iterable[str]) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = set(heads) - known
    if unknown:
        revision = ", ".join(sorted(unknown))
        raise SchemaTooNew(
            f"the database has schema {revision}, which this version does not know:"
            " run the newer version of the program, or restore the backup from before it"
        )


def _refuse_broken(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken: Sequence[Any] = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
        if broken:
            raise BrokenReferences(f"{len(broken)} rows point at nothing, in {', '.join({row[0] for row in broken})}")


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(__file__).parent))
