"""Types of what a record holds, which also read what a person typed.

A validation context (`Reading`) means that the value was typed by a person; without one it is a stored, canonical
value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from care.days import DayError, DayProblem, Part, When, read_day
from care.people import Labelled
from care.text import T, Text, lines, words
from care.words import Words

NOTE_LENGTH = 20_000
PARAGRAPH_LENGTH = 1500
LINE_LENGTH = 200
PASSAGE_LENGTH = 3000
"""What fits into one message, with a heading."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to read a typed answer: the moment in the district's own time, and the words people use."""

    now: datetime
    words: Words


class BadAnswer(ValueError):
    """The answer cannot be taken as it is; `says` tells the person why and what would do."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.msgid)
        self.says = says


_DAY_PROBLEMS = {
    DayProblem.UNREADABLE: T(
        "I could not make out which day you mean. You can tap one, or type it like “yesterday”, “last Friday” or “6.1”."
    ),
    DayProblem.NO_SUCH_DAY: T("There is no such day in the calendar. Which day was it?"),
    DayProblem.IN_FUTURE: T("That day has not come yet. Which day was it?"),
    DayProblem.TOO_LONG_AGO: T("That is too long ago to log here. Which day was it?"),
    DayProblem.AMBIGUOUS: T("That could be more than one day. Please tap the day, or type the date like “6.1”."),
}
_PAST_AGAIN = T("That day is already over. By which day should it be done?")


def _day(direction: Literal["past", "future"]) -> BeforeValidator:
    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(info.context, Reading) or not isinstance(value, str):
            return value
        today = info.context.now.date()
        earliest, latest = (
            (today - timedelta(days=366), today) if direction == "past" else (today, today + timedelta(days=366))
        )
        try:
            return read_day(
                value, today=today, words=info.context.words, direction=direction, earliest=earliest, latest=latest
            ).day
        except DayError as error:
            if direction == "future" and error.problem is DayProblem.TOO_LONG_AGO:
                raise BadAnswer(_PAST_AGAIN) from None
            raise BadAnswer(_DAY_PROBLEMS[error.problem]) from None

    return BeforeValidator(read)


_NO_MOMENT = T("I could not read a time in that. You can tap one, or type it like “tomorrow 8:00”.")
_MOMENT_OVER = T("That time is over already. When shall it be?")
_WHICH_HALF = T("Is that in the morning or in the afternoon? Please type it like “15:00”.")
_PICKED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_HOURS = {None: 8, Part.MORNING: 8, Part.NOON: 12, Part.AFTERNOON: 15, Part.EVENING: 19}
"""What is meant where no hour is named."""
_EARLY = time(7)


def _moment(value: Any, info: ValidationInfo) -> Any:
    """A time to come: picked (local, in ISO form) or typed."""
    if not isinstance(info.context, Reading) or not isinstance(value, str):
        return value
    now = info.context.now
    if _PICKED.fullmatch(value):
        found = datetime.fromisoformat(value).replace(tzinfo=now.tzinfo)
    else:
        found = _typed_moment(value, info.context)
    if found <= now:
        raise BadAnswer(_MOMENT_OVER)
    return found


def _typed_moment(value: str, reading: Reading) -> datetime:
    """An hour alone is that of today, or of tomorrow where it is over."""
    try:
        when = _clocked(value, reading)
    except DayError as error:
        if error.problem is not DayProblem.UNREADABLE:
            raise BadAnswer(_DAY_PROBLEMS[error.problem] if not error.day else _MOMENT_OVER) from None
        try:
            when = _clocked(f"today {value}", reading)
        except DayError:
            raise BadAnswer(_NO_MOMENT) from None
        if _at(when, reading) <= reading.now:
            when = replace(when, day=when.day + timedelta(days=1))
    return _at(when, reading)


def _clocked(value: str, reading: Reading) -> When:
    """Eight o'clock without more is in the morning; three o'clock could be either."""
    today = reading.now.date()

    def read(typed: str) -> When:
        latest = today + timedelta(days=366)
        return read_day(typed, today=today, words=reading.words, direction="future", latest=latest)

    when = read(value)
    if when.at is None:
        try:
            clock = read(f"{value} am").at
        except DayError:
            return when
        if clock is not None and clock < _EARLY:
            raise BadAnswer(_WHICH_HALF)
        return replace(when, at=clock)
    return when


def _at(when: When, reading: Reading) -> datetime:
    return datetime.combine(when.day, when.at or time(_HOURS[when.part]), tzinfo=reading.now.tzinfo)


def _count(most: int, read_number: Callable[[Words, str], int | None] = Words.number) -> BeforeValidator:
    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(info.context, Reading) or not isinstance(value, str):
            return value
        number = read_number(info.context.words, value)
        if number is None:
            raise BadAnswer(T("Please send a number, like 12."))
        if not 0 <= number <= most:
            raise BadAnswer(T("That number does not look right; it can be from 0 to {most}.", most=most))
        return number

    return BeforeValidator(read)


def blank(text: str) -> bool:
    """Whether nothing of it can be seen: spaces, marks without width, the fillers of some scripts."""
    return all(letter in _UNSEEN or unicodedata.category(letter) in _SPACE for letter in text)


_UNSEEN = frozenset("\u2800\u3164\u115f\u1160\uffa0")
_SPACE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


def _note(most: int) -> AfterValidator:
    def check(value: str) -> str:
        text = value.strip()
        if blank(text):
            raise BadAnswer(T("That was empty. Please type a few words."))
        if len(text) > most:
            raise BadAnswer(
                T(
                    "That is {count} characters; up to {most} fit here. Please say it a little shorter.",
                    count=len(text),
                    most=most,
                )
            )
        return text

    return AfterValidator(check)


def _split(value: Any, info: ValidationInfo) -> Any:
    if isinstance(info.context, Reading) and isinstance(value, str):
        return tuple(
            part.strip() for part in value.replace("\uff1b", "\n").replace(";", "\n").splitlines() if part.strip()
        )
    return value


PastDay = Annotated[date, _day("past")]
FutureDay = Annotated[date, _day("future")]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Note = Annotated[str, _note(NOTE_LENGTH)]
Paragraph = Annotated[str, _note(PARAGRAPH_LENGTH)]
Line = Annotated[str, _note(LINE_LENGTH)]
Passage = Annotated[str, _note(PASSAGE_LENGTH)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_split)]
Minutes = Annotated[int, _count(24 * 60, Words.minutes)]
HeadCount = Annotated[int, _count(5000)]
ChildId = Annotated[str, Field(min_length=1, max_length=16)]


class MediaKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"


class Media(BaseModel):
    """A photo, voice note, video or file as the channel knows it; `size` in bytes, `seconds` for sound and video."""

    model_config = ConfigDict(frozen=True)

    kind: MediaKind
    file_id: str
    unique_id: str = ""
    size: int = 0
    seconds: int = 0
    caption: str = ""
    mime: str = ""
    name: str = ""
    document: str = ""
    """The id of a document of our own, which is sent from here and has no `file_id` yet."""


class Level(Labelled):
    """How much something worries the person who reports it."""

    NONE = "none", T("No worry")
    WATCH = "watch", T("🟡 Keep an eye on it")
    URGENT = "urgent", T("🔴 Urgent")


class Correction(Labelled):
    """Why a record was changed after it was stored."""

    WRONG_ANSWER = "wrong_answer", T("an answer was wrong")
    WRONG_CHILD = "wrong_child", T("the wrong child")
    WRONG_DAY = "wrong_day", T("the wrong day")
    FORGOTTEN = "forgotten", T("something was missing")
    REWORDED = "reworded", T("better wording")


class PartOfDay(Labelled):
    MORNING = "morning", T("morning")
    AFTERNOON = "afternoon", T("afternoon")
    EVENING = "evening", T("evening")


def own_lines(parts: tuple[str, ...]) -> Text:
    """People's own lines, one below the other."""
    return T("{lines}", lines=lines(words(part) for part in parts))
