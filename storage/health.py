"""What the database knows of the bot's health: figures only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from storage.database import Tx
from storage.tables import QUEUED, outbox, ticks, updates


@dataclass(frozen=True, slots=True)
class Stock:
    """`due_since`: when the message that has waited longest was to be sent. `kept`: updates awaiting repair, by state;
    `dead`: messages that could not be sent, by state; `ticks`: when each rule last ran."""

    queued: int
    due: int
    due_since: datetime | None
    kept: Mapping[str, int]
    dead: Mapping[str, int]
    ticks: Mapping[str, datetime]


async def look(tx: Tx, now: datetime) -> Stock:
    ripe = (outbox.c.not_before <= now) & or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > now)
    due = select(func.count().label("number"), func.min(outbox.c.not_before).label("since")).where(QUEUED, ripe)
    queued = select(func.count().label("number")).select_from(outbox).where(QUEUED)
    line = (await tx.rows(due))[0]
    return Stock(
        queued=(await tx.rows(queued))[0].number,
        due=line.number,
        due_since=line.since,
        kept=await _by_state(tx, updates.c.state, updates.c.state != "done"),
        dead=await _by_state(tx, outbox.c.state, outbox.c.state.in_(("failed", "unknown"))),
        ticks={row.rule: row.at for row in await tx.rows(select(ticks.c.rule, ticks.c.at))},
    )


async def _by_state(tx: Tx, state: ColumnElement[str], which: ColumnElement[bool]) -> dict[str, int]:
    counted = select(state.label("state"), func.count().label("number")).where(which).group_by(state)
    return {row.state: row.number for row in await tx.rows(counted)}


async def version(tx: Tx, is_sqlite: bool) -> str:
    """The server's, or that of the library."""
    name = func.sqlite_version() if is_sqlite else func.current_setting("server_version")
    return str((await tx.rows(select(name)))[0][0])
