"""Report periods: each exactly once, whatever the month's length (T30)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.calendar import Calendar, Change, Override, Period, nudge_day, period_of, periods, periods_ended
from care.calendar import report_reminders as reminders

DAY = timedelta(days=1)
PLAIN = Calendar()
_days = st.dates(date(1990, 1, 1), date(2120, 12, 31))


@given(_days)
def test_t30_each_day_lies_in_exactly_one_period(day: date) -> None:
    period = period_of(day)
    assert day in period
    assert day not in period.next
    assert day not in period.previous
    assert period.next.first == period.last + DAY
    assert period.next.previous == period
    assert (period.first.day, period.last.day) == (23, 22)
    assert 28 <= (period.last - period.first).days + 1 <= 31
    assert Period.read(period.key) == period


@given(_days, st.integers(0, 900))
def test_t30_each_period_comes_once_and_ends_once(first: date, length: int) -> None:
    last = first + length * DAY
    found = list(periods(first, last))
    assert found == sorted(set(found))
    assert all(one.next == other for one, other in pairwise(found))
    assert {period_of(first + n * DAY) for n in range(length + 1)} == set(found)
    ended = Counter(period_of(first + n * DAY) for n in range(length + 1) if (first + n * DAY).day == 22)
    assert ended == Counter(periods_ended(first, last))


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 10, 22), "2026-10"),
        (date(2026, 10, 23), "2026-11"),
        (date(2026, 10, 31), "2026-11"),
        (date(2026, 11, 22), "2026-11"),
        (date(2026, 12, 23), "2027-01"),
        (date(2026, 12, 31), "2027-01"),
        (date(2027, 1, 1), "2027-01"),
        (date(2028, 2, 29), "2028-03"),
        (date(2027, 2, 28), "2027-03"),
        (date(2026, 4, 30), "2026-05"),
        (date(2026, 9, 1), "2026-09"),
    ],
)
def test_t30_borders(day: date, key: str) -> None:
    assert period_of(day).key == key


def test_november_is_from_23_october_to_22_november() -> None:
    november = Period(2026, 11)
    assert (november.first, november.last, november.due) == (date(2026, 10, 23), date(2026, 11, 22), date(2026, 11, 22))
    assert november.name.msgid == "November"
    assert (november.day(15), november.day(25)) == (date(2026, 11, 15), date(2026, 10, 25))
    with pytest.raises(ValueError, match="day"):
        Period(2027, 3).day(30)


@pytest.mark.parametrize("key", ["", "2026", "2026-13", "x-y", "2026-11-1"])
def test_what_is_no_period(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 each fails in its own way
        Period.read(key)


# --- reminders: the due date stays, they move


def test_the_22nd_on_a_school_day() -> None:
    due = date(2026, 12, 22)
    assert reminders(PLAIN, Period(2026, 12)) == ((date(2026, 12, 18), 19), (date(2026, 12, 21), 21), (due, 22))


def test_the_22nd_on_a_sunday_is_reminded_of_on_friday_once() -> None:
    assert date(2026, 11, 22).weekday() == 6
    assert reminders(PLAIN, Period(2026, 11)) == ((date(2026, 11, 19), 19), (date(2026, 11, 20), 22))


def test_a_make_up_sunday_is_a_school_day_to_remind_on() -> None:
    assert nudge_day(PLAIN, date(2026, 9, 20)) == date(2026, 9, 20)


def test_a_festival_moves_reminders_before_it() -> None:
    assert reminders(PLAIN, Period(2026, 6)) == ((date(2026, 6, 18), 21), (date(2026, 6, 22), 22))


def test_a_free_day_that_was_set_moves_them() -> None:
    calendar = Calendar(overrides=(Override(date(2026, 12, 21), date(2026, 12, 22), Change.FREE_DAY),))
    assert reminders(calendar, Period(2026, 12)) == ((date(2026, 12, 18), 22),)


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028])
@pytest.mark.parametrize("month", range(1, 13))
def test_reminders_stay_in_their_period_and_before_the_due_date(year: int, month: int) -> None:
    period = Period(year, month)
    found = reminders(PLAIN, period)
    assert found[-1][1] == 22
    assert [day for day, _ in found] == sorted({day for day, _ in found})
    assert all(day in period and day <= period.due for day, _ in found)
    assert all(day <= period.day(number) for day, number in found)
