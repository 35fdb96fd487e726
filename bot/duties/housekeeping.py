"""What may be forgotten is forgotten: old update numbers, messages and documents long sent, invitations whose time is
over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.engine.duty import Rule, Tick
from bot.engine.message import Message
from storage import documents, invitations, outbox, updates
from storage.database import Tx

SENT_KEPT = timedelta(days=30)
DOCUMENTS_KEPT = timedelta(days=7)


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    await invitations.expire(tx, tick.now)
    await outbox.expire(tx, tick.now)
    if tick.since.astimezone(tick.zone).date() != tick.now.astimezone(tick.zone).date():
        await updates.forget(tx, tick.now)
        await outbox.forget(tx, tick.now - SENT_KEPT)
        await documents.forget(tx, tick.now - DOCUMENTS_KEPT)
    return ()


RULE = Rule("housekeeping", run)
