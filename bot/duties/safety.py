"""A safety notice that somebody has not acknowledged: asked again a day and three days after it reached them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.duty import Duty, Nudge, Owed, Recipient, Tick
from bot.engine.notices import PLEASE, SAFETY, got_it, said_in
from care.access import Action
from care.calendar import Calendar
from care.people import Actor, Role
from care.text import T, Text
from storage import notices, unheard
from storage.database import Tx
from storage.notices import Notice
from storage.outbox import NOTICE
from storage.unheard import Silent

LIMIT = timedelta(days=7)
RUNGS = ((timedelta(hours=24), timedelta(hours=72)), (timedelta(hours=72), LIMIT))
"""So long after it was sent it is said, and so long after it is too late to say it."""

ONCE_MORE = T(
    "🔔 Once more, because it matters. Please read it to your child, then tap “Got it”. If that is difficult, never "
    "mind: the teacher will call you."
)


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for notice in await notices.safety_since(tx, tick.now - LIMIT):
        for after, until in RUNGS:
            if notice.send_at + after <= tick.now:
                silent = await unheard.sent_between(tx, notice.id, tick.since - after, tick.now - after)
                nudges += [_nudge(notice, one, after, until) for one in silent]
    return nudges


def _nudge(notice: Notice, one: Silent, after: timedelta, until: timedelta) -> Nudge:
    return Nudge(
        owed=f"{SAFETY}:{notice.id}:{one.person_id}",
        rung=f"+{_hours(after)}h",
        to=Recipient(one.person_id, one.chat_id, Role.GUARDIAN),
        text=_text(notice, one.language, PLEASE if after == RUNGS[0][0] else ONCE_MORE),
        at=one.sent_at + after,
        latest=one.sent_at + until,
        needs=Action.GET_NOTICE,
        free=True,
        answers=((got_it(notice.id),),),
    )


def _hours(span: timedelta) -> int:
    return int(span / timedelta(hours=1))


def _text(notice: Notice, language: str, please: Text) -> Text:
    return T("{please}\n\n{notice}", please=please, notice=said_in(notice, language))


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Families are asked, they owe nothing."""
    return ()


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    """Those who have said nothing and whom it is still meant for."""
    asked = {(notice_id, person): key for key in keys for _, notice_id, person in [key.split(":")]}
    silent = await unheard.silent_among(tx, asked)
    meant = await notices.still_meant(tx, [f"{NOTICE}{notice_id}:{person}" for notice_id, person in silent])
    return [asked[pair] for pair in silent if f"{NOTICE}{pair[0]}:{pair[1]}" in meant]


DUTY = Duty(SAFETY, Action.GET_NOTICE, T("Safety notices"), due, owed, still=still, reach=LIMIT)
