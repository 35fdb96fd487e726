"""Check-ins as those who care for the children see them: the day at a glance, what waits, how each went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, false, func, or_, select

from care.access import Action
from care.check_in import State
from care.people import Actor
from storage.check_ins import SILENT_STATES, TO_DO, CheckIn, day_of, read
from storage.database import Tx
from storage.scope import in_reach
from storage.tables import check_ins, children


async def last_day(tx: Tx, actor: Actor, up_to: date) -> date | None:
    """The last day on which families in the actor's reach were asked, or were to be."""
    asked_for = or_(check_ins.c.asked_at.is_not(None), check_ins.c.state != State.ANSWERED.value)
    within = (in_reach(actor, Action.SEE_CHECK_INS), check_ins.c.day <= up_to, asked_for)
    rows = await tx.rows(select(func.max(check_ins.c.day).label("day")).join(children).where(*within))
    return day_of(rows[0].day) if rows and rows[0].day else None


async def at_a_glance(tx: Tx, actor: Actor, day: date | None, home_id: str = "") -> list[CheckIn]:
    """In the actor's reach, each child once: its check-in of that day, or what of another day still waits for an
    adult. Of one home, if it is named."""
    of_day = check_ins.c.day == day if day else false()
    within = [in_reach(actor, Action.SEE_CHECK_INS), or_(of_day, TO_DO)]
    found: dict[str, CheckIn] = {}
    for one in await read(tx, *within, *([check_ins.c.home_id == home_id] if home_id else [])):
        known = found.get(one.child.id)
        if known is None or one.to_do or not known.to_do:
            found[one.child.id] = one
    return sorted(found.values(), key=lambda one: (one.child.home_name, one.child.code))


async def seen(tx: Tx, actor: Actor, id: str) -> CheckIn | None:
    found = await read(tx, in_reach(actor, Action.SEE_CHECK_INS), check_ins.c.id == id)
    return found[0] if found else None


async def to_do(tx: Tx, actor: Actor) -> list[CheckIn]:
    """What waits for somebody in the actor's reach: a call back, or a family that nobody has heard of."""
    waits = or_(TO_DO, and_(check_ins.c.state.in_(SILENT_STATES), check_ins.c.listed))
    return await read(tx, in_reach(actor, Action.SEE_CHECK_INS), waits)


@dataclass(frozen=True, slots=True)
class Course:
    """How it went with one check-in, without opening what is sealed."""

    id: str
    home_id: str
    day: date
    state: State
    asked_at: datetime | None
    answered_at: datetime | None


async def courses(tx: Tx, actor: Actor, first: date, last: date) -> list[Course]:
    """Of all children in the actor's reach, in these days."""
    own = (check_ins.c[name] for name in ("id", "day", "state", "asked_at", "answered_at"))
    within = (in_reach(actor, Action.SEE_CHECK_INS), check_ins.c.day.between(first, last))
    rows = await tx.rows(select(children.c.home_id, *own).join(children).where(*within))
    return [
        Course(row.id, row.home_id, day_of(row.day), State(row.state), row.asked_at, row.answered_at) for row in rows
    ]
