"""The fixtures themselves: fresh, apart from each other, and really two engines."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import async_url


@pytest.mark.parametrize("_again", [1, 2])
async def test_each_test_gets_a_database_of_its_own(empty_database_url: str, _again: int) -> None:
    engine = create_async_engine(async_url(empty_database_url))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE only_here (id INTEGER)"))  # fails where a test left one
    await engine.dispose()


async def test_postgresql_is_a_real_one_that_serves_many(empty_postgresql_url: str) -> None:
    first, second = await asyncpg.connect(empty_postgresql_url), await asyncpg.connect(empty_postgresql_url)
    try:
        assert await first.fetchval("SELECT pg_try_advisory_lock(7)")
        assert not await second.fetchval("SELECT pg_try_advisory_lock(7)")
    finally:
        await first.close()
        await second.close()
