"""Reckoning with days: which one is meant, seen from today.

A day that no calendar has is Python's own ValueError or OverflowError.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from care.days.day import DayError, DayProblem

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where a day is seen: `past` says that it should be over, today included."""

    today: date
    past: bool

    def nearest(self, candidates: Sequence[date]) -> date:
        """Of days in order: the last that is over, or the next to come; else one on the wrong side of today."""
        if self.past:
            return max((day for day in candidates if day <= self.today), default=candidates[0])
        return min((day for day in candidates if day >= self.today), default=candidates[-1])

    def slip(self, candidates: Sequence[date]) -> date | None:
        """The day that lies on the wrong side of today by a week at most."""
        ahead = WEEK if self.past else -WEEK
        edges = sorted((self.today, self.today + ahead))
        if self.today in candidates:
            return None
        return next((day for day in candidates if edges[0] <= day <= edges[1]), None)


def of_the_year(month: int, day: int, seen: Standpoint) -> date:
    this = seen.today.year
    candidates = list(_existing((year, month, day) for year in (this - 1, this, this + 1)))
    if slip := seen.slip(candidates):
        return slip
    beyond = this + 1 if seen.past else this - 1
    if candidates := [found for found in candidates if found.year != beyond]:
        return seen.nearest(candidates)
    raise DayError(DayProblem.NO_SUCH_DAY)


def of_the_month(day: int, seen: Standpoint) -> date:
    months = (month_after(seen.today, -1 if seen.past else 0), month_after(seen.today, 0 if seen.past else 1))
    if candidates := list(_existing((first.year, first.month, day) for first in months)):
        return seen.nearest(candidates)
    raise DayError(DayProblem.NO_SUCH_DAY)


def end_of_some_month(seen: Standpoint) -> date:
    candidates = [end_of_month(month_after(seen.today, months)) for months in (-1, 0, 1)]
    return seen.slip(candidates) or seen.nearest(candidates)


def weekday(number: int, seen: Standpoint) -> date:
    """The bare weekday: 1 is Monday."""
    if seen.past:
        return seen.today - timedelta(days=(seen.today.isoweekday() - number) % 7)
    return seen.today + timedelta(days=(number - seen.today.isoweekday()) % 7 or 7)


def weekday_in_week(number: int, weeks: int, seen: Standpoint) -> date:
    monday = seen.today - timedelta(days=seen.today.weekday())
    return monday + timedelta(days=number - 1) + weeks * WEEK


def weekday_near(number: int, way: int, seen: Standpoint) -> date:
    """English 'last', 'this' and 'next' Friday. 'Next' can mean either where this week's Friday is still to come."""
    if way == 0:
        return weekday_in_week(number, 0, seen)
    if way < 0:
        return seen.today - timedelta(days=(seen.today.isoweekday() - number) % 7 or 7)
    found = seen.today + timedelta(days=(number - seen.today.isoweekday()) % 7 or 7)
    if not seen.past and found == weekday_in_week(number, 0, seen):
        raise DayError(DayProblem.AMBIGUOUS)
    return found


def away(count: int, unit: str, seen: Standpoint) -> date:
    """So many days, weeks, months or years from today; the last day of a month that is too short."""
    if unit == "days":
        return seen.today + timedelta(days=count)
    if unit == "weeks":
        return seen.today + count * WEEK
    first = month_after(seen.today, count * (1 if unit == "months" else 12))
    return first.replace(day=min(seen.today.day, end_of_month(first).day))


def month_after(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_weeks(year: int, month: int) -> list[list[date | None]]:
    """The weeks of a month, from Monday; None where a day belongs to another month."""
    weeks = calendar.Calendar(calendar.MONDAY).monthdayscalendar(year, month)
    return [[date(year, month, day) if day else None for day in week] for week in weeks]


def _existing(days: Iterator[tuple[int, int, int]]) -> Iterator[date]:
    for year, month, day in days:
        try:
            yield date(year, month, day)
        except (ValueError, OverflowError):
            continue
