"""Who takes a concern on: an urgent one is asked about every ten minutes in its first hour, then hourly with numbers
to call; one to keep an eye on in the digest. Each time it says how long it has waited, and who else knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.engine.check_ins import FAMILY, family_numbers
from bot.engine.concerns import LAW, buttons, needs
from bot.engine.deputies import present, with_deputies
from bot.engine.draw import named
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.message import Button
from care.access import Action, may
from care.calendar import Calendar
from care.concern import (
    COORDINATOR_AFTER,
    FIRST_TO_HEAR,
    IN_CONFIDENCE,
    LEADER_AFTER,
    Closing,
    Gravity,
    Lane,
    asked_at,
    asked_next,
    taken_in_time,
    time_to_take,
)
from care.people import Actor, Role
from care.phones import spaced
from care.text import TN, T, Text, Value, lines, phrase, words
from storage import concerns, people
from storage.concerns import Concern
from storage.database import Tx
from storage.people import Person

NAME = "concern"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOLD_TOO = T("{text}\nThey know of it too, and have not answered yet: {names}.")
NO_ANSWER = T("🔕 <b>They know of it, and have not answered yet</b>\n{numbers}")
NOT_REACHED = T("📵 <b>I cannot reach them here: please call</b>\n{numbers}")
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


@dataclass(frozen=True, slots=True)
class Around:
    """Who is asked about a concern now, who of them cannot be reached here, and the numbers of the family."""

    asked: Sequence[Person]
    not_reached: Sequence[Person]
    family: Sequence[Value] = ()


async def _ask(tx: Tx, tick: Tick, one: Concern) -> list[Nudge]:
    if not one.waits:
        return []
    gone = asked_at(one.level, one.lane, one.opened_at, tick.now) - one.opened_at
    around = await _around(tx, tick, one, gone)
    return [_nudge(tick, one, person, _text(tick, one, around, person, gone), gone) for person in around.asked]


async def _around(tx: Tx, tick: Tick, one: Concern, gone: timedelta) -> Around:
    known = [person for person in await _hearers(tx, tick, one, gone) if person.id != one.excluded_id]
    asked = [person for person in known if person.chat_id and person.reachable]
    others = [person for person in known if person not in asked]
    family = await family_numbers(tx, one.about, one.excluded_id) if gone >= HOUR else ()
    return Around(asked, others, family)


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
    return FIRST_TO_HEAR if gone >= COORDINATOR_AFTER else (Role.TEACHER, Role.HOME_LEAD)


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


def _text(tick: Tick, one: Concern, around: Around, to: Person, gone: timedelta) -> Text:
    places: dict[str, Value] = {"child": named(one.about), "at": one.opened_at.astimezone(tick.zone)}
    if one.lane is Lane.QUIET:
        return QUIET_AGAIN(**places, law=LAW)
    if one.level is Gravity.WATCH:
        return WATCH(**places)
    others = [person for person in around.asked if person.id != to.id]
    if gone >= HOUR:
        return _with_numbers(_waits(places, gone), around, others)
    text = _waits(places, gone)
    return TOLD_TOO(text=text, names=phrase(map(_called, others))) if others else text


def _waits(places: Mapping[str, Value], gone: timedelta) -> Text:
    """In minutes, hours, from the second day on in days."""
    if gone < HOUR:
        return TN(
            "🔴 For {count} minute nobody has taken on the worry about {child} (raised {at}). Please look at it now.",
            "🔴 For {count} minutes nobody has taken on the worry about {child} (raised {at}). Please look at it now.",
            gone // timedelta(minutes=1),
            **places,
        )
    if gone < 2 * DAY:
        return TN(
            "🔴 For {count} hour nobody has taken on the worry about {child} (raised {at}). Please call now.",
            "🔴 For {count} hours nobody has taken on the worry about {child} (raised {at}). Please call now.",
            gone // HOUR,
            **places,
        )
    return TN(
        "🔴 For {count} day nobody has taken on the worry about {child} (raised {at}). Please call now.",
        "🔴 For {count} days nobody has taken on the worry about {child} (raised {at}). Please call now.",
        gone // DAY,
        **places,
    )


def _with_numbers(text: Text, around: Around, others: Sequence[Person]) -> Text:
    """The family, those who know of it and do nothing, and those who cannot know of it: whom to call, and why."""
    parts: list[Value] = [text]
    if around.family:
        parts.append(FAMILY(numbers=lines(around.family)))
    for heading, theirs in ((NO_ANSWER, others), (NOT_REACHED, around.not_reached)):
        if theirs:
            parts.append(heading(numbers=lines(map(_with_number, theirs))))
    return T("{told}", told=lines(_apart(parts)))


def _apart(parts: Sequence[Value]) -> list[Value]:
    """With an empty line between them."""
    return [piece for part in parts for piece in ("", part)][1:]


def _called(person: Person) -> Value:
    return T("{name} ({role})", name=words(person.name), role=person.role.label) if person.role else words(person.name)


def _with_number(person: Person) -> Value:
    who = _called(person)
    return T("{phone} {who}", who=who, phone=words(spaced(person.phone))) if person.phone else who


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
            due_at=one.opened_at,
        )
        for one in await concerns.open_in_reach(tx, actor, lane=Lane.OPEN)
    ]


async def counted(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Each worry that somebody was to take on: those of these days, and what still waits."""
    since = datetime(first.year, first.month, first.day, tzinfo=UTC) - DAY  # the first day begins earlier to the east
    return [
        Owed(
            NAME,
            one.id,
            one.opened_at.date().isoformat(),
            NOBODYS(child=named(one.about)),
            one.home_id,
            (),
            (one.opened_at + time_to_take(one.level)).date(),
            standing(one),
            due_at=one.opened_at + time_to_take(one.level),
        )
        for one in await concerns.raised_in_reach(tx, actor, since)
    ]


def standing(one: Concern) -> Standing:
    """What was closed by somebody who had not taken it on was taken on then; a misunderstanding was not owed."""
    taken_at = one.owned_at or one.closed_at
    if taken_at is None:
        return Standing.OPEN
    if not one.owner_id and one.why == Closing.MISTAKEN.value:
        return Standing.VOID
    return Standing.MET if taken_in_time(one.level, one.opened_at, taken_at) else Standing.LATE


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    """Those that nobody has taken on."""
    known = await concerns.by_ids(tx, {key.split(":")[1] for key in keys})
    waiting = {f"{NAME}:{one.id}" for one in known if one.waits}
    return [key for key in keys if key in waiting]


DUTY = Duty(NAME, Action.FOLLOW_CONCERN, T("Worries"), due, owed, still=still, counted=counted)
