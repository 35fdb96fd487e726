"""Who hears that a monthly report is missing, and when: teacher, head of the home, leader, coordinator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.duties.monthly_report import DUTY
from bot.engine.duty import Standing, Tick
from care.calendar import Calendar, Period
from care.monthly_report import ReportState
from storage import reports
from storage.database import Database, Tx
from tests.storage.district import District

CHINA = ZoneInfo("Asia/Shanghai")
MAY = Period(2026, 5)


def tick(day: date, hour: int) -> Tick:
    now = datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)
    return Tick(now - timedelta(minutes=1), now, CHINA, {}, Calendar())


async def heard(tx: Tx, district: District, day: date, hour: int) -> dict[str, list[str]]:
    """By person: the rungs said to them about home a, or about the district."""
    names = {id: name for name, id in district.people.items()}
    found: dict[str, list[str]] = {}
    for nudge in await DUTY.due(tx, tick(day, hour)):
        if district.homes["b"] not in nudge.owed:
            found.setdefault(names[nudge.to.person_id], []).append(nudge.rung)
    return found


@pytest.mark.parametrize(
    ("day", "hour", "people"),
    [
        (date(2026, 5, 15), 8, {"teacher_a"}),
        (date(2026, 5, 15), 9, set()),
        (date(2026, 5, 19), 9, {"teacher_a", "lead_a"}),
        (date(2026, 5, 20), 9, set()),
        (date(2026, 5, 22), 9, {"teacher_a", "lead_a"}),
        (date(2026, 5, 23), 8, {"lead_a", "coordinator"}),
        (date(2026, 5, 24), 8, {"lead_a", "coordinator"}),
        (date(2026, 5, 25), 8, {"lead_a", "leader_a", "coordinator"}),
        (date(2026, 5, 30), 8, set()),
        (date(2026, 6, 5), 8, {"lead_a", "leader_a", "coordinator"}),
    ],
)
async def test_who_hears(database: Database, district: District, day: date, hour: int, people: set[str]) -> None:
    async with database.transaction() as tx:
        assert set(await heard(tx, district, day, hour)) == people


async def test_a_home_without_a_head_is_asked_for_by_its_teacher(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        nudges = await DUTY.due(tx, tick(date(2026, 5, 23), 8))
        told = {nudge.to.person_id for nudge in nudges if district.homes["b"] in nudge.owed}
    assert told == {district.people["teacher_b"]}


@pytest.mark.parametrize("state", [ReportState.RETURNED, ReportState.READY])
async def test_what_was_sent_back_is_not_asked_for_at_a_moment_at_which_it_had_been_handed_in(
    database: Database, district: District, state: ReportState
) -> None:
    """Also once the teacher has made it ready again."""
    async with database.transaction() as tx:
        filed = await reports.filed(tx, district.homes["a"], MAY)
        back = datetime(2026, 5, 20, 17, tzinfo=CHINA)
        await reports.keep(
            tx, replace(filed, state=state, decided_at=back, decided_by="c", first_submitted_on=date(2026, 5, 18))
        )
        assert await heard(tx, district, date(2026, 5, 19), 9) == {}
        assert "lead_a" in await heard(tx, district, date(2026, 5, 22), 9)


async def test_what_was_handed_in_is_not_owed_any_more(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        keys = [nudge.owed for nudge in await DUTY.due(tx, tick(date(2026, 5, 19), 9))]
        lead = await district.actor(tx, "lead_a")
        assert set(await DUTY.still(tx, keys)) == set(keys)
        filed = await reports.filed(tx, district.homes["a"], MAY)
        done = replace(filed, state=ReportState.SUBMITTED, first_submitted_on=date(2026, 5, 19))
        await reports.keep(tx, done)
        assert set(await DUTY.still(tx, keys)) == {reports.key(district.homes["b"], MAY)}
        assert await DUTY.still(tx, [f"{filed.key}:items", f"monthly_report:district:{MAY.key}"]) == [
            f"monthly_report:district:{MAY.key}"
        ]
        (one,) = await DUTY.owed(tx, lead, Calendar(), date(2026, 5, 1), date(2026, 6, 1))
    assert (one.standing, one.met_on, one.due_on) == (Standing.MET, date(2026, 5, 19), date(2026, 5, 22))
    assert set(one.owners) == {district.people["lead_a"], district.people["teacher_a"]}
