"""Holding a district: one process at a time may run it."""

from __future__ import annotations

import asyncio
from typing import Self

from storage.database import Database


class DistrictBusy(Exception):
    """Another process runs this district."""


class Hold:
    """The hold on a district; `lost` is set when it was lost while running (the PostgreSQL session broke)."""

    lost: asyncio.Event

    async def release(self) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.release()


async def hold_district(database: Database) -> Hold:
    """Raises DistrictBusy. Use it as `async with await hold_district(database) as hold`."""
    raise NotImplementedError
