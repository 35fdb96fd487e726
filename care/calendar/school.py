"""The school calendar: which days are school days, terms, vacations and holidays. A value, made from tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from care.calendar.holidays import Holidays, announced
from care.calendar.overrides import Change, Override, Span
from care.calendar.terms import DAY, SATURDAY, Break, Half, Term, Vacation, extra_vacations, vacation_of
from care.people import Labelled
from care.text import T, Text, phrase, words


class DayKind(Labelled):
    SCHOOL_DAY = "school_day", T("school day")
    MAKE_UP = "make_up", T("make-up school day")
    WEEKEND = "weekend", T("weekend")
    HOLIDAY = "holiday", T("public holiday")
    FREE_DAY = "free_day", T("no school")
    VACATION = "vacation", T("vacation")


SCHOOL_KINDS = frozenset({DayKind.SCHOOL_DAY, DayKind.MAKE_UP})
LONG = 3
"""So many days without school are a long holiday."""
_SINGLE = frozenset({Change.FREE_DAY, Change.SCHOOL_DAY})


@dataclass(frozen=True, eq=False)
class Calendar:
    """`overrides` in the order in which they were set: the later one counts. Single days go before vacations, those
    before what is announced."""

    holidays: Holidays = field(default_factory=announced)
    overrides: tuple[Override, ...] = ()
    _known: dict[int, tuple[Vacation, ...]] = field(default_factory=dict, init=False, repr=False)
    """By year, what has been worked out already."""

    # --- days

    def is_school_day(self, day: date) -> bool:
        return self.kind_of(day) in SCHOOL_KINDS

    def kind_of(self, day: date) -> DayKind:
        single = self._single(day)
        public = self.holidays.get(day)
        if single and single.change is Change.SCHOOL_DAY:
            return DayKind.MAKE_UP if day.weekday() >= SATURDAY or (public and public.off) else DayKind.SCHOOL_DAY
        if self.vacation(day):
            return DayKind.VACATION
        if single:
            return DayKind.FREE_DAY
        if public:
            return DayKind.HOLIDAY if public.off else DayKind.MAKE_UP
        return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.SCHOOL_DAY

    def name_of(self, day: date) -> Text:
        """What the day is called: by the coordinator, as a holiday or a vacation, else its kind."""
        kind, single = self.kind_of(day), self._single(day)
        if kind is DayKind.VACATION and (vacation := self.vacation(day)):
            return vacation.label
        if single:
            return words(single.name) if single.name else single.change.label
        if kind is DayKind.HOLIDAY:
            return self.holidays[day].name
        if kind is DayKind.MAKE_UP:
            return T("make-up school day ({holiday})", holiday=self.holidays[day].name)
        return kind.label

    def _single(self, day: date) -> Override | None:
        return next((one for one in reversed(self.overrides) if one.change in _SINGLE and day in one), None)

    def last_school_day(self, up_to: date) -> date:
        """The last school day up to this day, itself included. Raises LookupError where a year has none."""
        return first_of(back_from(up_to), self.is_school_day)

    def first_school_day(self, since: date) -> date:
        """The first school day from this day on, itself included. Raises LookupError where a year has none."""
        return first_of(days(since, since + YEAR), self.is_school_day)

    def is_office_day(self, day: date) -> bool:
        """Whether people are at work, vacations included: no weekend, no public holiday, or a day that makes up."""
        public, single = self.holidays.get(day), self._single(day)
        if single and single.change is Change.FREE_DAY:
            return False
        return not public.off if public else day.weekday() < SATURDAY or self.is_school_day(day)

    def days_off(self, day: date) -> Span | None:
        """The run of days without school, in one term, to which this day belongs; None for school days and
        vacations."""
        if not self._off(day):
            return None
        first = last = day
        while self._off(first - DAY):
            first -= DAY
        while self._off(last + DAY):
            last += DAY
        return Span(first, last)

    def long_holiday(self, day: date) -> Span | None:
        """As `days_off`, where it is at least three days long."""
        found = self.days_off(day)
        return found if found and found.days >= LONG else None

    def _off(self, day: date) -> bool:
        return self.kind_of(day) not in SCHOOL_KINDS | {DayKind.VACATION}

    # --- terms and vacations

    def vacation(self, day: date) -> Vacation | None:
        return next((one for one in self._vacations(day.year) if day in one), None)

    def next_vacation(self, day: date) -> Vacation:
        """The winter or summer vacation in which this day lies, else the next to come."""
        ahead = (one for year in (day.year, day.year + 1) for one in self._vacations(year))
        return min(one for one in ahead if one.kind is not Break.OTHER and one.last >= day)

    def term(self, day: date) -> Term | None:
        """None in the winter and summer vacations; a shorter one belongs to its term."""
        years = (day.year, day.year - 1)
        return next((term for year in years for term in self.terms(year) if day in term), None)

    def terms(self, year: int) -> tuple[Term, Term]:
        """The spring term of this year, and the autumn term that begins in it."""
        winter, summer, after = self.winter(year), self.summer(year), self.winter(year + 1)
        return (
            Term(winter.last + DAY, summer.first - DAY, year, Half.SPRING),
            Term(summer.last + DAY, after.first - DAY, year, Half.AUTUMN),
        )

    def winter(self, year: int) -> Vacation:
        """The winter vacation that ends in this year."""
        return self._vacations(year)[0]

    def summer(self, year: int) -> Vacation:
        return self._vacations(year)[1]

    def _vacations(self, year: int) -> tuple[Vacation, ...]:
        """Winter and summer of the year, the winter that could begin in it, and what else was set for it."""
        if year not in self._known:
            usual = ((Break.WINTER, year), (Break.SUMMER, year), (Break.WINTER, year + 1))
            extra = (one for one in extra_vacations(self.overrides) if one.first.year <= year <= one.last.year)
            self._known[year] = (*(vacation_of(kind, when, self.overrides) for kind, when in usual), *extra)
        return self._known[year]

    # --- honesty

    def honest(self, year: int) -> bool:
        """Whether the holidays of that year have been announced; else Monday to Friday are taken for school days."""
        return year in self._announced

    def caveat(self, first: date, last: date) -> Text | None:
        """What must be said wherever days from `first` to `last` are reckoned with, if holidays among them are not
        known."""
        unknown = [year for year in range(first.year, last.year + 1) if not self.honest(year)]
        if not unknown:
            return None
        return T(
            "The holidays of {years} are not announced yet; I reckon with Monday to Friday.",
            years=phrase(words(str(year)) for year in unknown),
        )

    @cached_property
    def _announced(self) -> frozenset[int]:
        return frozenset(day.year for day in self.holidays)


YEAR = 366 * DAY


def days(first: date, last: date) -> Iterator[date]:
    """Each day from `first` to `last`, both included."""
    return (first + count * DAY for count in range((last - first).days + 1))


def back_from(day: date) -> Iterator[date]:
    """That day, the one before, and so on for a year."""
    return (day - count * DAY for count in range(YEAR.days))


def first_of(among: Iterable[date], wanted: Callable[[date], bool]) -> date:
    """The first wanted one; raises LookupError where there is none."""
    found = next(filter(wanted, among), None)
    if found is None:
        raise LookupError("no such day in a year")
    return found
