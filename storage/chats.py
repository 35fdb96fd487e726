"""What happens to a chat as a whole: nobody is reached there any more, or it has another number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select, update

from storage.database import Tx
from storage.tables import QUEUED, cards, conversations, outbox, people, strangers


async def unreachable(tx: Tx, chat_id: int, at: datetime) -> None:
    """A call at that moment found nobody there: so it is noted, and what was queued for the chat is dropped.

    What was queued for it later stays, and where an answer is among it they have written since: they are there.
    """
    here = (outbox.c.chat_id == chat_id, QUEUED)
    written = exists().where(*here, outbox.c.created_at > at, outbox.c.priority == 0)
    if (await tx.rows(select(written)))[0][0]:
        return
    dropped = {"state": "cancelled", "error": "unreachable", "body": b"", "done_at": at}
    await tx.run(update(outbox).where(*here, outbox.c.created_at <= at).values(dropped))
    await tx.run(update(people).where(people.c.chat_id == chat_id).values(unreachable_since=at))


async def move(tx: Tx, old: int, new: int) -> None:
    """A group became a supergroup. Its messages have other numbers there: cards are sent anew."""
    if await tx.row(select(people.c.id).where(people.c.chat_id == new)):
        await tx.run(update(people).where(people.c.chat_id == old).values(chat_id=None))
    for table in (people, outbox, conversations):
        await tx.run(update(table).where(table.c.chat_id == old).values(chat_id=new))
    await tx.run(update(cards).where(cards.c.chat_id == old).values(chat_id=new, message_id=None))
    await tx.run(strangers.delete().where(strangers.c.chat_id == old))
