"""SQLite for asyncio without a thread's round trip per statement.

aiosqlite hands each step of each statement (cursor, execute, fetch, close) to its thread; at a hundred microseconds of
work per statement the handing over costs more than SQLite does. Here a statement is one step, and handed over only
where it may wait: for another process's lock (BEGIN), for the disk (COMMIT); and, on a reader's connection, always,
since a report may take long. What a writer does in between comes from memory, and the others wait for it anyway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Self, cast

import aiosqlite

Creator = Callable[..., aiosqlite.Connection]


class _Cursor:
    """As much of an aiosqlite cursor as SQLAlchemy's dialect uses; all rows are fetched with the statement."""

    def __init__(self, connection: LeanConnection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor = connection.raw.cursor()
        self._rows: Sequence[Any] = ()
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        await self._connection.step(sql, lambda: self._run(sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        await self._connection.step(sql, lambda: self._cursor.executemany(sql, parameters))
        return self

    def _run(self, sql: str, parameters: Sequence[Any]) -> None:
        self._cursor.execute(sql, parameters)
        if self._cursor.description:
            self._rows = self._cursor.fetchall()

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
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


class LeanConnection(aiosqlite.Connection):
    """`inline`: only what may wait goes to the thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], *, inline: bool) -> None:
        super().__init__(connector, 64)
        self._inline = inline
        self._thread.daemon = True

    @property
    def raw(self) -> sqlite3.Connection:
        return self._conn

    async def step(self, sql: str, work: Callable[[], Any]) -> None:
        if self._inline and not sql.startswith("BEGIN"):
            work()
        else:
            await cast(Any, self)._execute(work)

    def cursor(self) -> Any:
        return _Cursor(self)


def lean(*, inline: bool) -> Creator:
    """What SQLAlchemy calls, as `async_creator_fn`, for a new connection."""

    def connect(database: str, **options: Any) -> aiosqlite.Connection:
        options["check_same_thread"] = False  # one thing at a time, on whichever thread
        return LeanConnection(lambda: sqlite3.connect(database, **options), inline=inline)

    return connect
