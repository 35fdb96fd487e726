"""What a coordinator enters in the calendar: some days, and what they become."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from care.calendar.overrides import Change, Override
from care.days import DayError, DayProblem, read_day
from care.records.fields import BadAnswer, FutureDay, Line, Reading
from care.refusal import Refusal
from care.text import T

BACK = timedelta(days=60)
"""What has been may be set right for a while: the snow of last week."""
AHEAD = timedelta(days=550)
_SHORTEST_TERM, _LONGEST = 60, 250

_PROBLEMS = {
    DayProblem.UNREADABLE: T(
        "I could not make out which day you mean. You can tap one, or type it like “6.1” or “2027-2-22”."
    ),
    DayProblem.NO_SUCH_DAY: T("There is no such day. Which day is it?"),
    DayProblem.IN_FUTURE: T("That is too far ahead. Which day is it?"),
    DayProblem.TOO_LONG_AGO: T("That is too long ago to change now. Which day is it?"),
    DayProblem.AMBIGUOUS: T("That could be more than one day. Please tap the day, or type it like “2027-2-22”."),
}


def _read(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(info.context, Reading) or not isinstance(value, str):
        return value
    today = info.context.now.date()
    bounds = {"earliest": today - BACK, "latest": today + AHEAD}
    try:
        return read_day(value, today=today, words=info.context.words, direction="future", **bounds).day
    except DayError as error:
        raise BadAnswer(_PROBLEMS[error.problem]) from None


CalendarDay = Annotated[FutureDay, BeforeValidator(_read)]
"""A day to come or lately past; offered as days to come are."""


class CalendarEntry(BaseModel):
    """`last` is None for a single day."""

    model_config = ConfigDict(frozen=True)

    change: Change
    first: CalendarDay
    last: CalendarDay | None = None
    name: Line | None = None

    @property
    def override(self) -> Override:
        """Raises Refusal where the days do not fit together."""
        last = self.last or self.first
        _check(self.change, (last - self.first).days + 1)
        return Override(self.first, last, self.change, self.name or "")


def _check(change: Change, length: int) -> None:
    """Raises Refusal for a number of days that cannot be meant."""
    if length < 1:
        raise Refusal(T("The last day lies before the first. Please change one of them."), reason="days in disorder")
    if length > _LONGEST:
        raise Refusal(T("That is {days} days, which is too long. Please change one of them.", days=length))
    if change is Change.TERM and length < _SHORTEST_TERM:
        raise Refusal(T("A term has a first and a last day some months apart. Please change one of them."))
