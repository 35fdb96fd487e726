"""Each report period exactly once, whatever the month's end, the leap day, New Year or the holidays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.duties.monthly_report import Kind, Rung, fallen, standing
from bot.engine.duty import Standing, Tick
from care.calendar import Calendar, Period
from care.monthly_report import ReportState
from storage.reports import HomeMonth

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar()


def tick(since: datetime, now: datetime) -> Tick:
    return Tick(since, now, CHINA, {}, CALENDAR)


def hours(first: date, last: date) -> Iterator[Tick]:
    now = datetime(first.year, first.month, first.day, tzinfo=CHINA)
    while now.date() <= last:
        yield tick(now - timedelta(hours=1), now)
        now += timedelta(hours=1)


@pytest.fixture(scope="module")
def said() -> list[Rung]:
    """Four years, a leap day among them, hour by hour."""
    return [
        rung
        for moment in hours(date(2025, 1, 1), date(2028, 12, 31))
        if moment.now.hour in (8, 9)
        for rung in fallen(moment)
    ]


def test_every_rung_falls_once(said: list[Rung]) -> None:
    assert Counter((rung.period, rung.name) for rung in said).most_common(1)[0][1] == 1


def test_every_period_is_asked_for_its_items_once(said: list[Rung]) -> None:
    asked = [rung for rung in said if rung.kind is Kind.ITEMS]
    assert [rung.period for rung in asked] == [Period(2025, 1).shifted(count) for count in range(48)]
    assert {rung.at.day for rung in asked} == {15}
    assert all(rung.latest - rung.at == timedelta(days=3) for rung in asked)


def test_every_period_is_reminded_of_on_days_when_somebody_is_there(said: list[Rung]) -> None:
    reminded = [rung for rung in said if rung.kind is Kind.REMINDER]
    assert {rung.period for rung in reminded} == {Period(2025, 1).shifted(count) for count in range(48)}
    for rung in reminded:
        day = rung.at.date()
        assert CALENDAR.is_school_day(day) or CALENDAR.vacation(day), day
        assert day <= rung.period.due < rung.latest.date() or rung.latest.hour == 9


def test_a_reminder_holds_until_the_next_one(said: list[Rung]) -> None:
    june = [rung for rung in said if rung.kind is Kind.REMINDER and rung.period == Period(2026, 6)]
    assert [(rung.at.day, rung.name) for rung in june] == [(18, "19"), (18, "21"), (22, "22")][-len(june) :]
    for one, following in pairwise(june):
        assert one.latest == following.at


def test_overdue_is_said_daily_for_a_week_and_then_weekly(said: list[Rung]) -> None:
    for period in (Period(2026, 2), Period(2026, 12), Period(2028, 2)):
        late = [rung.days_late for rung in said if rung.kind is Kind.OVERDUE and rung.period == period]
        assert late == [1, 2, 3, 4, 5, 6, 7, 14, 21, 28]


def test_after_an_outage_only_what_still_makes_sense_is_said() -> None:
    night = datetime(2026, 12, 15, 1, tzinfo=CHINA)
    found = fallen(tick(night, night + timedelta(days=11)))
    assert [(rung.kind, rung.name) for rung in found] == []
    found = fallen(tick(night, night + timedelta(days=11, hours=8)))
    assert [(rung.kind, rung.name) for rung in found] == [(Kind.OVERDUE, "over:2026-12-26")]


@pytest.mark.parametrize(
    ("state", "handed_in", "excused", "today", "stands"),
    [
        (ReportState.DRAFT, None, "", date(2026, 12, 22), Standing.OPEN),
        (ReportState.DRAFT, None, "", date(2027, 1, 22), Standing.OPEN),
        (ReportState.READY, None, "", date(2027, 1, 23), Standing.MISSED),
        (ReportState.SUBMITTED, date(2026, 12, 22), "", date(2027, 1, 23), Standing.MET),
        (ReportState.ACCEPTED, date(2026, 12, 23), "", date(2027, 1, 23), Standing.LATE),
        (ReportState.RETURNED, date(2026, 12, 20), "", date(2026, 12, 23), Standing.OPEN),
        (ReportState.DRAFT, None, "excused", date(2027, 2, 1), Standing.EXCUSED),
        (ReportState.DRAFT, None, "void", date(2027, 2, 1), Standing.VOID),
    ],
)
def test_how_it_stands(state: ReportState, handed_in: date | None, excused: str, today: date, stands: Standing) -> None:
    month = HomeMonth("h", "近郊小学", Period(2026, 12), state, 0, handed_in, None, excused)
    assert standing(month, today) is stands
