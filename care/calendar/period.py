"""The report period, which everybody calls a month: from the 23rd to the 22nd, on which its report is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from care.text import T, Text

FIRST, DUE = 23, 22
MONTHS = (
    T("January"),
    T("February"),
    T("March"),
    T("April"),
    T("May"),
    T("June"),
    T("July"),
    T("August"),
    T("September"),
    T("October"),
    T("November"),
    T("December"),
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """November 2026 is from 23 October to 22 November 2026."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Self:
        found = cls(day.year, day.month)
        return found if day.day <= DUE else found.next

    @classmethod
    def read(cls, key: str) -> Self:
        """From its `key`; raises ValueError."""
        year, month = (int(part) for part in key.split("-"))
        date(year, month, DUE)
        return cls(year, month)

    @property
    def key(self) -> str:
        """Such as '2026-11'; in order of time."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        before = self.previous
        return date(before.year, before.month, FIRST)

    @property
    def last(self) -> date:
        return date(self.year, self.month, DUE)

    @property
    def due(self) -> date:
        """The day on which its report is due at the station, school day or not."""
        return self.last

    def day(self, number: int) -> date:
        """The day of this number (1 to 31) in the period; raises ValueError where its month has none."""
        owner = self if number <= DUE else self.previous
        return date(owner.year, owner.month, number)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def next(self) -> Self:
        return self.shifted(1)

    @property
    def previous(self) -> Self:
        return self.shifted(-1)

    def shifted(self, months: int) -> Self:
        years, month = divmod(self.month - 1 + months, 12)
        return type(self)(self.year + years, month + 1)

    @property
    def name(self) -> Text:
        """The month's name alone, as people say it."""
        return MONTHS[self.month - 1]

    @property
    def full_name(self) -> Text:
        return T("{month} {year}", month=self.name, year=str(self.year))

    @property
    def spelled(self) -> Text:
        """With its days, for whoever might think of the month of the wall calendar."""
        first, last = day_and_month(self.first), day_and_month(self.last)
        return T("{month} (from {first} to {last})", month=self.name, first=first, last=last)


def day_and_month(day: date) -> Text:
    """The day without weekday and year, for days near by and for several in a row."""
    return T("{day_number} {month_name}", day_number=day.day, month_name=MONTHS[day.month - 1])


def period_of(day: date) -> Period:
    return Period.of(day)


def periods(first: date, last: date) -> Iterator[Period]:
    """Those that share a day with first..last, in order."""
    found, end = Period.of(first), Period.of(last)
    while found <= end:
        yield found
        found = found.next


def periods_ended(first: date, last: date) -> Iterator[Period]:
    """Those whose last day lies in first..last, in order."""
    return (period for period in periods(first, last) if first <= period.last <= last)
