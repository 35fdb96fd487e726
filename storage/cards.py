"""Cards: messages of ours that are edited as things move on. The channel's number is known only once one was sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update

from storage.database import Tx
from storage.prepared import Prepared, Question
from storage.tables import cards


class NewCard(NamedTuple):
    id: str
    chat_id: int
    kind: str
    created_at: datetime


async def add(tx: Tx, new: Sequence[NewCard]) -> None:
    """An id that exists already is left as it is."""
    await _ADD.run(tx, new)


_ADD = Prepared(lambda tx: tx.insert(cards).on_conflict_do_nothing().inline(), NewCard._fields)


async def sent(tx: Tx, card_id: str, message_id: int) -> None:
    await tx.run(update(cards).where(cards.c.id == card_id).values(message_id=message_id))


async def lost(tx: Tx, card_id: str) -> None:
    """The message is gone from the chat: the next edit sends the card anew."""
    await tx.run(update(cards).where(cards.c.id == card_id).values(message_id=None))


async def message_ids(tx: Tx, card_ids: Collection[str]) -> dict[str, int]:
    """Only of the cards that were sent."""
    known = select(cards.c.id, cards.c.message_id).where(cards.c.id.in_(card_ids), cards.c.message_id.is_not(None))
    return {row.id: row.message_id for row in await tx.rows(known)}


_rank = func.row_number().over(partition_by=cards.c.chat_id, order_by=(cards.c.created_at.desc(), cards.c.id.desc()))
_recent = (
    select(cards.c.id, cards.c.chat_id, _rank.label("rank"))
    .where(cards.c.kind == bindparam("kind"), cards.c.created_at >= bindparam("since", type_=cards.c.created_at.type))
    .subquery()
)
_LATEST = Question(select(_recent.c.id, _recent.c.chat_id).where(_recent.c.rank == 1).order_by(_recent.c.chat_id))


async def latest(tx: Tx, kind: str, since: datetime) -> list[tuple[str, int]]:
    """(card id, chat id) of the newest card of the kind in each chat, made since then: a board that is still live."""
    return [(row.id, row.chat_id) for row in await _LATEST.rows(tx, {"kind": kind, "since": since})]


async def of_message(tx: Tx, chat_id: int, message_id: int) -> str | None:
    row = await tx.row(select(cards.c.id).where(cards.c.chat_id == chat_id, cards.c.message_id == message_id))
    return row.id if row else None
