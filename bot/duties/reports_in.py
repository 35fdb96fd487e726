"""Each morning the coordinators read which homes have handed in their monthly report, as long as nobody has looked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta

from bot.engine.duty import Duty, Nudge, Owed, Tick
from bot.engine.keepers import coordinators
from bot.engine.message import Button
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar, Period, period_of
from care.people import Actor
from care.text import TN, T, Text, Value, phrase, words
from storage import reports
from storage.database import Tx
from storage.reports import HandedIn

NAME = "report_in"
NAMED = 4
REACH = timedelta(days=3)


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    """What came in since the morning before."""
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        before, until = tick.moment(day - timedelta(days=1), DIGEST_HOUR), tick.moment(day, DIGEST_HOUR)
        by_period: defaultdict[Period, list[HandedIn]] = defaultdict(list)
        for one in await reports.unseen(tx, _open_on(day), before):
            if one.at < until:
                by_period[one.period].append(one)
        for period, found in by_period.items():
            nudges += await _told(tx, tick, day, period, found)
    return nudges


def _open_on(day: date) -> list[Period]:
    """Those that can have been handed in on that day or the day before: a report can until the next one is due."""
    return [period_of(day).shifted(back) for back in (0, -1, -2)]


async def _told(tx: Tx, tick: Tick, day: date, period: Period, found: Sequence[HandedIn]) -> list[Nudge]:
    at = tick.moment(day, DIGEST_HOUR)
    return [
        Nudge(
            owed=f"{NAME}:{period.key}:{day.isoformat()}",
            rung="in",
            to=to,
            text=_text(period, found),
            at=at,
            latest=at + REACH,
            needs=Action.DECIDE_REPORT,
            opens=_opens(period, found),
            digest=True,
        )
        for to in await coordinators(tx)
    ]


def _text(period: Period, found: Sequence[HandedIn]) -> Text:
    names: list[Value] = [words(one.home_name) for one in found[:NAMED]]
    if len(found) > NAMED:
        names.append(TN("{count} other home", "{count} other homes", len(found) - NAMED))
    return TN(
        "The report for {month} has come in from {homes}.",
        "The reports for {month} have come in from {homes}.",
        len(found),
        month=period.name,
        homes=phrase(names),
    )


def _opens(period: Period, found: Sequence[HandedIn]) -> Button:
    if len(found) == 1:
        return Button(T("Open the report"), f"b|report|see|{found[0].home_id}|{period.key}")
    return Button(T("See the reports"), f"b|report|month|{period.key}")


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Nothing: it is told, and to decide about a report has no day."""
    return ()


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    return [key for key in keys if await _waits(tx, key)]


async def _waits(tx: Tx, key: str) -> bool:
    _, period, day = key.split(":")
    since = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1)
    return bool(await reports.unseen(tx, [Period.read(period)], since))


DUTY = Duty(NAME, Action.DECIDE_REPORT, T("Reports that came in"), due, owed, still=still, reach=REACH)
