"""When each rule of the clockwork last ran."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from storage.database import Tx
from storage.tables import ticks


async def last(tx: Tx, rule: str) -> datetime | None:
    row = await tx.row(select(ticks.c.at).where(ticks.c.rule == rule))
    return row.at if row else None


async def known(tx: Tx, rules: Collection[str]) -> dict[str, datetime]:
    """The same for several, in one statement; one that never ran is absent."""
    rows = await tx.rows(select(ticks.c.rule, ticks.c.at).where(ticks.c.rule.in_(rules)))
    return {row.rule: row.at for row in rows}


async def set(tx: Tx, rule: str, at: datetime) -> None:
    insert = tx.insert(ticks)
    upsert = insert.on_conflict_do_update(index_elements=["rule"], set_={"at": insert.excluded.at})
    await tx.run(upsert, {"rule": rule, "at": at})
