"""A child whom no adult has been in touch with: after 7 days the teacher hears, after 14 the coordinator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.engine.command import starting
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Tick
from bot.engine.keepers import coordinators, keepers_of
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar
from care.children import Child
from care.people import Actor, Role
from care.text import TN, T, Text, Value, phrase, words
from storage import touch
from storage.database import Tx

NAME = "silence"
TEACHER_AFTER, COORDINATOR_AFTER = 7, 14
NAMED = 6
LATENESS = timedelta(days=6)


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        after = {day - timedelta(days=count): count for count in (TEACHER_AFTER, COORDINATOR_AFTER)}
        for since, silent in (await touch.silent_since(tx, list(after))).items():
            nudges += await _told(tx, tick, day, after[since], silent)
    return nudges


async def _told(tx: Tx, tick: Tick, day: date, after: int, silent: Sequence[Child]) -> list[Nudge]:
    by_home: dict[str, list[Child]] = {}
    for child in silent:
        by_home.setdefault(child.home_id, []).append(child)
    if after == COORDINATOR_AFTER:
        return [_nudge(tick, day, after, "district", silent, to) for to in await coordinators(tx)]
    teachers = await keepers_of(tx, Role.TEACHER, by_home)
    return [_nudge(tick, day, after, home, by_home[home], to) for home, found in teachers.items() for to in found]


def _nudge(tick: Tick, day: date, after: int, subject: str, silent: Sequence[Child], to: Recipient) -> Nudge:
    return Nudge(
        owed=f"{NAME}:{subject}:{day.isoformat()}",
        rung=str(after),
        to=to,
        text=_text(silent, after),
        at=tick.moment(day, DIGEST_HOUR),
        latest=tick.moment(day, DIGEST_HOUR) + LATENESS,
        needs=Action.SEE_RECORDS,
        opens=starting(f"child|{silent[0].id}", T("See {child}", child=words(silent[0].short_name))),
        digest=True,
    )


def _text(silent: Sequence[Child], after: int) -> Text:
    names: list[Value] = [child.called for child in silent[:NAMED]]
    if len(silent) > NAMED:
        names.append(TN("{count} more child", "{count} more children", len(silent) - NAMED))
    return T("For {days} days nobody has been in touch with {names}.", names=phrase(names), days=after)


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Nobody owes a touch in particular: /today and the overview show who has waited longest."""
    return ()


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    """Those of which a child at least still waits."""
    left: list[str] = []
    for key in keys:
        _, subject, day = key.split(":")
        after = COORDINATOR_AFTER if subject == "district" else TEACHER_AFTER
        silent = await touch.silent_since(tx, [date.fromisoformat(day) - timedelta(days=after)])
        homes = {child.home_id for children in silent.values() for child in children}
        if homes and subject in ("district", *homes):
            left.append(key)
    return left


DUTY = Duty(
    NAME, Action.SEE_RECORDS, T("Children nobody has been in touch with"), due, owed, still=still, reach=LATENESS
)
