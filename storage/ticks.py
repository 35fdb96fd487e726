"""When each rule of the clockwork last ran."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlalchemy import Executable, bindparam, select

from storage.database import Tx
from storage.prepared import Prepared, Question
from storage.tables import ticks

_KNOWN = Question(select(ticks.c.rule, ticks.c.at).where(ticks.c.rule.in_(bindparam("rules", expanding=True))))


async def last(tx: Tx, rule: str) -> datetime | None:
    return (await known(tx, [rule])).get(rule)


async def known(tx: Tx, rules: Collection[str]) -> dict[str, datetime]:
    """The same for several, in one statement; one that never ran is absent."""
    return {row.rule: row.at for row in await _KNOWN.rows(tx, {"rules": list(rules)})}


async def set(tx: Tx, rule: str, at: datetime) -> None:
    await _SET.run(tx, [(rule, at)])


def _upsert(tx: Tx) -> Executable:
    insert = tx.insert(ticks).inline()
    return cast(Executable, insert.on_conflict_do_update(index_elements=["rule"], set_={"at": insert.excluded.at}))


_SET = Prepared(_upsert, ("rule", "at"))
