"""When check-ins are asked, when safety topics are told, and what the hours of a day are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.calendar import (
    Calendar,
    Change,
    Override,
    after_quiet,
    check_in_days,
    is_check_in_day,
    last_check_in,
    moment,
    next_at,
    next_check_in,
    quiet,
    safety_weeks,
)

DAY = timedelta(days=1)
PLAIN = Calendar()
CHINA = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def asked(first: date, last: date, *overrides: Override) -> list[str]:
    return [f"{day:%m-%d}" for day in check_in_days(Calendar(overrides=overrides), first, last)]


# --- check-ins


def test_saturdays_in_an_ordinary_month() -> None:
    assert asked(date(2026, 11, 1), date(2026, 11, 30)) == ["11-07", "11-14", "11-21", "11-28"]


def test_first_and_last_day_of_long_holidays_and_no_make_up_saturday() -> None:
    assert asked(date(2026, 9, 18), date(2026, 10, 18)) == [
        "09-19",
        "09-25",  # Mid-autumn: Friday to Sunday
        "09-26",
        "09-27",
        "10-01",  # National Day: Thursday to Wednesday, its Saturday too
        "10-03",
        "10-07",
        "10-17",  # 10 October is a make-up Saturday
    ]


@pytest.mark.parametrize("day", [date(2025, 10, 11), date(2026, 5, 9), date(2026, 10, 10)])
def test_nobody_is_asked_on_a_make_up_saturday(day: date) -> None:
    assert day.weekday() == 5
    assert not is_check_in_day(PLAIN, day)


def test_wednesday_and_saturday_in_vacations() -> None:
    found = check_in_days(PLAIN, PLAIN.summer(2026).first, PLAIN.summer(2026).last)
    assert {day.weekday() for day in found} == {2, 5}
    assert len(found) == 17
    spring_festival = asked(date(2026, 2, 14), date(2026, 2, 28))
    assert spring_festival == ["02-14", "02-18", "02-21", "02-25", "02-28"]


def test_the_border_of_term_and_vacation() -> None:
    assert asked(date(2026, 6, 29), date(2026, 7, 12)) == ["07-04", "07-08", "07-11"]
    assert asked(date(2026, 8, 24), date(2026, 9, 6)) == ["08-26", "08-29", "09-05"]


def test_what_the_coordinator_sets_changes_the_rhythm() -> None:
    friday, saturday = date(2026, 11, 27), date(2026, 11, 28)
    assert asked(friday, friday + 2 * DAY, Override(friday, friday, Change.FREE_DAY)) == ["11-27", "11-28", "11-29"]
    assert asked(friday, friday + 2 * DAY, Override(saturday, saturday, Change.SCHOOL_DAY)) == []
    week = Override(date(2026, 11, 2), date(2026, 11, 6), Change.VACATION)
    assert asked(date(2026, 11, 1), date(2026, 11, 8), week) == ["11-04", "11-07"]


def test_the_next_and_the_last_one() -> None:
    assert next_check_in(PLAIN, date(2026, 10, 8)) == date(2026, 10, 17)
    assert next_check_in(PLAIN, date(2026, 10, 17)) == date(2026, 10, 17)
    assert last_check_in(PLAIN, date(2026, 10, 16)) == date(2026, 10, 7)


@given(st.dates(date(2005, 1, 1), date(2060, 12, 31)))
def test_no_child_is_out_of_sight_for_more_than_a_fortnight(day: date) -> None:
    """At least one is asked in any 14 days; where a week has none, its Saturday was a school day."""
    assert check_in_days(PLAIN, day, day + 13 * DAY)
    if not check_in_days(PLAIN, day, day + 6 * DAY):
        assert PLAIN.is_school_day(day + (5 - day.weekday()) % 7 * DAY)


# --- the summer's safety topics


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_safety_is_told_weekly_from_the_last_week_of_term_to_the_first_of_the_next(year: int) -> None:
    weeks = safety_weeks(PLAIN, year)
    assert all(monday.weekday() == 0 for monday in weeks)
    assert all(other - one == 7 * DAY for one, other in pairwise(weeks))
    assert weeks[0] <= PLAIN.terms(year)[0].last < weeks[1]
    assert weeks[-1] <= PLAIN.first_school_day(PLAIN.terms(year)[1].first) <= weeks[-1] + 6 * DAY
    assert 9 <= len(weeks) <= 11


# --- hours


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-24T21:29:59", "2026-11-24T21:29:59"),
        ("2026-11-24T21:30:00", "2026-11-25T07:00:00"),
        ("2026-12-31T23:59:59", "2027-01-01T07:00:00"),
        ("2026-11-25T00:00:00", "2026-11-25T07:00:00"),
        ("2026-11-25T06:59:59", "2026-11-25T07:00:00"),
        ("2026-11-25T07:00:00", "2026-11-25T07:00:00"),
    ],
)
def test_quiet_hours_end_at_seven(at: str, until: str) -> None:
    local = datetime.fromisoformat(at).replace(tzinfo=CHINA)
    assert after_quiet(local) == datetime.fromisoformat(until).replace(tzinfo=CHINA)


@pytest.mark.parametrize("zone", [CHINA, BERLIN, ZoneInfo("America/New_York"), UTC])
@given(seconds=st.integers(0, 3 * 366 * 86400))
def test_after_quiet_is_never_quiet_never_before_and_never_far(zone: ZoneInfo, seconds: int) -> None:
    local = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)
    found = after_quiet(local)
    assert not quiet(found)
    assert timedelta() <= found.astimezone(UTC) - local.astimezone(UTC) <= timedelta(hours=10, minutes=30)


def test_an_hour_of_a_day_is_one_moment() -> None:
    assert moment(date(2026, 11, 28), time(10), CHINA) == datetime(2026, 11, 28, 2, tzinfo=UTC)
    assert moment(date(2026, 3, 28), time(10), BERLIN) == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert moment(date(2026, 3, 29), time(10), BERLIN) == datetime(2026, 3, 29, 8, tzinfo=UTC)


def test_an_hour_that_clocks_leap_over_or_show_twice() -> None:
    assert moment(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_next_eight_o_clock() -> None:
    assert next_at(datetime(2026, 11, 24, 8, tzinfo=CHINA), time(8)) == datetime(2026, 11, 25, 8, tzinfo=CHINA)
    assert next_at(datetime(2026, 11, 24, 7, 59, tzinfo=CHINA), time(8)) == datetime(2026, 11, 24, 8, tzinfo=CHINA)
