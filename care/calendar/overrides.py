"""What the coordinator has set in the calendar, over what is usual and what is announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from care.people import Labelled
from care.text import T


class Change(Labelled):
    """What the days become."""

    FREE_DAY = "free_day", T("no school")
    SCHOOL_DAY = "school_day", T("school day")
    VACATION = "vacation", T("vacation")
    TERM = "term", T("term")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def shared(self, other: Span) -> int:
        """How many days they have in common."""
        return max(0, (min(self.last, other.last) - max(self.first, other.first)).days + 1)

    def meets(self, other: Span) -> bool:
        """Whether they share a day, or one begins the day after the other ends."""
        one_day = timedelta(days=1)
        return self.first <= other.last + one_day and other.first <= self.last + one_day


@dataclass(frozen=True, slots=True, order=True)
class Override(Span):
    """`name` is the coordinator's own words for it, if any. Of two that meet, the later one counts."""

    change: Change
    name: str = ""
