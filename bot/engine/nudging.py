"""From what fell due to what is said: each key once, quiet hours, the day's budget, the rest folded into the digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from types import MappingProxyType

from bot.engine.duty import Nudge, Tick
from bot.engine.message import Button, Message, Priority, queued
from bot.engine.portions import portions
from care.calendar import after_quiet
from care.people import Role
from care.text import T
from storage import nudges, outbox
from storage.database import Tx
from storage.nudges import FOLDED, SAID, Noted

BUDGET: Mapping[Role, int] = MappingProxyType(
    {
        Role.GUARDIAN: 2,
        Role.VOLUNTEER: 3,
        Role.TEACHER: 3,
        Role.HOME_LEAD: 3,
        Role.COUNSELLOR: 3,
        Role.LEADER: 3,
        Role.COORDINATOR: 5,
    }
)
DIGEST_HOUR = 8


async def deliver(tx: Tx, many: Sequence[Nudge], tick: Tick) -> int:
    """Say, or keep for the digest, what is neither too early nor too late nor said before; how many were new."""
    timely = [nudge for nudge in _each_once(many, tick) if nudge.at <= tick.now < nudge.latest]
    folded = await _beyond_budget(tx, timely, tick)
    count = 0
    async for some in portions(timely):
        noted = {nudge.key: _noted(nudge, FOLDED if nudge.key in folded else SAID) for nudge in some}
        new = await nudges.note(tx, list(noted.values()), tick.now)
        said = [nudge for nudge in some if nudge.key in new and nudge.key not in folded]
        await outbox.put(tx, [queued(_message(nudge, new[nudge.key], tick), tick.now) for nudge in said])
        count += len(new)
    return count


def _each_once(many: Sequence[Nudge], tick: Tick) -> list[Nudge]:
    """Who is asked for oneself is not asked once more in somebody's place. A deputy hears for whom it is, and nothing
    after the last day."""
    by_key: dict[str, Nudge] = {}
    for nudge in sorted(many, key=lambda nudge: nudge.to.away is not None):
        by_key.setdefault(nudge.key, nudge)
    return [_in_place(nudge, tick) for nudge in many if by_key[nudge.key] is nudge]


def _in_place(nudge: Nudge, tick: Tick) -> Nudge:
    away = nudge.to.away
    if away is None:
        return nudge
    over = tick.moment(away.until + timedelta(days=1), 0)
    latest = min(nudge.latest, over) if over > tick.now else nudge.latest
    return replace(nudge, text=away.told(nudge.text), latest=latest)


async def _beyond_budget(tx: Tx, many: Sequence[Nudge], tick: Tick) -> set[str]:
    """The keys of those for the digest: meant for it, or more than the person's day allows."""
    folded = {nudge.key for nudge in many if nudge.digest}
    counted = [nudge for nudge in many if not nudge.digest and not nudge.free]
    midnight = datetime.combine(tick.today, time(), tick.zone)
    told = Counter(await nudges.said_since(tx, {nudge.to.person_id for nudge in counted}, midnight))
    for nudge in counted:
        told[nudge.to.person_id] += 1
        if told[nudge.to.person_id] > BUDGET[nudge.to.role]:
            folded.add(nudge.key)
    return folded


def _noted(nudge: Nudge, state: str) -> Noted:
    to = nudge.to
    body = Message(to.chat_id, text=nudge.text, buttons=((nudge.opens,),) if nudge.opens else ()).body()
    return Noted(
        nudge.key,
        nudge.owed,
        to.person_id,
        to.chat_id,
        nudge.at,
        nudge.latest,
        nudge.needs,
        body,
        state,
        nudge.free,
        absence_id=to.away.absence_id if to.away else "",
    )


def _message(nudge: Nudge, id: str, tick: Tick) -> Message:
    local = tick.now.astimezone(tick.zone)
    return Message(
        nudge.to.chat_id,
        text=nudge.text,
        buttons=nudge.answers or (*(((nudge.opens,),) if nudge.opens else ()), replies(id)),
        person_id=nudge.to.person_id,
        priority=Priority.URGENT if nudge.urgent else Priority.NUDGE,
        key=nudge.key,
        about=nudge.owed,
        needs=nudge.needs,
        not_before=None if nudge.urgent else after_quiet(local),
        expires_at=nudge.latest,
        protect=True,
    )


def replies(id: str) -> tuple[Button, ...]:
    """A nudge is never dismissed without a record."""
    return (Button(T("Later"), f"b|due|later|{id}"), Button(T("Not mine"), f"b|due|not|{id}"))


def snoozed(noted: Noted, until: datetime) -> Noted:
    """The same nudge again, for the digest of a later day; its key ends in the date."""
    return replace(
        noted,
        id="",
        key=f"{noted.key}:later:{until:%Y-%m-%d}",
        at=until,
        latest=until + timedelta(days=2),
        state=FOLDED,
    )
