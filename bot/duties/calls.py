"""Families that do not know of a safety notice three days after it went out: the teacher calls them, or knocks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.engine.calls import ANSWER_WITHIN, CALLS, LIMIT, about, key_of, opening
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.keepers import keepers_of
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar
from care.people import Actor, Role
from care.text import TN, T
from storage import notices, staff, unheard
from storage.database import Tx
from storage.notices import Notice


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    if mornings := tick.days_at(DIGEST_HOUR):
        for notice in await notices.safety_since(tx, tick.now - LIMIT):
            if _morning(notice, tick.zone) in mornings:
                nudges += await _to_teachers(tx, tick, notice)
    return nudges


def _morning(notice: Notice, zone: tzinfo) -> date:
    """The first one on which it has been out for three days."""
    over = (notice.send_at + ANSWER_WITHIN).astimezone(zone)
    return over.date() + timedelta(days=over.hour >= DIGEST_HOUR)


async def _to_teachers(tx: Tx, tick: Tick, notice: Notice) -> list[Nudge]:
    by_home: dict[str, int] = {}
    for call in await unheard.calls(tx, None, notice.id, tick.now - ANSWER_WITHIN):
        by_home[call.home_id] = by_home.get(call.home_id, 0) + 1
    teachers = await keepers_of(tx, Role.TEACHER, by_home)
    return [_nudge(tick, notice, home, by_home[home], to) for home, found in teachers.items() for to in found]


def _nudge(tick: Tick, notice: Notice, home_id: str, count: int, to: Recipient) -> Nudge:
    return Nudge(
        owed=key_of(notice.id, home_id),
        rung="+72h",
        to=to,
        text=TN(
            "{count} family has not answered about “{topic}”. Could you call, or tell them when you meet?",
            "{count} families have not answered about “{topic}”. Could you call, or tell them when you meet?",
            count,
            topic=about(notice),
        ),
        at=tick.moment(_morning(notice, tick.zone), DIGEST_HOUR),
        latest=notice.send_at + LIMIT,
        needs=Action.CALL_FAMILIES,
        opens=opening(T("📞 See whom to call")),
        digest=True,
    )


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    found: list[Owed] = []
    moment = datetime(first.year, first.month, first.day, tzinfo=UTC)
    for notice in await notices.safety_since(tx, moment - LIMIT):
        homes = await unheard.families(tx, actor, notice.id)
        teachers = await staff.of_homes(tx, Role.TEACHER, homes)
        owners = {home: tuple(one.id for one in people) for home, people in teachers.items()}
        found += [_owed(notice, home, left, owners.get(home, ()), last) for home, (left, _) in homes.items()]
    return found


def _owed(notice: Notice, home_id: str, left: int, owners: tuple[str, ...], last: date) -> Owed:
    due_on = (notice.send_at + LIMIT).date()
    open_one = Standing.MISSED if due_on < last - timedelta(days=3) else Standing.OPEN
    return Owed(
        CALLS,
        notice.id,
        home_id,
        TN("Tell {count} family about {topic}", "Tell {count} families about {topic}", left, topic=about(notice)),
        home_id,
        owners,
        due_on,
        open_one if left else Standing.MET,
        opens=opening(T("📞 Families to call")).data,
        due_at=notice.send_at + LIMIT,
    )


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    left: list[str] = []
    for key in keys:
        _, notice_id, home_id = key.split(":")
        found = await unheard.families(tx, None, notice_id, home_ids=[home_id])
        if found.get(home_id, (0, 0))[0]:
            left.append(key)
    return left


DUTY = Duty(CALLS, Action.SEE_RECORDS, T("Families told"), due, owed, still=still, reach=timedelta(days=4))
