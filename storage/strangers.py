"""People whom nobody knows: one row a chat, answered seldom, forgotten soon, never more than a fixed number of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, func, or_, select

from storage.database import Tx
from storage.tables import strangers

_HOUR = timedelta(hours=1)
_REMEMBERED = timedelta(days=1)
_MOST = 10_000


async def may_answer(tx: Tx, chat_id: int, now: datetime, every: timedelta = _HOUR) -> bool:
    """Whether this chat may have an answer now; a yes is noted."""
    insert = tx.insert(strangers)
    due = or_(strangers.c.answered_at.is_(None), strangers.c.answered_at <= now - every)
    upsert = insert.on_conflict_do_update(
        index_elements=["chat_id"], set_={"answered_at": insert.excluded.answered_at}, where=due
    ).returning(strangers.c.chat_id)
    if not await tx.rows(upsert, {"chat_id": chat_id, "answered_at": now}):
        return False
    await _prune(tx, now)
    return True


async def count_try(tx: Tx, chat_id: int, now: datetime, within: timedelta = _HOUR) -> int:
    """Counts one more deep link that was tried; how many came so far without a pause of `within`."""
    insert = tx.insert(strangers)
    going = and_(strangers.c.tried_at.is_not(None), strangers.c.tried_at > now - within)
    upsert = insert.on_conflict_do_update(
        index_elements=["chat_id"],
        set_={"tried_at": insert.excluded.tried_at, "tries": case((going, strangers.c.tries + 1), else_=1)},
    ).returning(strangers.c.tries)
    rows = await tx.rows(upsert, {"chat_id": chat_id, "tried_at": now, "tries": 1})
    return int(rows[0].tries)


async def remember_language(tx: Tx, chat_id: int, language: str) -> None:
    """For a chat that was answered before; elsewhere it does nothing."""
    await tx.run(strangers.update().where(strangers.c.chat_id == chat_id).values(language=language[:16]))


async def language(tx: Tx, chat_id: int) -> str:
    """The language that was chosen, or an empty string."""
    row = await tx.row(select(strangers.c.language).where(strangers.c.chat_id == chat_id))
    return (row.language or "") if row else ""


async def _prune(tx: Tx, now: datetime) -> None:
    seen = func.coalesce(strangers.c.answered_at, strangers.c.tried_at)
    await tx.run(delete(strangers).where(seen < now - _REMEMBERED))
    newest = select(strangers.c.chat_id).order_by(seen.desc(), strangers.c.chat_id).limit(_MOST)
    count = await tx.row(select(func.count()).select_from(strangers))
    if count and count[0] > _MOST:
        await tx.run(delete(strangers).where(strangers.c.chat_id.not_in(newest)))
