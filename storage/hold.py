"""Holding a district: one process at a time may run it."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

_TRY = text("SELECT pg_try_advisory_lock(7246252, hashtext(current_schema()))")
_PULSE = 15.0
"""Seconds between two looks at the PostgreSQL session, and how long an answer may take."""


class DistrictBusy(Exception):
    """Another process runs this district."""


class Hold:
    """The hold on a district; `lost` is set when it was lost while running (the PostgreSQL session broke)."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    async def release(self) -> None:
        """Lets another process have it. Twice is harmless."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.release()


async def hold_district(database: Database) -> Hold:
    """Raises DistrictBusy. Use it as `async with await hold_district(database) as hold`."""
    if not database.is_sqlite:
        return await _hold_session(database)
    return _FileHold(database.file) if database.file else Hold()


class _FileHold(Hold):
    """A lock on a file beside the database: the kernel lets go of it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        path = database.with_name(database.name + ".lock")
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise DistrictBusy(f"another process runs the district in {database.name}") from None

    async def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class _SessionHold(Hold):
    """An advisory lock of a PostgreSQL session kept for nothing else."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__()
        self._connection = connection
        self._wanted = True
        self._pulse = asyncio.create_task(self._watch())

    async def release(self) -> None:
        if self._connection.closed:
            return
        self._wanted = False
        self._pulse.cancel()
        await asyncio.wait({self._pulse})
        await self._connection.invalidate()
        await self._connection.close()

    def on_end(self, *_: object) -> None:
        if self._wanted:
            self.lost.set()

    async def _watch(self) -> None:
        """A server that vanished without a word is noticed only by asking."""
        while not self.lost.is_set():
            await asyncio.sleep(_PULSE)
            try:
                await asyncio.wait_for(self._connection.execute(text("SELECT 1")), _PULSE)
            except (SQLAlchemyError, OSError, TimeoutError):
                self.lost.set()


async def _hold_session(database: Database) -> Hold:
    connection = await database.engine.connect()
    await connection.execution_options(isolation_level="AUTOCOMMIT")
    if not (await connection.execute(_TRY)).scalar():
        await connection.close()
        raise DistrictBusy("another process runs this district")
    hold = _SessionHold(connection)
    raw: Any = (await connection.get_raw_connection()).driver_connection
    listen: Callable[[Callable[..., None]], None] = raw.add_termination_listener
    listen(hold.on_end)
    return hold
