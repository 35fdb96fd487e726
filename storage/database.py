"""One door to the database: `open_database(url)`; its `transaction()` is the one writer, `reading()` a reader.

The same meaning on both engines: a district's writes are serial. SQLite has one writing connection and BEGIN IMMEDIATE;
PostgreSQL takes an advisory lock in every writing transaction.
"""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Row, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from storage.inline import InlineConnection, connect_inline
from storage.vault import Vault

TURN_LOCK = text("SELECT pg_advisory_xact_lock(7246251, hashtext(current_schema()))")
"""Districts may share a PostgreSQL, a schema each: only those of one schema wait for each other."""
_LASTING = {"synchronous_commit": "on"}
"""Whatever the server's own setting: what is committed is acknowledged to Telegram, and then only we have it."""
_PRAGMAS = (
    "journal_mode=WAL",
    "wal_autocheckpoint=4000",  # 16 MB: pages that change again and again are carried over a quarter as often
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
)

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
Ride = Callable[["Tx"], Awaitable[Callable[[], None]]]
"""A short write that shares another's commit; it gives what is to be called right after that."""


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction, handed on as an argument. Storage functions take it first."""

    connection: AsyncConnection
    vault: Vault
    inline: bool = False
    """Its statements need no other thread (`storage.inline`), and so no switch to SQLAlchemy's greenlet either."""

    async def _execute(self, statement: Executable, values: Values) -> CursorResult[Any]:
        if self.inline and self.connection.sync_connection is not None:
            return self.connection.sync_connection.execute(statement, values)
        return await self.connection.execute(statement, values)

    async def rows(self, statement: Executable, values: Values = None) -> Sequence[Row[Any]]:
        return (await self._execute(statement, values)).fetchall()

    async def row(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        return (await self._execute(statement, values)).fetchone()

    async def run(self, statement: Executable, values: Values = None) -> int:
        """Executes a write; how many rows it touched (of many at once the driver may not know: -1)."""
        return (await self._execute(statement, values)).rowcount

    async def run_many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Executes a write in the driver's own words (`storage.prepared`) for each of these rows."""
        if self.inline:
            with _known_errors():
                self._raw.executemany(sql, rows)
        else:
            await self.connection.exec_driver_sql(sql, list(rows))

    def fetch(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All rows that a statement in the driver's own words gives (`storage.prepared`); only where `inline`."""
        with _known_errors():
            return self._raw.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """How many rows a write in the driver's own words touched; only where `inline`."""
        with _known_errors():
            return self._raw.execute(sql, values).rowcount

    @property
    def _raw(self) -> sqlite3.Connection:
        """SQLite's own connection, past SQLAlchemy, which writes over the same."""
        connection: Any = self.connection.sync_connection
        raw: sqlite3.Connection = connection.connection.dbapi_connection.raw
        return raw

    def insert(self, table: Any) -> Any:
        """An INSERT that can say ON CONFLICT, in the dialect of this connection."""
        dialect = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        return dialect.insert(table)


@contextmanager
def _known_errors() -> Iterator[None]:
    """In SQLAlchemy's words: by those it is told whether the database is away."""
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError.instance(None, None, error, sqlite3.Error, hide_parameters=True) from error


class _Turn:
    """Begins and ends what one writer does."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def begin(self) -> None:
        await self.connection.begin()
        await self.connection.execute(TURN_LOCK)

    async def commit(self) -> None:
        await self.connection.commit()

    async def rollback(self) -> None:
        await self.connection.rollback()


class _TurnOnSqlite(_Turn):
    """The same in SQLite's own words, on a connection that is kept: for SQLAlchemy its first transaction never ends.
    Two thirds of what a transaction costs are saved."""

    async def begin(self) -> None:
        with _known_errors():
            begun = _begin_at_once(self._inline.raw)
        if not begun:
            await self._aside(lambda raw: raw.execute("BEGIN IMMEDIATE"))

    async def commit(self) -> None:
        await self._aside(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        await self._aside(sqlite3.Connection.rollback)

    async def _aside(self, work: Callable[[sqlite3.Connection], object]) -> None:
        with _known_errors():
            await self._inline.aside(work)

    @property
    def _inline(self) -> InlineConnection:
        connection: Any = self.connection.sync_connection
        inline: InlineConnection = connection.connection.dbapi_connection
        return inline


def _begin_at_once(raw: sqlite3.Connection) -> bool:
    """False where another process is writing: then it must be waited for, which nobody here could do meanwhile."""
    (patience,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        raw.execute(f"PRAGMA busy_timeout = {patience}")
    return True


class Database:
    def __init__(self, engine: AsyncEngine, readers: AsyncEngine, vault: Vault) -> None:
        self._engine = engine
        self._readers = readers
        self._turnstile = asyncio.Lock()
        self._kept: _TurnOnSqlite | None = None
        self._riders: dict[asyncio.Future[None], Ride] = {}
        self.vault = vault

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @property
    def file(self) -> Path | None:
        """Where the district lies, when it is a file."""
        return database_file(self._engine.url.render_as_string(hide_password=False))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """The one writer of the district. Commits at the end; rolls back on anything, cancellation included.

        A commit that has begun is seen through: who is cancelled in it hears so when it is done. Errors of the database
        are not for the caller to swallow: on PostgreSQL such a transaction commits nothing, the riders' work neither.
        """
        async with self._turnstile, self._in_turn() as tx:
            yield tx

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[Tx]:
        async with self._turn() as turn:
            tx = Tx(turn.connection, self.vault, inline=self.is_sqlite)
            try:
                await turn.begin()
                aboard = await self._take_aboard(turn, tx) if self._riders else {}
                yield tx
            except BaseException:
                await _see_through(_end(turn, turn.rollback))
                raise
            await _see_through(self._arrive(turn, aboard))

    async def _arrive(self, turn: _Turn, aboard: Mapping[asyncio.Future[None], Callable[[], None]]) -> None:
        await self._commit(turn)
        for rider, committed in aboard.items():
            committed()
            rider.set_result(None)

    async def ride(self, work: Ride, patience: float) -> None:
        """Does that at the beginning of the next transaction, whoever begins it, and waits for the commit of both.
        Where none begins in so many seconds, it has one of its own.

        Raises what `work` raises, and that touches nobody else. Where the other's transaction fails, it is done in the
        next: so `work` may be called more than once.
        """
        rider = asyncio.get_running_loop().create_future()
        self._riders[rider] = work
        try:
            await asyncio.wait((rider,), timeout=patience)
            while not rider.done():
                async with self._turnstile:
                    if not rider.done():
                        async with self._in_turn():
                            pass
            rider.result()
        finally:
            del self._riders[rider]

    async def _take_aboard(self, turn: _Turn, tx: Tx) -> dict[asyncio.Future[None], Callable[[], None]]:
        """Nobody, where one of them fails: the others go with the next."""
        aboard = {}
        for rider, work in list(self._riders.items()):
            if rider.done():
                continue
            try:
                aboard[rider] = await work(tx)
            except Exception as error:  # noqa: BLE001 it is theirs to hear
                rider.set_exception(error)
                rider.exception()  # heard: they may have gone away meanwhile
                await turn.rollback()
                await turn.begin()
                return {}
        return aboard

    async def _commit(self, turn: _Turn) -> None:
        await _end(turn, turn.commit)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[_Turn]:
        if not self.is_sqlite:
            async with self._engine.connect() as connection:
                yield _Turn(connection)
            return
        if self._kept is None or self._kept.connection.closed or self._kept.connection.invalidated:
            self._kept = _TurnOnSqlite(await self._engine.connect())
        yield self._kept

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """A snapshot to read from, beside the writer."""
        async with self._readers.connect() as connection:
            yield Tx(connection, self.vault)

    async def close(self) -> None:
        if self._kept is not None:
            await self._kept.connection.close()
        await self._readers.dispose()
        await self._engine.dispose()


def database_file(url: str) -> Path | None:
    """Where a SQLite district lies; None for others."""
    parsed = make_url(url)
    name = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return Path(name) if name and name != ":memory:" else None


def async_url(url: str) -> str:
    """The URL with the async driver of its engine: people write sqlite:///file or postgresql://host/name."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    return parsed.set(drivername=driver[parsed.get_backend_name()]).render_as_string(hide_password=False)


def engine_options(url: str) -> tuple[str, dict[str, Any], str]:
    """What to connect to, how, and the district's schema: a PostgreSQL URL names it by `?schema=name` at its end."""
    parsed = make_url(async_url(url))
    if parsed.get_backend_name() == "sqlite":
        return parsed.render_as_string(hide_password=False), {"isolation_level": None}, ""
    schema = str(parsed.query.get("schema", ""))
    plain = parsed.difference_update_query(["schema"]).render_as_string(hide_password=False)
    place = {"search_path": schema} if schema else {}
    return plain, {"server_settings": {**_LASTING, **place}}, schema


def open_database(url: str, vault: Vault) -> Database:
    """Opens without touching the schema; `storage.migrations.migrate(url)` comes first."""
    plain, options, _ = engine_options(url)
    if plain.startswith("sqlite"):
        writer = create_async_engine(plain, poolclass=StaticPool, connect_args=options, hide_parameters=True)
        readers = create_async_engine(plain, pool_size=2, connect_args=options, hide_parameters=True)
        connect_inline(writer, inline=True)
        connect_inline(readers, inline=False)
        prepare_sqlite(writer, "", _PRAGMAS)
        prepare_sqlite(readers, "BEGIN", _PRAGMAS)
        return Database(writer, readers, vault)
    engine = create_async_engine(plain, pool_size=4, pool_pre_ping=True, connect_args=options, hide_parameters=True)
    return Database(engine, engine.execution_options(isolation_level="REPEATABLE READ"), vault)


def prepare_sqlite(engine: AsyncEngine, begin: str, pragmas: Sequence[str]) -> None:
    """`begin` is how its transactions begin; empty where SQLAlchemy does not begin them."""

    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if begin:

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)


async def _end(turn: _Turn, how: Callable[[], Awaitable[None]]) -> None:
    """A connection that refuses to end is used no more: what it holds would still be open for the next."""
    try:
        await how()
    except Exception:
        await turn.connection.invalidate()
        raise


async def _see_through(work: Coroutine[Any, Any, None]) -> None:
    """Waits to its end even while being cancelled; the cancellation goes on afterwards."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled:
        raise cancelled


def unavailable(error: BaseException) -> bool:
    """Whether the database could not be reached or written at all (gone, locked, full): then waiting helps.

    A number that is no moment is an OSError too; waiting for that one would hold up everybody for ever.
    """
    if isinstance(error, OSError):
        return error.errno != errno.EOVERFLOW
    return isinstance(error, (OperationalError, InterfaceError))
