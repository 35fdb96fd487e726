"""The calendar of the programme: terms, vacations, holidays, report periods, days of check-ins, quiet hours.

Pure: tables go in, days come out. `Calendar()` alone knows what is usual and what has been announced; the coordinator's
own entries come as `overrides` (`storage.calendar.load`).
"""

from care.calendar.holidays import Holidays, PublicDay, announced
from care.calendar.hours import DIGEST, QUIET_FROM, QUIET_UNTIL, after_quiet, moment, next_at, quiet
from care.calendar.overrides import Change, Override, Span
from care.calendar.period import Period, day_and_month, period_of, periods, periods_ended
from care.calendar.rhythm import (
    REPORT_REMINDERS,
    check_in_days,
    is_check_in_day,
    last_check_in,
    next_check_in,
    nudge_day,
    report_reminders,
    safety_weeks,
)
from care.calendar.school import Calendar, DayKind, days
from care.calendar.terms import Break, Half, Term, Vacation, spring_festival

__all__ = [
    "DIGEST",
    "QUIET_FROM",
    "QUIET_UNTIL",
    "REPORT_REMINDERS",
    "Break",
    "Calendar",
    "Change",
    "DayKind",
    "Half",
    "Holidays",
    "Override",
    "Period",
    "PublicDay",
    "Span",
    "Term",
    "Vacation",
    "after_quiet",
    "announced",
    "check_in_days",
    "day_and_month",
    "days",
    "is_check_in_day",
    "last_check_in",
    "moment",
    "next_at",
    "next_check_in",
    "nudge_day",
    "period_of",
    "periods",
    "periods_ended",
    "quiet",
    "report_reminders",
    "safety_weeks",
    "spring_festival",
]
