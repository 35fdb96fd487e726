"""A contact with the child by the pairing's rhythm: two days before, the day after, and a week after it was due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.command import starting
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.keepers import keepers_of
from bot.engine.message import Button
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar
from care.people import Actor, Role
from care.records.contact_entry import ContactEntry
from care.text import T, Text, words
from storage import contacts
from storage.contacts import Rhythm
from storage.database import Tx
from storage.records import Saved

NAME = "contact"
TEACHER_AFTER = 7
RUNGS = ((-2, 3), (1, 6), (7, 14))
"""Days after the due day on which it is said, and on which it is too late to say it."""

SOON = T("It would be good to be in touch with {child} by {day}.")
OVER = T("You have noted no contact with {child} since {day}. A call of five minutes is enough.")
FOR_TEACHER = T("{volunteer} has not been in touch with {child} since {day}. Could you ask whether help is needed?")


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        for after, until in RUNGS:
            for rhythm in await contacts.due_on(tx, day - timedelta(days=after)):
                nudges += await _rung(tx, tick, rhythm, day, after, until)
    return nudges


async def _rung(tx: Tx, tick: Tick, rhythm: Rhythm, day: date, after: int, until: int) -> list[Nudge]:
    told: list[tuple[Recipient, Text, Action]] = []
    if rhythm.chat_id:
        to = Recipient(rhythm.person_id, rhythm.chat_id, Role.VOLUNTEER, rhythm.name)
        told.append((to, _text(rhythm, after), Action.LOG_VISIT))
    if after == TEACHER_AFTER:
        text = FOR_TEACHER(volunteer=words(rhythm.name), child=rhythm.child.called, day=rhythm.since)
        teachers = (await keepers_of(tx, Role.TEACHER, [rhythm.child.home_id])).get(rhythm.child.home_id, [])
        told += [(teacher, text, Action.SEE_RECORDS) for teacher in teachers]
    return [
        Nudge(
            owed=_key(rhythm),
            rung=f"{after:+d}",
            to=to,
            text=text,
            at=tick.moment(day, DIGEST_HOUR),
            latest=tick.moment(rhythm.due_on + timedelta(days=until), DIGEST_HOUR),
            needs=needs,
            opens=_opens(rhythm, to),
            digest=True,
        )
        for to, text, needs in told
    ]


def _opens(rhythm: Rhythm, to: Recipient) -> Button:
    name = words(rhythm.child.short_name)
    if to.role is Role.VOLUNTEER:
        return starting(f"visit|{rhythm.child.id}", T("Log it: {child}", child=name))
    return starting(f"child|{rhythm.child.id}", T("See {child}", child=name))


def _text(rhythm: Rhythm, after: int) -> Text:
    called = rhythm.child.called
    return SOON(child=called, day=rhythm.due_on) if after < 0 else OVER(child=called, day=rhythm.since)


def _key(rhythm: Rhythm) -> str:
    return f"{NAME}:{rhythm.pairing_id}:{rhythm.due_on.isoformat()}"


async def owed(tx: Tx, actor: Actor, calendar: Calendar, start: date, until: date) -> Sequence[Owed]:
    """Those still open: a contact made moves the rhythm on."""
    return [
        Owed(
            NAME,
            rhythm.pairing_id,
            rhythm.due_on.isoformat(),
            T("Be in touch with {child}", child=rhythm.child.called),
            rhythm.child.home_id,
            (rhythm.person_id,),
            rhythm.due_on,
            Standing.OPEN,
            opens=f"s|visit|{rhythm.child.id}",
        )
        for rhythm in await contacts.in_reach_of(tx, actor, until)
    ]


async def met_by(tx: Tx, saved: Saved) -> Collection[str]:
    if not isinstance(saved.body, ContactEntry) or not saved.body.made:
        return ()
    rhythm = await contacts.of_pair(tx, saved.author_id, saved.body.child)
    return [_key(rhythm)] if rhythm else ()


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    known = {_key(rhythm) for rhythm in await contacts.of_pairings(tx, [key.split(":")[1] for key in keys])}
    return [key for key in keys if key in known]


DUTY = Duty(
    NAME, Action.SEE_OWN_RECORDS, T("Contacts"), due, owed, met_by=met_by, still=still, reach=timedelta(days=14)
)
