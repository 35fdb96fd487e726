"""Who takes a concern on: an urgent one is asked about every ten minutes in its first hour, then hourly with numbers
to call; one to keep an eye on in the digest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.check_ins import with_number
from bot.engine.concerns import LAW, buttons, needs
from bot.engine.deputies import present, with_deputies
from bot.engine.draw import named
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.message import Button
from care.access import Action, may
from care.calendar import Calendar
from care.concern import FIRST_TO_HEAR, IN_CONFIDENCE, LEADER_AFTER, Gravity, Lane, asked_at, asked_next
from care.people import Actor, Role
from care.phones import spaced
from care.text import T, Text, Value, lines, words
from storage import concerns, families, people
from storage.concerns import Concern
from storage.database import Tx
from storage.people import Person

NAME = "concern"
HOUR = timedelta(hours=1)
ABOVE_AFTER = timedelta(days=7)
AGAIN = T("🔴 Nobody has taken on the worry about {child} yet (raised {at}). Please look at it now.")
WITH_NUMBERS = T("{text}\n\n<b>To call</b>\n{numbers}")
QUIET_AGAIN = T("⚠️ Nobody has taken on yet what was written about {child} (raised {at}).\n\n{law}")
MINE = T("Look after {child}")
NOBODYS = T("Who looks after {child}?")
WATCH = T("Somebody is a little worried about {child} (raised {at}). Who keeps an eye on it?")


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    said: list[Nudge] = []
    for one in await concerns.due(tx, tick.now):
        said += await _ask(tx, tick, one)
        next_at = asked_next(one.level, one.lane, one.opened_at, tick.now) if one.waits else None
        await concerns.ask_again(tx, one.id, next_at)
    return said


async def _ask(tx: Tx, tick: Tick, one: Concern) -> list[Nudge]:
    if not one.waits:
        return []
    at = asked_at(one.level, one.lane, one.opened_at, tick.now)
    text = await _text(tx, tick, one, at - one.opened_at)
    to = [person for person in await _hearers(tx, tick, one, at - one.opened_at) if person.id != one.excluded_id]
    return [_nudge(tick, one, person, text, at - one.opened_at) for person in to if person.chat_id and person.reachable]


async def _hearers(tx: Tx, tick: Tick, one: Concern, gone: timedelta) -> list[Person]:
    """Of the roles that hear of it so long after it was raised. What is urgent reaches who is away too; what waits
    for the morning goes to who stands in, or to the coordinator as well where nobody of them is here."""
    ids = [child.id for child in one.about]
    known = await people.keepers(tx, _roles(one, gone), tick.today, children=ids)
    if one.level is Gravity.URGENT:
        return await with_deputies(tx, known)
    here = await present(tx, known)
    if not any(person.reachable for person in here):
        known = await people.keepers(tx, FIRST_TO_HEAR, tick.today, children=ids)
        here = await present(tx, known) or known
    return here


def _roles(one: Concern, gone: timedelta) -> tuple[Role, ...]:
    if one.lane is Lane.QUIET:
        return IN_CONFIDENCE
    if one.level is Gravity.URGENT:
        return (*FIRST_TO_HEAR, Role.LEADER) if gone >= LEADER_AFTER else FIRST_TO_HEAR
    return FIRST_TO_HEAR if gone >= ABOVE_AFTER else (Role.TEACHER, Role.HOME_LEAD)


def _nudge(tick: Tick, one: Concern, person: Person, text: Text, gone: timedelta) -> Nudge:
    urgent = one.level is Gravity.URGENT and one.lane is Lane.OPEN
    watched = one.level is Gravity.WATCH
    next_at = asked_next(one.level, one.lane, one.opened_at, tick.now)
    return Nudge(
        owed=f"{NAME}:{one.id}",
        rung=f"{int(gone.total_seconds()) // 60}m",
        to=Recipient(person.id, person.chat_id or 0, person.role or Role.TEACHER, person.name, person.away),
        text=text,
        at=one.opened_at + gone,
        latest=next_at,
        needs=needs(one.lane, person.role),
        opens=Button(T("Open: {child}", child=named(one.about)), f"b|concerns|open|{one.id}") if watched else None,
        digest=watched,
        free=not watched,
        urgent=urgent,
        answers=() if watched else buttons(one.id),
    )


async def _text(tx: Tx, tick: Tick, one: Concern, gone: timedelta) -> Text:
    places: dict[str, Value] = {"child": named(one.about), "at": one.opened_at.astimezone(tick.zone)}
    if one.lane is Lane.QUIET:
        return QUIET_AGAIN(**places, law=LAW)
    if one.level is Gravity.WATCH:
        return WATCH(**places)
    text = AGAIN(**places)
    return WITH_NUMBERS(text=text, numbers=lines(await _numbers(tx, tick, one))) if gone >= HOUR else text


async def _numbers(tx: Tx, tick: Tick, one: Concern) -> list[Value]:
    """Of the family, and of those at the school who could go there."""
    ids = [child.id for child in one.about]
    around = await families.relatives(tx, ids)
    told: dict[str, Value] = {}
    for relatives in around.values():
        for who in relatives:
            if who.phone and who.person_id != one.excluded_id:
                told[who.person_id] = with_number(who)
    for person in await people.keepers(tx, FIRST_TO_HEAR, tick.today, children=ids):
        if person.phone and person.role and person.id != one.excluded_id:
            told[person.id] = T(
                "{name} ({relation}) {phone}",
                name=words(person.name),
                relation=person.role.label,
                phone=words(spaced(person.phone)),
            )
    return list(told.values())


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """What the actor has taken on, and what nobody has; never what is for few eyes."""
    if not may(actor, Action.FOLLOW_CONCERN):
        return []
    return [
        Owed(
            NAME,
            one.id,
            one.opened_at.date().isoformat(),
            (MINE if one.owner_id else NOBODYS)(child=named(one.about)),
            one.home_id,
            (one.owner_id or actor.person_id,),
            one.opened_at.date(),
            Standing.OPEN,
            opens=f"b|concerns|open|{one.id}",
        )
        for one in await concerns.open_in_reach(tx, actor, lane=Lane.OPEN)
    ]


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    """Those that nobody has taken on."""
    known = await concerns.by_ids(tx, {key.split(":")[1] for key in keys})
    waiting = {f"{NAME}:{one.id}" for one in known if one.waits}
    return [key for key in keys if key in waiting]


DUTY = Duty(NAME, Action.FOLLOW_CONCERN, T("Worries"), due, owed, still=still)
