"""A tick costs what falls due, not what there is: on SQLite no statement of one reads a whole table."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from tests.stage import NOON, Stage

SMALL = {"homes", "notices", "calendar_overrides", "ticks", "excuses", "settings", "json_each"}
"""Tables that are small in the largest district; but for homes they grow with what people decide, not with children."""
WAITING = ("ix_outbox_queued", "ix_nudges_kept")
"""Indexes of what waits, in the outbox or for a digest: it is looked through for what is too late."""


@asynccontextmanager
async def overheard(stage: Stage) -> AsyncIterator[set[str]]:
    """What SQLite hears from the writer, with the values in it."""
    found: set[str] = set()
    async with stage.database.engine.connect() as connection:
        wrapped: Any = (await connection.get_raw_connection()).dbapi_connection
    wrapped.raw.set_trace_callback(found.add)
    yield found
    wrapped.raw.set_trace_callback(None)


async def scans(stage: Stage, spoken: Collection[str]) -> set[str]:
    """The steps of SQLite's plans that go through a whole table, without those of small ones."""
    found: set[str] = set()
    async with stage.database.transaction() as tx:
        for statement in spoken:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = tx.fetch(f"EXPLAIN QUERY PLAN {statement}", ())
                found |= {step for *_, step in plan if _goes_through_all(step, statement)}
    return found


def _goes_through_all(step: str, statement: str) -> bool:
    scan = re.match(r"SCAN (\w+)", step)
    if scan is None or any(index in step for index in WAITING) or step == "SCAN CONSTANT ROW":
        return False
    table = re.search(rf"(\w+) AS {scan[1]}\b", statement)
    return (table[1] if table else scan[1]) not in SMALL


async def test_a_minute_and_a_morning_read_no_table_as_a_whole(district: Stage) -> None:
    assert await scans(district, ["SELECT code FROM children AS kids WHERE left_on IS NULL"])
    await district.turn(minutes=1)
    for at in (NOON.replace(minute=5), NOON.replace(hour=23, minute=59, second=30)):
        await _jump(district, at)
        async with overheard(district) as spoken:
            await district.turn(minutes=1)
        assert len(spoken) > 20
        assert await scans(district, spoken) == set()


async def _jump(stage: Stage, at: datetime) -> None:
    stage.clock.forward(at)
    await stage.app.clockwork.tick()
