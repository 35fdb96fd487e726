"""One talk with each child in each report period while school is in. On the 18th the teacher hears whose is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from bot.engine.command import starting
from bot.engine.duty import Duty, Nudge, Owed, Standing, Tick
from bot.engine.keepers import keepers_of
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar, Period, days, period_of, periods
from care.children import Child
from care.people import Actor, Role
from care.records.talk import Talk
from care.text import TN, T, Text, Value, phrase, words
from storage import monthly, staff
from storage.database import Tx
from storage.records import Saved

NAME = "talk"
SAID_ON, TOO_LATE_ON = 18, 22
NAMED = 4
FEWEST_SCHOOL_DAYS = 5
"""A period with fewer school days than this lies in the vacation: no talks are owed."""


def school_is_in(calendar: Calendar, period: Period) -> bool:
    return sum(calendar.is_school_day(day) for day in days(period.first, period.last)) >= FEWEST_SCHOOL_DAYS


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        period = period_of(day)
        if day == period.day(SAID_ON) and school_is_in(tick.calendar, period):
            nudges += await _missing(tx, tick, period)
    return nudges


async def _missing(tx: Tx, tick: Tick, period: Period) -> list[Nudge]:
    by_home: dict[str, list[Child]] = {}
    for child in await monthly.without_talk(tx, period.first, period.last):
        by_home.setdefault(child.home_id, []).append(child)
    return [
        Nudge(
            owed=f"{NAME}:{home_id}:{period.key}",
            rung=str(SAID_ON),
            to=teacher,
            text=_text(by_home[home_id]),
            at=tick.moment(period.day(SAID_ON), DIGEST_HOUR),
            latest=tick.moment(period.day(TOO_LATE_ON), DIGEST_HOUR),
            needs=Action.LOG_TALK,
            opens=starting("talk", T("Record a talk")),
            digest=True,
        )
        for home_id, teachers in (await keepers_of(tx, Role.TEACHER, by_home)).items()
        for teacher in teachers
    ]


def _text(missing: Sequence[Child]) -> Text:
    names: list[Value] = [words(child.short_name) for child in missing[:NAMED]]
    if len(missing) > NAMED:
        names.append(TN("{count} more child", "{count} more children", len(missing) - NAMED))
    return T("This month nobody has noted a talk with {names} yet.", names=phrase(names))


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    found: list[Owed] = []
    for period in periods(first, last):
        if school_is_in(calendar, period):
            talked = await monthly.talked_in_reach(tx, actor, period.first, period.last)
            teachers = await staff.of_homes(tx, Role.TEACHER, {child.home_id for child, _ in talked})
            owners = {home: tuple(one.id for one in people) for home, people in teachers.items()}
            found += _standing(talked, period, owners, last)
    return found


def _standing(
    talked: Sequence[tuple[Child, date | None]], period: Period, owners: dict[str, tuple[str, ...]], today: date
) -> Iterator[Owed]:
    for child, on in talked:
        over = Standing.MISSED if period.last < today - timedelta(days=3) else Standing.OPEN
        yield Owed(
            NAME,
            child.id,
            period.key,
            T("Talk with {child}", child=child.called),
            child.home_id,
            owners.get(child.home_id, ()),
            period.last,
            over if on is None else Standing.MET,
            on,
            f"s|talk|{child.id}",
        )


async def met_by(tx: Tx, saved: Sequence[Saved]) -> Collection[str]:
    """The home's nudge is settled once the last child has been talked with."""
    talked: defaultdict[tuple[Period, str], set[str]] = defaultdict(set)
    for one in saved:
        if isinstance(one.body, Talk):
            talked[period_of(one.happened_on), one.home_id].update(one.children)
    keys = []
    for (period, home_id), children in talked.items():
        missing = {child.id for child in await monthly.without_talk(tx, period.first, period.last, home_id)}
        if missing <= children:
            keys.append(f"{NAME}:{home_id}:{period.key}")
    return keys


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    left: list[str] = []
    for key in keys:
        _, home_id, name = key.split(":")
        period = Period.read(name)
        if await monthly.without_talk(tx, period.first, period.last, home_id):
            left.append(key)
    return left


DUTY = Duty(NAME, Action.SEE_RECORDS, T("Talks"), due, owed, met_by=met_by, still=still, reach=timedelta(days=5))
