"""SQLite for asyncio without a thread's round trip per statement.

aiosqlite hands each step of each statement (cursor, execute, fetch, close) to its thread; at a hundred microseconds of
work per statement the handing over costs more than SQLite does. Here a statement is one step, and handed over only
where it may wait: for another process's lock (BEGIN), for the disk (COMMIT); and, on a reader's connection, always,
since a report may take long. What a writer does in between comes from memory, and the others wait for it anyway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import aiosqlite
from sqlalchemy import event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet


class _Cursor:
    """A cursor as SQLAlchemy wants it; all rows are fetched with the statement."""

    arraysize = 1

    def __init__(self, connection: InlineConnection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor = connection.raw.cursor()
        self._rows: list[Any] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        self._connection.step(sql, partial(self._execute, sql, parameters))

    def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Any:
        self._connection.step(sql, partial(self._cursor.executemany, sql, parameters))

    def _execute(self, sql: str, parameters: Sequence[Any]) -> None:
        self._cursor.execute(sql, parameters)
        if self._cursor.description:
            self._rows = self._cursor.fetchall()
            self._rows.reverse()

    def fetchone(self) -> Any:
        return self._rows.pop() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [self._rows.pop() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        rows.reverse()
        return rows

    async def _async_soft_close(self) -> None:
        """SQLAlchemy asks for it; there is nothing left to fetch."""

    def close(self) -> None:
        self._rows = []
        self._cursor.close()

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid


class InlineConnection(AsyncAdapt_aiosqlite_connection):
    """`inline`: only what may wait goes to the thread."""

    __slots__ = ("_inline",)

    def __init__(self, dbapi: Any, connection: Any, inline: bool) -> None:
        super().__init__(dbapi, connection)
        self._inline = inline

    @property
    def raw(self) -> sqlite3.Connection:
        return cast(sqlite3.Connection, cast(Any, self._connection)._conn)

    async def aside(self, work: Callable[[sqlite3.Connection], Any]) -> None:
        """Does that on the thread, for it may wait."""
        await cast(Any, self._connection)._execute(work, self.raw)

    def cursor(self, server_side: bool = False) -> Any:
        try:
            return _Cursor(self)
        except ValueError as error:  # closed meanwhile
            self._handle_exception(error)

    def step(self, sql: str, work: Callable[[], Any]) -> None:
        if self._inline and not sql.startswith("BEGIN"):
            work()
            if in_greenlet():
                await_only(_nothing())  # SQLAlchemy's asyncio insists on it
            return
        try:
            await_only(cast(Any, self._connection)._execute(work))
        except ValueError as error:
            self._handle_exception(error)


async def _nothing() -> None:
    pass


def connect_inline(engine: AsyncEngine, *, inline: bool) -> None:
    """Lets the engine's connections be of this kind."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _: Any, place: Sequence[Any], options: dict[str, Any]) -> InlineConnection:
        # One thing at a time, on whichever thread.
        connection = aiosqlite.connect(*place, **options | {"check_same_thread": False})
        cast(Any, connection)._thread.daemon = True
        return InlineConnection(dialect.dbapi, await_only(connection), inline)
