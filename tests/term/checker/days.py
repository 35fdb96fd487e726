"""The calendar of the programme, reckoned anew from its page, the state's holidays and what the coordinator has set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import chinese_calendar

from tests.term.checker.facts import Row

CHINA = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
WEDNESDAY, FRIDAY, SATURDAY = 2, 4, 5
# The first days of the lunar years, from an almanac; the winter vacation lies around them.
FESTIVALS = {
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
}


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour in the district, as an aware moment."""
    return datetime.combine(day, time(hour, minute), CHINA)


def day_of(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def in_the_night(moment: datetime) -> bool:
    """The quiet hours, 21:30 to 7:00."""
    clock = moment.astimezone(CHINA).time()
    return clock >= time(21, 30) or clock < time(7)


def morning_after(moment: datetime) -> datetime:
    """The end of the quiet hours in which this moment lies."""
    day = day_of(moment)
    return at(day if moment < at(day, 7) else day + DAY, 7)


def each(first: date, last: date) -> Iterator[date]:
    return (first + count * DAY for count in range((last - first).days + 1))


def month_of(day: date) -> date:
    """A report's month by its last day, the 22nd."""
    if day.day <= 22:
        return day.replace(day=22)
    return date(day.year + day.month // 12, day.month % 12 + 1, 22)


def first_of_month(end: date) -> date:
    return (end.replace(day=1) - DAY).replace(day=23)


@dataclass(frozen=True)
class Almanac:
    """`entries`: the coordinator's, in the order in which they were set.

    A term's calendar is looked at as it stands at the end: who changes it, does so for days to come.
    """

    entries: Sequence[Row]

    @cached_property
    def _vacations(self) -> list[tuple[date, date]]:
        """Usual ones are as the product says (no page tells their days): from a Saturday two weeks before the Spring
        Festival to a Sunday about when the lanterns are lit; from the Saturday nearest to 1 July to the end of
        August, or of its last weekend. One set by hand that covers most of a usual one takes its place."""
        found = []
        for year in sorted(FESTIVALS):
            festival = FESTIVALS[year]
            winter = (_back(festival - 14 * DAY, SATURDAY), _back(festival + 18 * DAY, 6))
            end = date(year, 8, 31)
            while (end + DAY).weekday() >= SATURDAY:
                end += DAY
            found += [winter, (_back(date(year, 7, 4), SATURDAY), end)]
        for row in self.entries:
            span = (row.first_on, row.last_on)
            if row.change == "vacation":
                found = [one for one in found if 2 * _shared(one, span) < (one[1] - one[0]).days + 1] + [span]
            elif row.change == "term":
                found = [_beside(one, span) for one in found]
        return found

    def vacation(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self._vacations)

    def school(self, day: date) -> bool:
        single = self._single(day)
        if single == "school_day":
            return True
        return not self.vacation(day) and single != "free_day" and self._works(day)

    def _works(self, day: date) -> bool:
        """As the state has announced it; a year not announced yet has Mondays to Fridays."""
        if day in chinese_calendar.constants.holidays:
            return False
        return day in chinese_calendar.constants.workdays or day.weekday() < SATURDAY

    def begins_term(self, day: date) -> bool:
        """The first school day after a winter or summer vacation."""
        if not self.school(day):
            return False
        before = day - DAY
        while not self.school(before) and not self.vacation(before):
            before -= DAY
        long = (last for first, last in self._vacations if (last - first).days >= 20)
        return before in long

    def at_work(self, day: date) -> bool:
        """Whether a home can be spoken to about its papers: on school days; in vacations on days of work."""
        works = self._works(day) and self._single(day) != "free_day"
        return self.school(day) or (self.vacation(day) and works)

    def _single(self, day: date) -> str:
        """What was set last for this day alone."""
        kinds = ("free_day", "school_day")
        set_ = [row.change for row in self.entries if row.change in kinds and row.first_on <= day <= row.last_on]
        return str(set_[-1]) if set_ else ""

    def check_in(self, day: date) -> bool:
        """Saturdays; the first and last day of long holidays; in vacations Wednesday and Saturday. Not on a day on
        which the school sees the child: the vacuum is why it is asked."""
        if self.school(day):
            return False
        if self.vacation(day):
            return day.weekday() in (WEDNESDAY, SATURDAY)
        return day.weekday() == SATURDAY or self._edge_of_holiday(day)

    def _edge_of_holiday(self, day: date) -> bool:
        """Three free days in a row are long."""
        first = last = day
        while self._off(first - DAY):
            first -= DAY
        while self._off(last + DAY):
            last += DAY
        return (last - first).days >= 2 and day in (first, last)

    def _off(self, day: date) -> bool:
        return not self.school(day) and not self.vacation(day)

    def reminders(self, month: date) -> list[date]:
        """Of a month's report: the 19th, 21st and 22nd, each moved to the last school day before; several that fall
        together are one."""
        found = set()
        for number in (19, 21, 22):
            day = month.replace(day=number)
            while not self.at_work(day):
                day -= DAY
            found.add(day)
        return sorted(found)

    def safety_weeks(self, year: int) -> list[date]:
        """The Mondays from the last week of term to the first of the next."""
        first, last = next(one for one in self._vacations if one[0].year == year and one[0].month in (6, 7))
        before, after = first - DAY, last + DAY
        while not self.school(before):
            before -= DAY
        while not self.school(after):
            after += DAY
        monday, end = _back(before, 0), _back(after, 0)
        return [monday + number * 7 * DAY for number in range((end - monday).days // 7 + 1)]


def _back(day: date, weekday: int) -> date:
    return day - (day.weekday() - weekday) % 7 * DAY


def _shared(one: tuple[date, date], other: tuple[date, date]) -> int:
    return max(0, (min(one[1], other[1]) - max(one[0], other[0])).days + 1)


def _beside(vacation: tuple[date, date], term: tuple[date, date]) -> tuple[date, date]:
    """A term set by hand that ends or begins within five weeks of a vacation's edge moves it."""
    first, last = vacation
    middle = first + (last - first) / 2
    if term[1] < middle and abs((term[1] - first).days) <= 35:
        first = term[1] + DAY
    if term[0] > middle and abs((term[0] - last).days) <= 35:
        last = term[0] - DAY
    return first, last
