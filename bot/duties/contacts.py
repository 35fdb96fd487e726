"""A contact with the child by the pairing's rhythm: two days before, the day after, and a week after it was due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.command import starting
from bot.engine.courses import ended
from bot.engine.deputies import filled
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.keepers import keepers_of, recipients
from bot.engine.message import Button
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar
from care.children import Child
from care.people import Actor, Role
from care.records.contact_entry import ContactEntry
from care.text import T, Text, words
from storage import absences, contacts
from storage.contacts import Rhythm
from storage.database import Tx
from storage.people import Person
from storage.records import Saved

NAME = "contact"
TEACHER_AFTER = 7
RUNGS = ((-2, 1), (1, 7), (7, 14))
"""Days after the due day on which it is said, and on which the next is: then it is too late to say it."""

SOON = T("It would be good to be in touch with {child} by {day}.")
OVER = T("You have noted no contact with {child} since {day}. A call of five minutes is enough.")
FOR_TEACHER = T("{volunteer} has not been in touch with {child} since {day}. Could you ask whether help is needed?")


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        for after, until in RUNGS:
            found = await contacts.due_on(tx, day - timedelta(days=after))
            asked = await _asked(tx, found)
            homes = {one.child.home_id for one in found} if after == TEACHER_AFTER else set()
            teachers = await keepers_of(tx, Role.TEACHER, homes)
            for rhythm in found:
                told = asked[rhythm.pairing_id], teachers.get(rhythm.child.home_id, ())
                nudges += _rung(tick, rhythm, *told, day, after, until)
    return nudges


async def _asked(tx: Tx, rhythms: Sequence[Rhythm]) -> dict[str, list[Recipient]]:
    """By pairing: the volunteer, or who is asked in their place."""
    homes = {one.pairing_id: one.child.home_id for one in rhythms}
    theirs = {one.pairing_id: [_volunteer(one)] for one in rhythms}
    found = await filled(tx, theirs, homes.__getitem__)
    return {pairing: recipients(people, Role.VOLUNTEER) for pairing, people in found.items()}


def _volunteer(rhythm: Rhythm) -> Person:
    reachable = rhythm.chat_id is not None
    return Person(rhythm.person_id, rhythm.name, rhythm.chat_id, role=Role.VOLUNTEER, reachable=reachable)


def _rung(
    tick: Tick,
    rhythm: Rhythm,
    asked: Sequence[Recipient],
    teachers: Sequence[Recipient],
    day: date,
    after: int,
    until: int,
) -> list[Nudge]:
    told = [(to, _text(rhythm, after)) for to in asked]
    if after == TEACHER_AFTER:
        text = FOR_TEACHER(volunteer=words(rhythm.name), child=rhythm.child.called, day=rhythm.since)
        known = {to.person_id for to in asked}
        told += [(teacher, text) for teacher in teachers if teacher.person_id not in known]
    return [
        Nudge(
            owed=_key(rhythm),
            rung=f"{after:+d}",
            to=to,
            text=text,
            at=tick.moment(day, DIGEST_HOUR),
            latest=tick.moment(rhythm.due_on + timedelta(days=until), DIGEST_HOUR),
            needs=Action.LOG_VISIT if to.role is Role.VOLUNTEER else Action.SEE_RECORDS,
            opens=_opens(rhythm, to),
            digest=True,
        )
        for to, text in told
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
    return _key_of(rhythm.pairing_id, rhythm.due_on)


def _key_of(pairing_id: str, due_on: date) -> str:
    return f"{NAME}:{pairing_id}:{due_on.isoformat()}"


async def owed(tx: Tx, actor: Actor, calendar: Calendar, start: date, until: date) -> Sequence[Owed]:
    """Those still open, since whenever, and how those ended that were due in these days: a contact made moves the
    rhythm on."""
    open_ones = [
        _owed(rhythm.pairing_id, rhythm.person_id, rhythm.child, rhythm.due_on, Standing.OPEN, None)
        for rhythm in await contacts.in_reach_of(tx, actor, until)
    ]
    return open_ones + [
        _owed(course.pairing_id, course.person_id, course.child, due_on, standing, on)
        for course in await contacts.courses(tx, actor, start)
        for due_on, standing, on in ended(course.days, timedelta(days=course.rhythm_days), course.over_on)
        if start <= due_on <= until
    ]


def _owed(pairing_id: str, person_id: str, child: Child, due_on: date, standing: Standing, on: date | None) -> Owed:
    return Owed(
        NAME,
        pairing_id,
        due_on.isoformat(),
        T("Be in touch with {child}", child=child.called),
        child.home_id,
        (person_id,),
        due_on,
        standing,
        on,
        f"s|visit|{child.id}",
    )


async def met_by(tx: Tx, saved: Sequence[Saved]) -> Collection[str]:
    made = [(one.author_id, one.body) for one in saved if isinstance(one.body, ContactEntry) and one.body.made]
    whose = await absences.whose(tx, [(author, entry.child, entry.on) for author, entry in made])
    due = await contacts.due_for(tx, {(who, child) for who, child, _ in whose})
    return [_key_of(pairing_id, due_on) for pairing_id, due_on in due]


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    due = await contacts.due_days(tx, {key.split(":")[1] for key in keys})
    known = {_key_of(pairing_id, due_on) for pairing_id, due_on in due}
    return [key for key in keys if key in known]


DUTY = Duty(
    NAME, Action.SEE_OWN_RECORDS, T("Contacts"), due, owed, met_by=met_by, still=still, reach=timedelta(days=14)
)
