"""What somebody promised: three days before, on the day, then daily; from the third day on, one level up as well."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.deputies import filled
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.keepers import coordinators, keepers_of, recipients
from bot.engine.message import Button
from bot.engine.nudging import DIGEST_HOUR
from care.absence import ABOVE
from care.access import Action
from care.calendar import Calendar
from care.people import Actor, Role
from care.text import T, Text, words
from storage import follow_ups, people
from storage.database import Tx
from storage.follow_ups import FollowUp
from storage.people import Person
from storage.records import Saved

NAME = "follow_up"
BEFORE = 3
ONE_UP_FROM = 3
LONGEST = 60
"""Days after which a promise is no longer asked about each morning."""
UNDONE = T("{name} promised something by {day} (#{number}); it is not marked as done.")


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        for one in await follow_ups.due_between(tx, day - timedelta(days=LONGEST), day + timedelta(days=BEFORE)):
            if (late := (day - one.due_on).days) >= 0 or late == -BEFORE:
                nudges += await _rung(tx, tick, day, one, late)
    return nudges


async def _rung(tx: Tx, tick: Tick, day: date, one: FollowUp, late: int) -> list[Nudge]:
    owner = await people.own(tx, one.owner_id, tick.today)
    if owner is None:
        return []
    role = next((role for role in ABOVE if role in owner.roles), Role.TEACHER)
    told = [(to, _text(one, late)) for to in await _asked(tx, owner, role, one.home_id)]
    if late >= ONE_UP_FROM:
        text = UNDONE(name=words(owner.name), day=one.due_on, number=one.number)
        known = {owner.person_id, *(to.person_id for to, _ in told)}
        told += [(to, text) for to in await _above(tx, role, one.home_id) if to.person_id not in known]
    return [
        Nudge(
            owed=f"{NAME}:{one.id}:{one.due_on.isoformat()}",
            rung=day.isoformat(),
            to=to,
            text=text,
            at=tick.moment(day, DIGEST_HOUR),
            latest=tick.moment(day + timedelta(days=1), 0),
            needs=Action.SEE_OWN_RECORDS,
            opens=Button(T("✅ Done: #{number}", number=one.number), f"b|due|done|{one.id}"),
            digest=True,
        )
        for to, text in told
    ]


async def _asked(tx: Tx, owner: Actor, role: Role, home_id: str) -> Sequence[Recipient]:
    """The owner, or who is asked in their place."""
    reachable = bool(owner.chat_id) and not owner.unreachable
    own = Person(owner.person_id, owner.name, owner.chat_id, role=role, reachable=reachable)
    return recipients((await filled(tx, {home_id: [own]}))[home_id], role)


async def _above(tx: Tx, role: Role, home_id: str) -> Sequence[Recipient]:
    up = ABOVE[role]
    if up is Role.COORDINATOR:
        return await coordinators(tx)
    return (await keepers_of(tx, up, [home_id])).get(home_id, [])


def _text(one: FollowUp, late: int) -> Text:
    what = words(one.words) if one.words else T("what you promised (#{number})", number=one.number)
    if late < 0:
        return T("By {day}: {what}", day=one.due_on, what=what)
    if late == 0:
        return T("For today: {what}", what=what)
    return T("Since {day} still open: {what}", day=one.due_on, what=what)


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    return [
        Owed(
            NAME,
            one.id,
            one.due_on.isoformat(),
            words(one.words) if one.words else T("What was promised (#{number})", number=one.number),
            one.home_id,
            (one.owner_id,),
            one.due_on,
            standing(one, last),
            one.done_on,
            f"b|due|done|{one.id}",
        )
        for one in await follow_ups.in_reach(tx, actor, first, last)
    ]


def standing(one: FollowUp, until: date) -> Standing:
    """Void where its record was taken back; missed once nobody is asked about it any more."""
    if one.done_on:
        return Standing.MET if one.done_on <= one.due_on else Standing.LATE
    if one.done_at:
        return Standing.VOID
    return Standing.OPEN if (until - one.due_on).days <= LONGEST + BEFORE else Standing.MISSED


async def note(tx: Tx, saved: Sequence[Saved]) -> None:
    """A new record may promise something."""
    for one in saved:
        promised, by = getattr(one.body, "follow_up", None), getattr(one.body, "follow_up_by", None)
        if promised and by:
            told = "" if one.body.circle else promised
            await follow_ups.add(
                tx, record_id=one.id, home_id=one.home_id, owner_id=one.author_id, due_on=by, words=told
            )


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    known = {one.id for one in await follow_ups.open_among(tx, [key.split(":")[1] for key in keys])}
    return [key for key in keys if key.split(":")[1] in known]


DUTY = Duty(
    NAME,
    Action.SEE_OWN_RECORDS,
    T("What was promised"),
    due,
    owed,
    still=still,
    noted=note,
    reach=timedelta(days=1),
)
