"""Which updates of a channel were seen, and the ones kept, sealed, because they could not be dealt with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, and_, bindparam, delete, func, literal_column, or_, select, true, update
from sqlalchemy.dialects.sqlite import insert

from storage.compact import dump
from storage.database import Tx
from storage.prepared import Question
from storage.tables import updates

REMEMBERED = timedelta(hours=72)
"""Telegram's numbering starts anew after a quiet week; an id is forgotten long before."""
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Kept:
    """`state` is failed, unparsable or ignored; `body` is what the channel sent."""

    channel: str
    update_id: int
    received_at: datetime
    state: str
    attempts: int
    error: str
    body: bytes


_ids = func.json_each(bindparam("ids", type_=String)).table_valued("value")
_NEW = Question(
    insert(updates)
    .from_select(
        ["channel", "update_id", "received_at", "state"],
        select(
            bindparam("channel", type_=updates.c.channel.type),
            _ids.c.value,
            bindparam("now", type_=updates.c.received_at.type),
            literal_column("'done'"),
        ).where(true()),  # without it SQLite takes ON for that of a join
    )
    .on_conflict_do_nothing()
    .returning(updates.c.update_id)
)


async def new_ids(tx: Tx, channel: str, ids: Collection[int], now: datetime) -> set[int]:
    """Notes the ids as dealt with; gives back those never seen before."""
    if not ids:
        return set()
    if tx.inline:
        rows = await _NEW.rows(tx, {"channel": channel, "ids": dump(list(ids)).decode(), "now": now})
    else:
        new = [{"channel": channel, "update_id": id, "received_at": now, "state": "done"} for id in dict.fromkeys(ids)]
        rows = await tx.rows(tx.insert(updates).on_conflict_do_nothing().returning(updates.c.update_id), new)
    return {row.update_id for row in rows}


async def keep(
    tx: Tx, channel: str, update_id: int, body: bytes, error: str, now: datetime, state: str = "failed"
) -> None:
    """Keeps an update for repair; doing so again counts as another attempt."""
    insert = tx.insert(updates)
    again = {name: insert.excluded[name] for name in ("state", "error", "body")} | {"attempts": updates.c.attempts + 1}
    await tx.run(
        insert.on_conflict_do_update(index_elements=["channel", "update_id"], set_=again),
        {
            "channel": channel,
            "update_id": update_id,
            "received_at": now,
            "state": state,
            "attempts": 1,
            "error": error[:200],
            "body": tx.vault.seal(body, _where(channel, update_id)),
        },
    )


async def kept(tx: Tx) -> list[Kept]:
    """Those awaiting repair, oldest first."""
    statement = select(updates).where(updates.c.state != "done").order_by(updates.c.received_at, updates.c.update_id)
    return [
        Kept(
            row.channel,
            row.update_id,
            row.received_at,
            row.state,
            row.attempts,
            row.error or "",
            tx.vault.open(row.body, _where(row.channel, row.update_id)) if row.body else b"",
        )
        for row in await tx.rows(statement)
    ]


async def settle(tx: Tx, channel: str, update_id: int) -> None:
    """It has been dealt with after all: its body is blanked."""
    here = and_(updates.c.channel == channel, updates.c.update_id == update_id)
    await tx.run(update(updates).where(here).values(state="done", body=None, error=None))


async def forget(tx: Tx, now: datetime) -> int:
    """Deletes ids after 72 hours and kept updates after 7 days; how many."""
    old = or_(
        and_(updates.c.state == "done", updates.c.received_at < bindparam("remembered")),
        updates.c.received_at < bindparam("kept"),
    )
    return await tx.run(delete(updates).where(old), {"remembered": now - REMEMBERED, "kept": now - KEPT})


def _where(channel: str, update_id: int) -> str:
    return f"updates.body:{channel}:{update_id}"
