"""Activities of one kind only: on the 18th the teacher hears so, while the month still has room for another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.command import starting
from bot.engine.duty import Duty, Nudge, Owed, Tick
from bot.engine.keepers import keepers_of
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar, Period, period_of
from care.people import Actor, Role
from care.records.activity import ActivityKind
from care.text import T, words
from storage import monthly
from storage.database import Tx

NAME = "variety"
SAID_ON, TOO_LATE_ON = 18, 22
SEVERAL = 2
"""One activity alone is of one kind anyhow."""
ONE_KIND = T(
    "{home}: all activities of this month so far are of one kind ({kind}). Something else would be a nice change."
)


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        period = period_of(day)
        if day == period.day(SAID_ON):
            nudges += await _told(tx, tick, period)
    return nudges


async def _told(tx: Tx, tick: Tick, period: Period) -> list[Nudge]:
    alike = await _of_one_kind(tx, period)
    names = await monthly.home_names(tx, alike)
    return [
        Nudge(
            owed=f"{NAME}:{home}:{period.key}",
            rung=str(SAID_ON),
            to=to,
            text=ONE_KIND(home=words(names[home]), kind=alike[home].label),
            at=tick.moment(period.day(SAID_ON), DIGEST_HOUR),
            latest=tick.moment(period.day(TOO_LATE_ON), DIGEST_HOUR),
            needs=Action.LOG_ACTIVITY,
            opens=starting("activity", T("Report an activity")),
            digest=True,
        )
        for home, teachers in (await keepers_of(tx, Role.TEACHER, alike)).items()
        for to in teachers
    ]


async def _of_one_kind(tx: Tx, period: Period) -> dict[str, ActivityKind]:
    """The homes with several activities in the period, all of this kind."""
    kinds = await monthly.activity_kinds(tx, period.first, period.last)
    return {home: many[0] for home, many in kinds.items() if len(many) >= SEVERAL and len(set(many)) == 1}


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    left: list[str] = []
    for key in keys:
        _, home, name = key.split(":")
        if home in await _of_one_kind(tx, Period.read(name)):
            left.append(key)
    return left


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """A hint, nothing that is owed."""
    return ()


DUTY = Duty(NAME, Action.SEE_RECORDS, T("Kinds of activity"), due, owed, still=still, reach=timedelta(days=5))
