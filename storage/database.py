"""One door to the database: `open_database(url)` gives a Database; `transaction()` gives the one writer, `reading()` a reader.

The same meaning on both engines: a district's writes are serial. SQLite has one writing connection and BEGIN IMMEDIATE; PostgreSQL
takes an advisory lock in every writing transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, Row, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from storage.vault import Vault

_DISTRICT_LOCK = 7_246_251
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction, handed on as an argument. Storage functions take it first."""

    connection: AsyncConnection
    vault: Vault

    async def rows(self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> Sequence[Row[Any]]:
        return (await self.connection.execute(statement, values)).fetchall()

    async def row(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        return (await self.connection.execute(statement, values)).fetchone()

    async def run(self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> int:
        """Executes a write; how many rows it touched."""
        return (await self.connection.execute(statement, values)).rowcount

    def insert(self, table: Any) -> Any:
        """An INSERT that can say ON CONFLICT, in the dialect of this connection."""
        dialect = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        return dialect.insert(table)


class Database:
    def __init__(self, engine: AsyncEngine, readers: AsyncEngine, vault: Vault) -> None:
        self._engine = engine
        self._readers = readers
        self._turnstile = asyncio.Lock()
        self.vault = vault

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """The one writer of the district. Commits at the end; rolls back on anything, cancellation included."""
        async with self._turnstile, self._engine.begin() as connection:
            if not self.is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:district)"), {"district": _DISTRICT_LOCK})
            yield Tx(connection, self.vault)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """A snapshot to read from, beside the writer."""
        async with self._readers.connect() as connection:
            yield Tx(connection, self.vault)

    async def close(self) -> None:
        await self._readers.dispose()
        await self._engine.dispose()


def async_url(url: str) -> str:
    """The URL with the async driver of its engine: people write sqlite:///file or postgresql://host/name."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    return parsed.set(drivername=driver[parsed.get_backend_name()]).render_as_string(hide_password=False)


def open_database(url: str, vault: Vault) -> Database:
    """Opens without touching the schema; `storage.migrations.migrate(url)` comes first."""
    url = async_url(url)
    if url.startswith("sqlite"):
        writer = create_async_engine(url, poolclass=StaticPool, connect_args={"isolation_level": None})
        readers = create_async_engine(url, pool_size=2, connect_args={"isolation_level": None})
        _prepare_sqlite(writer, "BEGIN IMMEDIATE")
        _prepare_sqlite(readers, "BEGIN")
        return Database(writer, readers, vault)
    engine = create_async_engine(url, pool_size=4, pool_pre_ping=True)
    return Database(engine, engine, vault)


def _prepare_sqlite(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
