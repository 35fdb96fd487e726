"""Notices on their way: those whose time has come go out, and the cards that show them move on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.engine.duty import Rule, Tick
from bot.engine.message import Message
from bot.engine.notices import card_kind, fingerprint, launch, shown_again
from care.access import Action, may
from care.notice import LATE, Stage
from storage import cards, notices, people, receipts
from storage.database import Tx
from storage.notices import Notice
from storage.receipts import Tally

PAUSE = timedelta(seconds=5)
"""A card moves no faster than this."""
WATCHED = timedelta(days=7)


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    for notice in await notices.due(tx, tick.now):
        if notice.send_at < tick.now - LATE:
            await notices.set_stage(tx, notice.id, Stage.MISSED)
            await notices.touch(tx, notice.id, tick.now)
        else:
            await launch(tx, notice, tick.now, tick.zone)
    told: list[Message] = []
    for notice in await notices.moved(tx, tick.now, tick.now - PAUSE):
        told += await _move(tx, notice, tick)
    return told


async def _move(tx: Tx, notice: Notice, tick: Tick) -> list[Message]:
    await receipts.refresh(tx, notice.id)
    tally = (await receipts.tallies(tx, [notice.id]))[notice.id]
    if notice.stage is Stage.SENDING and not tally.queued:
        await notices.set_stage(tx, notice.id, Stage.DONE)
    shown = fingerprint(notice, tally)
    await notices.set_shown(tx, notice.id, shown, tick.now)
    return await _cards(tx, notice, tally, tick) if shown != notice.shown else []


async def _cards(tx: Tx, notice: Notice, tally: Tally, tick: Tick) -> list[Message]:
    """For every coordinator in whose chat one stands, the newest there."""
    standing = await cards.latest(tx, card_kind(notice.id), tick.now - WATCHED)
    known = await people.actors(tx, [chat_id for _, chat_id in standing], tick.now.astimezone(tick.zone).date())
    return [
        shown_again(notice, tally, card_id, chat_id, actor.person_id, actor.language)
        for card_id, chat_id in standing
        if (actor := known.get(chat_id)) and may(actor, Action.SEE_NOTICES)
    ]


async def owed(tx: Tx, about: Collection[str]) -> Collection[str]:
    """Those whose people still belong to the audience."""
    return await notices.still_meant(tx, about)


async def astir(tx: Tx, now: datetime) -> bool:
    return await notices.astir(tx, now, now - PAUSE)


RULE = Rule("notices", run, "notice", owed, astir)
