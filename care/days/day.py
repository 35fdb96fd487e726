"""What a typed day is, and what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class Part(StrEnum):
    """A part of the day. Records know no noon: `PartOfDay` is theirs."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class When:
    """`at` is the time of the clock, in the district's own time, where the words leave no doubt ('3 o'clock' does)."""

    day: date
    part: Part | None = None
    at: time | None = None


class DayProblem(StrEnum):
    UNREADABLE = "unreadable"
    NO_SUCH_DAY = "no_such_day"
    IN_FUTURE = "in_future"
    """After the latest day that is allowed."""
    TOO_LONG_AGO = "too_long_ago"
    """Before the earliest day that is allowed: for a day to come, any day that is over."""
    AMBIGUOUS = "ambiguous"


class DayError(ValueError):
    """`day` is what was understood, where only its place in time is wrong."""

    def __init__(self, problem: DayProblem, day: date | None = None) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.day = day
