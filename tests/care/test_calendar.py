"""School days, terms, vacations: as announced, as usual, and as the coordinator has set them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.calendar import Break, Calendar, Change, DayKind, Half, Override, Span, spring_festival

DAY = timedelta(days=1)
PLAIN = Calendar()
SCHOOL_YEARS = range(2005, 2060)


def with_(*overrides: Override) -> Calendar:
    return Calendar(overrides=overrides)


def free(first: date, last: date | None = None, name: str = "") -> Override:
    return Override(first, last or first, Change.FREE_DAY, name)


def school(first: date, last: date | None = None, name: str = "") -> Override:
    return Override(first, last or first, Change.SCHOOL_DAY, name)


def vacation(first: date, last: date, name: str = "") -> Override:
    return Override(first, last, Change.VACATION, name)


# --- what the state has announced


@pytest.mark.parametrize(
    "day",
    [
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
        date(2026, 1, 4),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ],
)
def test_a_make_up_day_is_a_school_day_on_a_weekend(day: date) -> None:
    assert day.weekday() >= 5
    assert PLAIN.kind_of(day) is DayKind.MAKE_UP
    assert PLAIN.is_school_day(day)


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        (date(2025, 4, 4), date(2025, 4, 6), "Tomb-sweeping Day"),
        (date(2025, 5, 1), date(2025, 5, 5), "Labour Day"),
        (date(2025, 10, 1), date(2025, 10, 8), "National Day"),
        (date(2026, 1, 1), date(2026, 1, 3), "New Year’s Day"),
        (date(2026, 6, 19), date(2026, 6, 21), "Dragon Boat Festival"),
        (date(2026, 9, 25), date(2026, 9, 27), "Mid-autumn Festival"),
        (date(2026, 10, 1), date(2026, 10, 7), "National Day"),
    ],
)
def test_a_holiday_is_free_from_its_first_day_to_its_last(first: date, last: date, named: str) -> None:
    assert PLAIN.long_holiday(first) == PLAIN.long_holiday(last) == Span(first, last)
    assert PLAIN.is_school_day(first - DAY) or (first - DAY).weekday() >= 5
    assert PLAIN.is_school_day(last + DAY)
    assert PLAIN.name_of(first).msgid == named
    assert not any(PLAIN.is_school_day(first + n * DAY) for n in range((last - first).days + 1))


def test_make_up_days_of_the_spring_festival_lie_in_the_vacation() -> None:
    for day in (date(2025, 1, 26), date(2025, 2, 8), date(2026, 2, 14), date(2026, 2, 28)):
        assert PLAIN.kind_of(day) is DayKind.VACATION


def test_a_year_not_yet_announced_is_monday_to_friday_and_says_so() -> None:
    assert PLAIN.honest(2025)
    assert PLAIN.honest(2026)
    assert not PLAIN.honest(2027)
    assert PLAIN.kind_of(date(2027, 10, 1)) is DayKind.SCHOOL_DAY
    term = PLAIN.terms(2027)[1]
    days = [term.first + n * DAY for n in range(term.days)]
    assert all(PLAIN.is_school_day(day) is (day.weekday() < 5) for day in days)
    caveat = PLAIN.caveat(date(2026, 12, 1), date(2027, 1, 10))
    assert caveat
    assert caveat.msgid == "The holidays of {years} are not announced yet; I reckon with Monday to Friday."
    assert PLAIN.caveat(date(2026, 1, 1), date(2026, 12, 31)) is None


def test_the_tables_are_handed_in() -> None:
    bare = Calendar(holidays={})
    assert bare.kind_of(date(2026, 10, 1)) is DayKind.SCHOOL_DAY
    assert not bare.honest(2026)


# --- as it is mostly


@pytest.mark.parametrize("year", SCHOOL_YEARS)
def test_the_usual_school_year_is_what_schools_have(year: int) -> None:
    spring, autumn = PLAIN.terms(year)
    assert date(year, 9, 1) <= autumn.first <= date(year, 9, 3)
    assert date(year + 1, 1, 1) <= autumn.last <= date(year + 1, 2, 7)
    assert date(year, 2, 1) <= spring.first <= date(year, 3, 10)
    assert date(year, 6, 27) <= spring.last <= date(year, 7, 3)
    assert spring.first.weekday() == 0
    assert spring.last.weekday() == autumn.last.weekday() == 4
    assert autumn.first.weekday() < 5
    winter = PLAIN.winter(year)
    assert winter.first + timedelta(days=14) <= spring_festival(year) <= winter.last - timedelta(days=11)
    assert 28 <= winter.days <= 44


def test_the_announced_spring_festivals_are_those_of_the_table() -> None:
    for year in range(2005, 2027):
        assert PLAIN.holidays[spring_festival(year)].name.msgid == "Spring Festival"


@given(st.dates(date(2004, 1, 1), date(2090, 12, 31)))
def test_each_day_lies_in_a_term_or_in_a_vacation(day: date) -> None:
    vacation, term = PLAIN.vacation(day), PLAIN.term(day)
    assert (vacation is None) is not (term is None)
    assert PLAIN.next_vacation(day).last >= day
    if vacation:
        assert PLAIN.kind_of(day) is DayKind.VACATION
        assert not PLAIN.is_school_day(day)


def test_terms_and_vacations_have_names_and_keys() -> None:
    term, winter = PLAIN.term(date(2026, 12, 31)), PLAIN.vacation(date(2027, 2, 6))
    assert term
    assert winter
    assert (term.key, term.half, winter.key) == ("2026-autumn", Half.AUTUMN, "2027-winter")
    assert PLAIN.term(date(2027, 1, 4)) == term


# --- as the coordinator has set it


def test_a_free_day_and_its_name() -> None:
    calendar = with_(free(date(2026, 11, 25), name="雪天停课"))
    assert calendar.kind_of(date(2026, 11, 25)) is DayKind.FREE_DAY
    assert calendar.name_of(date(2026, 11, 25)).msgid == "雪天停课"
    assert calendar.is_school_day(date(2026, 11, 26))


def test_of_two_entries_for_a_day_the_later_counts() -> None:
    day = date(2026, 11, 25)
    assert with_(free(day), school(day)).is_school_day(day)
    assert not with_(school(day), free(day)).is_school_day(day)


def test_a_school_day_on_a_holiday_or_in_a_vacation() -> None:
    assert with_(school(date(2027, 1, 2))).kind_of(date(2027, 1, 2)) is DayKind.MAKE_UP
    assert with_(school(date(2026, 10, 7))).kind_of(date(2026, 10, 7)) is DayKind.MAKE_UP
    assert with_(school(date(2026, 7, 6), date(2026, 7, 8))).is_school_day(date(2026, 7, 7))


def test_a_free_friday_makes_a_long_weekend() -> None:
    calendar = with_(free(date(2026, 11, 27)))
    assert calendar.long_holiday(date(2026, 11, 28)) == Span(date(2026, 11, 27), date(2026, 11, 29))
    assert PLAIN.long_holiday(date(2026, 11, 28)) is None
    assert PLAIN.days_off(date(2026, 11, 28)) == Span(date(2026, 11, 28), date(2026, 11, 29))


def test_a_vacation_that_was_set_takes_the_place_of_the_usual_one() -> None:
    calendar = with_(vacation(date(2027, 1, 16), date(2027, 2, 14), "寒假"))
    assert calendar.winter(2027).first == date(2027, 1, 16)
    assert calendar.term(date(2027, 2, 15)) == calendar.terms(2027)[0]
    assert calendar.terms(2026)[1].last == date(2027, 1, 15)
    assert calendar.is_school_day(date(2027, 2, 15))
    assert calendar.winter(2028) == PLAIN.winter(2028)
    assert calendar.name_of(date(2027, 2, 1)).msgid == "寒假"


def test_a_short_one_beside_the_usual_makes_it_longer() -> None:
    early = with_(vacation(date(2026, 6, 29), date(2026, 7, 5)))
    assert (early.summer(2026).first, early.summer(2026).last) == (date(2026, 6, 29), date(2026, 8, 31))
    late = with_(vacation(date(2026, 9, 1), date(2026, 9, 4)))
    assert late.terms(2026)[1].first == date(2026, 9, 5)


def test_an_autumn_break_is_a_vacation_within_its_term() -> None:
    calendar = with_(vacation(date(2026, 11, 4), date(2026, 11, 8), "秋假"))
    found = calendar.vacation(date(2026, 11, 5))
    assert found
    assert found.kind is Break.OTHER
    assert calendar.term(date(2026, 11, 5)) == PLAIN.term(date(2026, 11, 5))
    assert not calendar.is_school_day(date(2026, 11, 5))
    assert calendar.next_vacation(date(2026, 11, 5)).kind is Break.WINTER


def test_a_term_that_was_set_moves_the_edges_of_its_vacations() -> None:
    calendar = with_(Override(date(2027, 2, 24), date(2027, 6, 25), Change.TERM))
    spring = calendar.terms(2027)[0]
    assert (spring.first, spring.last) == (date(2027, 2, 24), date(2027, 6, 25))
    assert calendar.winter(2027).last == date(2027, 2, 23)
    assert calendar.summer(2027).first == date(2027, 6, 26)
    assert calendar.terms(2026) == (PLAIN.terms(2026)[0], calendar.terms(2026)[1])


def test_an_autumn_term_that_was_set() -> None:
    calendar = with_(Override(date(2026, 8, 31), date(2027, 1, 15), Change.TERM))
    autumn = calendar.terms(2026)[1]
    assert (autumn.first, autumn.last) == (date(2026, 8, 31), date(2027, 1, 15))
    assert calendar.vacation(date(2027, 1, 18))


_changes = st.builds(
    lambda first, days, change: Override(first, first + days * DAY, change),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 80),
    st.sampled_from(list(Change)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_changes, max_size=5), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_whatever_is_set_every_day_has_one_kind(changes: list[Override], day: date) -> None:
    calendar = with_(*changes)
    kind = calendar.kind_of(day)
    assert calendar.is_school_day(day) is (kind in {DayKind.SCHOOL_DAY, DayKind.MAKE_UP})
    singles = [one for one in changes if day in one and one.change in (Change.FREE_DAY, Change.SCHOOL_DAY)]
    if singles:
        assert calendar.is_school_day(day) is (singles[-1].change is Change.SCHOOL_DAY)
    calendar.name_of(day)
    calendar.term(day)


def test_where_a_whole_year_is_free_there_is_no_last_school_day() -> None:
    calendar = with_(free(date(2025, 1, 1), date(2027, 12, 31)))
    with pytest.raises(LookupError):
        calendar.last_school_day(date(2027, 6, 1))
