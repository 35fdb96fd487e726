"""Days as people type them: the phrase files, and what must hold for any day and any text."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.days import DayError, DayProblem, month_weeks, read_day
from care.words import Words
from tests.care.phrases import rows

TODAY = date(2026, 6, 10)
YEAR = timedelta(days=366)
DAYS = st.dates(date(2000, 1, 1), date(2080, 12, 31))
CHARACTERS = "零一二三四五六七八九"
PHRASES = rows("days_zh.tsv") + rows("days_en.tsv")


def told(words: Words, typed: str, direction: str = "past", today: date = TODAY) -> str:
    earliest, latest = (today - YEAR, today) if direction == "past" else (today, today + YEAR)
    try:
        when = read_day(typed, today=today, words=words, direction=direction, earliest=earliest, latest=latest)
    except DayError as error:
        return error.problem.value
    return " ".join(filter(None, (f"{when.day}", when.part or "", f"{when.at:%H:%M}" if when.at else "")))


@pytest.mark.parametrize(("typed", "direction", "expected"), PHRASES)
def test_phrase(words: Words, typed: str, direction: str, expected: str) -> None:
    assert told(words, typed, direction) == expected


def test_enough_phrases() -> None:
    assert len(rows("days_zh.tsv")) >= 60
    assert len(rows("days_en.tsv")) >= 40
    assert len({phrase[:2] for phrase in PHRASES}) == len(PHRASES)


def spelled(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = {0: "", 1: "十"}.get(tens, f"{CHARACTERS[tens]}十")
    return head + (CHARACTERS[ones] if ones else "")


def full_forms(day: date) -> list[str]:
    year = "".join(CHARACTERS[int(digit)] for digit in str(day.year))
    return [
        f"{day}",
        f"{day:%Y.%m.%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{day.month}月{day.day}号 星期{'一二三四五六日'[day.weekday()]}",
        f"{year}年{spelled(day.month)}月{spelled(day.day)}日",
        f"{day.day} {day:%B} {day.year}",
        f"{day:%A}, {day:%B} {day.day}, {day.year}",
        f"{day:%b} {day.day} {day.year}",
    ]


def short_forms(day: date) -> list[str]:
    suffix = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return [
        f"{day.month}月{day.day}日",
        f"{spelled(day.month)}月{spelled(day.day)}号",
        f"{day.month}.{day.day}",
        f"{day.month}/{day.day}",
        f"{day:%m-%d}",
        f"{day:%B} {day.day}",
        f"{day.day} {day:%b}",
        f"the {day.day}{suffix} of {day:%B}",
    ]


@given(day=DAYS)
@settings(max_examples=60, deadline=None)
def test_every_day_with_its_year_reads_back(words: Words, day: date) -> None:
    for form in full_forms(day):
        assert read_day(form, today=day, words=words).day == day, form


@given(today=DAYS, ago=st.integers(0, 357))
@settings(max_examples=60, deadline=None)
def test_every_day_of_the_last_year_reads_back(words: Words, today: date, ago: int) -> None:
    day = today - timedelta(days=ago)
    for form in short_forms(day):
        assert read_day(form, today=today, words=words).day == day, form


@given(today=DAYS, ahead=st.integers(0, 357))
@settings(max_examples=60, deadline=None)
def test_every_day_of_the_next_year_reads_back(words: Words, today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    for form in short_forms(day):
        assert read_day(form, today=today, words=words, direction="future").day == day, form


@given(today=DAYS, ahead=st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_the_coming_week_is_not_thrown_back_by_a_year(words: Words, today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    for form in short_forms(day):
        with pytest.raises(DayError) as error:
            read_day(form, today=today, words=words)
        assert (error.value.problem, error.value.day) == (DayProblem.IN_FUTURE, day)


@given(today=DAYS, weekday=st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_weekdays(words: Words, today: date, weekday: int) -> None:
    chinese, english = "一二三四五六日"[weekday], calendar.day_name[weekday]
    monday = today - timedelta(days=today.weekday())
    latest = read_day(f"周{chinese}", today=today, words=words).day
    assert latest.weekday() == weekday
    assert timedelta(0) <= today - latest < timedelta(days=7)
    assert read_day(english, today=today, words=words).day == latest
    assert read_day(f"上周{chinese}", today=today, words=words).day == monday + timedelta(days=weekday - 7)
    assert read_day(f"下星期{chinese}", today=today, words=words, direction="future").day == monday + timedelta(
        days=weekday + 7
    )
    last = read_day(f"last {english}", today=today, words=words).day
    assert last.weekday() == weekday
    assert timedelta(0) < today - last <= timedelta(days=7)


@given(today=DAYS, count=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_so_many_days_ago(words: Words, today: date, count: int) -> None:
    written = spelled(count) or "零"
    for form in (f"{count}天前", f"{written}天以前", f"{count} days ago"):
        assert read_day(form, today=today, words=words).day == today - timedelta(days=count), form


PIECES = st.one_of(
    st.sampled_from("6一三十零月日号年周上下天前后点半.-/:, 。\u200b\u202e😀<&x"),
    st.sampled_from(
        ["31", "2026", "20260601", "周三", "昨天", "下午", "去年", "月底", "last", "next", "week", "june", "may"]
    ),
    st.sampled_from(["of", "the", "th", "ago", "in", "a", "end", "pm", "<b>"]),
)
JUMBLED = st.lists(PIECES, max_size=12)
TEXTS = st.one_of(st.text(max_size=200), JUMBLED.map("".join), JUMBLED.map(" ".join))


@given(typed=TEXTS, today=st.dates(), direction=st.sampled_from(["past", "future"]))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_day_within_the_bounds_or_a_day_error(
    words: Words, typed: str, today: date, direction: str
) -> None:
    try:
        when = read_day(typed, today=today, words=words, direction=direction)
    except DayError:
        return
    assert when.day <= today if direction == "past" else when.day >= today


@pytest.mark.parametrize(
    "piece",
    ["", " ", "1", "昨天", "6月", "上", "的", "-", "6.", "一", "\u202e", "last ", "a ", "🙂", "<b>", "١٢"],
)
def test_long_text_is_no_day(words: Words, piece: str) -> None:
    assert told(words, piece * 10_000) == "unreadable"


def test_digits_of_other_scripts(words: Words) -> None:
    assert told(words, "٦.١") == told(words, "༦.༡") == "2026-06-01"


@pytest.mark.parametrize(
    ("today", "typed", "expected"),
    [
        (date(2028, 3, 1), "2月29日", "2028-02-29"),
        (date(2026, 12, 30), "1月2日", "in_future"),
        (date(2026, 1, 2), "12月30日", "2025-12-30"),
        (date(2026, 3, 31), "一个月前", "2026-02-28"),
        (date(2026, 7, 10), "31号", "in_future"),
        (date(2026, 6, 8), "上周日", "2026-06-07"),
        (date(2026, 6, 29), "月底", "in_future"),
        (date(2026, 6, 30), "月底", "2026-06-30"),
    ],
)
def test_edges_of_months_and_years(words: Words, today: date, typed: str, expected: str) -> None:
    assert told(words, typed, today=today) == expected


@given(day=DAYS)
@settings(max_examples=40, deadline=None)
def test_month_weeks(day: date) -> None:
    weeks = month_weeks(day.year, day.month)
    cells = [cell for week in weeks for cell in week]
    assert all(len(week) == 7 for week in weeks)
    assert all(cell is None or cell.weekday() == place % 7 for place, cell in enumerate(cells))
    assert [cell.day for cell in cells if cell] == list(range(1, calendar.monthrange(day.year, day.month)[1] + 1))
