"""A home does something together at least every 30 days. When it has not, its teacher hears so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.command import starting
from bot.engine.courses import Ended, ended
from bot.engine.duty import Duty, Nudge, Owed, Standing, Tick
from bot.engine.keepers import keepers_of
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar
from care.children import Home
from care.people import Actor, Role
from care.records.activity import Activity
from care.text import T, words
from storage import children, monthly, staff
from storage.database import Tx
from storage.records import Saved

NAME = "activity"
EVERY = timedelta(days=30)
LATENESS = timedelta(days=7)
QUIET_HOME = T("{home} has noted no activity since {day}. One photo and a few taps are enough.")


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    mornings = tick.days_at(DIGEST_HOUR)
    if not mornings:
        return ()
    last = await monthly.quiet_since(tx, [day - EVERY for day in mornings])
    owing = {home: day + EVERY for home, day in last.items()}
    names = await monthly.home_names(tx, owing)
    return [
        Nudge(
            owed=_key(home, owing[home]),
            rung="30",
            to=teacher,
            text=QUIET_HOME(home=words(names[home]), day=last[home]),
            at=tick.moment(owing[home], DIGEST_HOUR),
            latest=tick.moment(owing[home] + LATENESS, DIGEST_HOUR),
            needs=Action.LOG_ACTIVITY,
            opens=starting("activity", T("Report an activity")),
            digest=True,
        )
        for home, teachers in (await keepers_of(tx, Role.TEACHER, owing)).items()
        for teacher in teachers
    ]


def _key(home_id: str, due_on: date) -> str:
    return f"{NAME}:{home_id}:{due_on.isoformat()}"


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Those still open, since whenever, and how those ended that were due in these days."""
    homes = {home.id: home for home in await children.homes(tx, actor, Action.SEE_RECORDS)}
    teachers = await staff.of_homes(tx, Role.TEACHER, homes)
    latest = await monthly.last_activity(tx)
    done = await monthly.activities_since(tx, first - EVERY, homes)
    found: list[Owed] = []
    for id, home in homes.items():
        stands = [(latest[id] + EVERY, Standing.OPEN, None), *ended(done.get(id, ()), EVERY)]
        owners = tuple(one.id for one in teachers.get(id, ()))
        found += [_owed(home, owners, one) for one in stands if _within(one, first, last)]
    return found


def _within(one: Ended, first: date, last: date) -> bool:
    due_on, standing, _ = one
    return due_on <= last and (standing is Standing.OPEN or due_on >= first)


def _owed(home: Home, owners: tuple[str, ...], one: Ended) -> Owed:
    due_on, standing, on = one
    return Owed(
        NAME,
        home.id,
        due_on.isoformat(),
        T("An activity at {home}", home=words(home.name)),
        home.id,
        owners,
        due_on,
        standing,
        on,
        "s|activity",
    )


async def met_by(tx: Tx, saved: Sequence[Saved]) -> Collection[str]:
    homes = {one.home_id for one in saved if isinstance(one.body, Activity)}
    last = await monthly.last_activity(tx) if homes else {}
    return [_key(home_id, last[home_id] + EVERY) for home_id in homes if home_id in last]


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    last = await monthly.last_activity(tx)
    return [key for key in keys if key in {_key(home, day + EVERY) for home, day in last.items()}]


DUTY = Duty(NAME, Action.SEE_RECORDS, T("Activities"), due, owed, met_by=met_by, still=still, reach=LATENESS)
