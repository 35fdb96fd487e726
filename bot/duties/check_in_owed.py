"""What is owed about check-ins: a teacher's calls and lists, and how each check-in went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from bot.engine.check_ins import NAME
from bot.engine.duty import Owed, Standing
from care.access import Action, reach
from care.calendar import Calendar, is_check_in_day
from care.check_in import FROM_TEACHER, LADDER, LONGEST, Answer, State
from care.people import Actor, Role
from care.text import T
from storage import check_in_lists
from storage.check_in_lists import Course
from storage.check_ins import CheckIn
from storage.database import Tx


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """For a teacher: families to call back, words to hear, and those who can only be called."""
    mine = {home for grant in actor.grants if grant.role is Role.TEACHER for home in grant.homes}
    if not mine or reach(actor, Action.SETTLE_CHECK_IN).nothing:
        return []
    waiting = [one for one in await check_in_lists.to_do(tx, actor) if first <= one.day <= last]
    theirs = [one for one in waiting if one.child.home_id in mine]
    return [_owed(one, actor) for one in theirs if one.answer in _TASKS] + _lists(theirs, actor)


_TASKS = {Answer.CALL: T("Call back the family of {child}"), Answer.WORDS: T("Hear what the family of {child} says")}


def _owed(one: CheckIn, actor: Actor) -> Owed:
    assert one.answer is not None
    return Owed(
        NAME,
        one.id,
        one.day.isoformat(),
        _TASKS[one.answer](child=one.child.called),
        one.child.home_id,
        (actor.person_id,),
        one.day,
        Standing.OPEN,
        opens=f"b|today|called|{one.id}" if one.answer is Answer.CALL else f"b|today|home|{one.child.home_id}",
    )


def _lists(theirs: Sequence[CheckIn], actor: Actor) -> list[Owed]:
    """One line for each home and day."""
    silent: defaultdict[tuple[str, date], int] = defaultdict(int)
    for one in theirs:
        silent[one.child.home_id, one.day] += one.silent
    return [
        Owed(
            NAME,
            home,
            day.isoformat(),
            T("Families to call: {count}", count=count),
            home,
            (actor.person_id,),
            day,
            Standing.OPEN,
            opens=f"b|today|home|{home}",
        )
        for (home, day), count in silent.items()
        if count
    ]


async def counted(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Each check-in: what a family told of its own accord on another day was not owed."""
    return [
        _counted(one)
        for one in await check_in_lists.courses(tx, actor, first, last)
        if one.asked_at or is_check_in_day(calendar, one.day)
    ]


def _counted(one: Course) -> Owed:
    """One that still climbs is not over before its climb is."""
    stands = standing(one)
    due_on = one.day + LONGEST if stands is Standing.OPEN else one.day
    what = T("Check-in of {day}", day=one.day)
    return Owed(NAME, one.id, one.day.isoformat(), what, one.home_id, (), due_on, stands)


def standing(one: Course) -> Standing:
    """On time before the teacher is told; void where nobody could ask."""
    if one.state is State.MISSED:
        return Standing.MISSED
    if one.state is State.NOT_ASKED:
        return Standing.VOID
    if one.answered_at is None:
        return Standing.OPEN
    limit = LADDER[FROM_TEACHER].after
    late = one.asked_at and one.answered_at >= one.asked_at + limit
    return Standing.LATE if late else Standing.MET
