"""Terms and vacations: as they are mostly, around the Spring Festival, and as the coordinator has set them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from care.calendar.overrides import Change, Override, Span
from care.people import Labelled
from care.text import T, Text, words

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
SATURDAY = 5

# First days of the lunar years 2000 to 2099, month and day.
_SPRING_FESTIVALS = (
    "0205 0124 0212 0201 0122 0209 0129 0218 0207 0126 0214 0203 0123 0210 0131 0219 0208 0128 0216 0205 "
    "0125 0212 0201 0122 0210 0129 0217 0206 0126 0213 0203 0123 0211 0131 0219 0208 0128 0215 0204 0124 "
    "0212 0201 0122 0210 0130 0217 0206 0126 0214 0202 0123 0211 0201 0219 0208 0128 0215 0204 0124 0212 "
    "0202 0121 0209 0129 0217 0205 0126 0214 0203 0123 0211 0131 0219 0207 0127 0215 0205 0124 0212 0202 "
    "0122 0209 0129 0217 0206 0126 0214 0203 0124 0210 0130 0218 0207 0127 0215 0205 0125 0212 0201 0121"
)
_ABOUT = "0205"


class Half(Labelled):
    """`year` of a spring term is that of its days; of an autumn term that in which it begins."""

    SPRING = "spring", T("spring term")
    AUTUMN = "autumn", T("autumn term")


class Break(Labelled):
    WINTER = "winter", T("winter vacation")
    SUMMER = "summer", T("summer vacation")
    OTHER = "other", T("vacation")


@dataclass(frozen=True, slots=True, order=True)
class Term(Span):
    """From the first to the last day of a term, both included. `key` is such as '2026-autumn'."""

    year: int
    half: Half

    @property
    def key(self) -> str:
        return f"{self.year}-{self.half.value}"

    @property
    def label(self) -> Text:
        return self.half.label


@dataclass(frozen=True, slots=True, order=True)
class Vacation(Span):
    """Both days included. `year` is that of its last day. `label` is what the coordinator called it, if so."""

    year: int
    kind: Break
    name: str = ""

    @property
    def key(self) -> str:
        return f"{self.year}-{self.kind.value}" if self.kind is not Break.OTHER else f"{self.first}-vacation"

    @property
    def label(self) -> Text:
        return words(self.name) if self.name else self.kind.label


def spring_festival(year: int) -> date:
    """The first day of the lunar year; about then where the table ends."""
    place = 5 * (year - 2000)
    found = _SPRING_FESTIVALS[place : place + 4] if 2000 <= year < 2100 else _ABOUT
    return date(year, int(found[:2]), int(found[2:]))


@cache
def usual_vacation(kind: Break, year: int) -> Vacation:
    """Winter: from a Saturday two weeks or more before the Spring Festival to a Sunday about when the lanterns are lit.
    Summer: from the Saturday nearest to 1 July to 31 August, or the weekend after."""
    if kind is Break.SUMMER:
        first, last = _weekday(date(year, 7, 1) + 3 * DAY, SATURDAY), date(year, 8, 31)
        while (last + DAY).weekday() >= SATURDAY:
            last += DAY
        return Vacation(first, last, year, kind)
    festival = spring_festival(year)
    return Vacation(_weekday(festival - 2 * WEEK, SATURDAY), _weekday(festival + 18 * DAY, 6), year, kind)


def _weekday(latest: date, weekday: int) -> date:
    """The last day of this weekday (0 is Monday) up to `latest`."""
    return latest - (latest.weekday() - weekday) % 7 * DAY


def vacation_of(kind: Break, year: int, changes: Sequence[Override]) -> Vacation:
    """The winter or summer vacation of a year.

    A vacation that the coordinator has set takes the place of the usual one where it covers half of it; a shorter one
    that meets it makes it longer. A term that ends or begins near by moves its edge.
    """
    usual = usual_vacation(kind, year)
    found = usual
    for change in changes:
        if change.change is Change.VACATION and change.meets(usual):
            found = _with_vacation(found, usual, change)
        elif change.change is Change.TERM:
            found = _with_term(found, usual, change)
    return found


def _with_vacation(found: Vacation, usual: Vacation, change: Override) -> Vacation:
    if 2 * change.shared(usual) >= usual.days:
        return replace(found, first=change.first, last=change.last, name=change.name)
    return replace(found, first=min(found.first, change.first), last=max(found.last, change.last))


_NEAR = 5 * WEEK


def _with_term(found: Vacation, usual: Vacation, term: Override) -> Vacation:
    """A term that ends near the vacation's beginning ends just before it; one that begins near its end, just after."""
    middle = usual.first + (usual.last - usual.first) / 2
    first, last = found.first, found.last
    if term.last < middle and abs(term.last - usual.first) <= _NEAR:
        first = term.last + DAY
    if term.first > middle and abs(term.first - usual.last) <= _NEAR:
        last = term.first - DAY
    return replace(found, first=first, last=last) if first <= last else found


def extra_vacations(changes: Sequence[Override]) -> Iterator[Vacation]:
    """What the coordinator has set besides winter and summer, such as an autumn break."""
    for change in changes:
        near = (usual_vacation(kind, year) for kind in (Break.WINTER, Break.SUMMER) for year in _years(change))
        if change.change is Change.VACATION and not any(change.meets(usual) for usual in near):
            yield Vacation(change.first, change.last, change.last.year, Break.OTHER, change.name)


def _years(span: Span) -> range:
    return range(span.first.year, span.last.year + 1)
