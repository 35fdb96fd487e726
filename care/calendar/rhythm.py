"""The days on which something is asked: check-ins, reminders of the report, the summer's safety topics."""

from __future__ import annotations

from datetime import date

from care.calendar.period import Period
from care.calendar.school import YEAR, Calendar, back_from, days, first_of
from care.calendar.terms import DAY, SATURDAY, WEEK

_WEDNESDAY = 2
REPORT_REMINDERS = (19, 21, 22)
"""The days of a period on which the home hears that its report is due."""


def is_check_in_day(calendar: Calendar, day: date) -> bool:
    """In vacations Wednesday and Saturday; else Saturdays, and the first and last day of long holidays. Never on a
    school day, for then the school sees the child."""
    if calendar.is_school_day(day):
        return False
    if day.weekday() == SATURDAY:
        return True
    if calendar.vacation(day):
        return day.weekday() == _WEDNESDAY
    holiday = calendar.long_holiday(day)
    return holiday is not None and day in (holiday.first, holiday.last)


def check_in_days(calendar: Calendar, first: date, last: date) -> list[date]:
    """From `first` to `last`, both included, in order."""
    return [day for day in days(first, last) if is_check_in_day(calendar, day)]


def next_check_in(calendar: Calendar, since: date) -> date:
    """The first check-in day from this day on, itself included. Raises LookupError where a year has none."""
    return first_of(days(since, since + YEAR), lambda day: is_check_in_day(calendar, day))


def last_check_in(calendar: Calendar, up_to: date) -> date:
    """The last check-in day up to this day, itself included. Raises LookupError where a year has none."""
    return first_of(back_from(up_to), lambda day: is_check_in_day(calendar, day))


def nudge_day(calendar: Calendar, day: date) -> date:
    """When to remind a home of what is to be done by this day: on the last school day up to it.

    In a vacation, in which reports are owed too, days on which people are at work count as well: the last school day
    may lie before the period has begun. Raises LookupError where a year has none.
    """
    return first_of(back_from(day), lambda earlier: _reachable(calendar, earlier))


def _reachable(calendar: Calendar, day: date) -> bool:
    return calendar.is_school_day(day) or (calendar.vacation(day) is not None and calendar.is_office_day(day))


def report_reminders(calendar: Calendar, period: Period) -> tuple[tuple[date, int], ...]:
    """When the home hears that the period's report is due, and for which of REPORT_REMINDERS.

    Where several fall on one day it is the latest: nobody is told twice.
    """
    moved = {nudge_day(calendar, period.day(number)): number for number in REPORT_REMINDERS}
    return tuple(sorted(moved.items()))


def safety_weeks(calendar: Calendar, year: int) -> tuple[date, ...]:
    """The Mondays of the weeks in which a summer's safety topics are told, from the last week of term to the first
    of the next."""
    spring, autumn = calendar.terms(year)
    first, last = calendar.last_school_day(spring.last), calendar.first_school_day(autumn.first)
    monday, end = (day - day.weekday() * DAY for day in (first, last))
    return tuple(monday + number * WEEK for number in range((end - monday) // WEEK + 1))
