"""A tick costs what falls due, not what there is: on SQLite no statement of one reads a whole table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event

from tests.stage import NOON, Stage

SMALL = {"homes", "notices", "calendar_overrides", "ticks", "excuses", "settings"}
"""Tables that are small in the largest district; but for homes they grow with what people decide, not with children."""
QUEUED = "ix_outbox_queued"
"""What waits in the outbox is looked through for what is too late."""


@contextmanager
def overheard(stage: Stage) -> Iterator[list[tuple[str, Any]]]:
    """The statements of the writer, with what was bound."""
    found: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        found.append((statement, parameters[0] if many else parameters))

    event.listen(stage.database.engine.sync_engine, "before_cursor_execute", hear)
    yield found
    event.remove(stage.database.engine.sync_engine, "before_cursor_execute", hear)


async def scans(stage: Stage, spoken: list[tuple[str, Any]]) -> set[str]:
    """The steps of SQLite's plans that go through a whole table, without those of small ones."""
    found: set[str] = set()
    async with stage.database.transaction() as tx:
        for statement, parameters in spoken:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found |= {row.detail for row in plan if _goes_through_all(row.detail, statement)}
    return found


def _goes_through_all(step: str, statement: str) -> bool:
    scan = re.match(r"SCAN (\w+)", step)
    if scan is None or QUEUED in step or step == "SCAN CONSTANT ROW":
        return False
    table = re.search(rf"(\w+) AS {scan[1]}\b", statement)
    return (table[1] if table else scan[1]) not in SMALL


async def test_a_minute_and_a_morning_read_no_table_as_a_whole(district: Stage) -> None:
    assert await scans(district, [("SELECT code FROM children AS kids WHERE left_on IS NULL", ())])
    await district.turn(minutes=1)
    for at in (NOON.replace(minute=5), NOON.replace(hour=23, minute=59, second=30)):
        await _jump(district, at)
        with overheard(district) as spoken:
            await district.turn(minutes=1)
        assert len(spoken) > 20
        assert await scans(district, spoken) == set()


async def _jump(stage: Stage, at: datetime) -> None:
    stage.clock.forward(at)
    await stage.app.clockwork.tick()
