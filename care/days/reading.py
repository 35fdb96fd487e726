"""A typed message is read as a day, with the part of it and the time of the clock where they are given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Literal

from care.days.calendar import Standpoint
from care.days.day import DayError, DayProblem, Part, When
from care.days.forms import DAY_FORMS, Form, Values, forms_at
from care.words.lexicon import Kind, Token
from care.words.normal import short
from care.words.vocabulary import Words


@dataclass(frozen=True, slots=True)
class _Found:
    """What the message names so far. `bare` are weekdays without a week."""

    days: tuple[date, ...] = ()
    bare: tuple[date, ...] = ()
    part: Part | None = None
    clock: Values = field(default_factory=dict)


def read_day(
    typed: str,
    *,
    today: date,
    words: Words,
    direction: Literal["past", "future"] = "past",
    earliest: date | None = None,
    latest: date | None = None,
) -> When:
    """The day that the whole message names; raises DayError.

    Unless other bounds are given, a past day is today at the latest, and a coming one today at the earliest.
    """
    seen = Standpoint(today, direction == "past")
    tokens = words.lexicon.tokens(short(typed))
    when = _settled(_read(tokens or [], seen))
    latest = today if latest is None and seen.past else latest
    earliest = today if earliest is None and not seen.past else earliest
    if latest is not None and when.day > latest:
        raise DayError(DayProblem.IN_FUTURE, when.day)
    if earliest is not None and when.day < earliest:
        raise DayError(DayProblem.TOO_LONG_AGO, when.day)
    return when


def _read(tokens: Sequence[Token], seen: Standpoint) -> _Found:
    letters = "".join(token.kind for token in tokens)
    found, at = _Found(), 0
    while at < len(tokens):
        reached = _read_part(letters, tokens, at, found) or _read_day(letters, tokens, at, found, seen)
        if reached is None:
            if not _joins(tokens, at, seen):
                raise DayError(DayProblem.UNREADABLE)
            reached = at + 1, found
        at, found = reached
    return found


def _joins(tokens: Sequence[Token], at: int, seen: Standpoint) -> bool:
    """A dash between two days is a 'to'; 'by' and 'before' say nothing where a promise is meant."""
    if tokens[at].kind is Kind.SEPARATOR:
        return tokens[at].value != "." and 0 < at < len(tokens) - 1
    return not seen.past and (tokens[at].kind is Kind.BY or (tokens[at].kind is Kind.AGO and at > 0))


def _read_day(
    letters: str, tokens: Sequence[Token], at: int, found: _Found, seen: Standpoint
) -> tuple[int, _Found] | None:
    for end, form, values in forms_at(letters, tokens, at, DAY_FORMS):
        day = form.day(values, seen)
        if day and form.bare:
            return end, replace(found, bare=(*found.bare, day))
        if day:
            return end, replace(found, days=(*found.days, day))
    return None


def _read_part(letters: str, tokens: Sequence[Token], at: int, found: _Found) -> tuple[int, _Found] | None:
    """A part of the day or a time of the clock; either can be given once."""
    if letters[at] == "P" and found.part is None:
        return at + 1, replace(found, part=Part(str(tokens[at].value)))
    if not found.clock and (clock := next(forms_at(letters, tokens, at, _CLOCK_FORMS), None)):
        return clock[0], replace(found, clock=clock[2])
    return None


def _settled(found: _Found) -> When:
    """All that was named must be one and the same day."""
    days = set(found.days or found.bare)
    if not days:
        raise DayError(DayProblem.UNREADABLE)
    day = min(days)
    if len(days) > 1 or any(named.weekday() != day.weekday() for named in found.bare):
        raise DayError(DayProblem.AMBIGUOUS)
    at = _time(found.clock, found.part)
    return When(day, found.part or (None if at is None else _part_of(at)), at)


def _time(clock: Values, part: Part | None) -> time | None:
    if not clock:
        return None
    hour, minute = clock["hour"], _minute(clock)
    half = clock.get("half_day") or (_HALF_DAYS[part] if part else None)
    if hour > 23 or minute > 59:
        raise DayError(DayProblem.UNREADABLE)
    if hour > 12 or hour == 0:
        return time(hour, minute)
    if half is None:
        return None
    if part is Part.NOON and hour >= 10:
        return time(hour, minute)
    night = part is Part.EVENING and not clock.get("half_day") and (hour == 12 or hour < 5)
    return None if night else time(hour % 12 + (12 if half == "pm" else 0), minute)


def _minute(clock: Values) -> int:
    if "half" in clock:
        return 30
    return int(clock.get("minute", 0)) + 15 * int(clock.get("quarters", 0))


def _part_of(at: time) -> Part:
    if at.hour < 11:
        return Part.MORNING
    if at.hour < 13:
        return Part.NOON
    return Part.AFTERNOON if at.hour < 18 else Part.EVENING


_HALF_DAYS = {Part.MORNING: "am", Part.NOON: "pm", Part.AFTERNOON: "pm", Part.EVENING: "pm"}


def _clock_form(pattern: str) -> Form:
    return Form(re.compile(pattern), lambda values, seen: None)


_CLOCK_FORMS = (
    _clock_form("(?P<hour>[NC])O(?:(?P<half>h)|(?P<minute>[NC])I)?(?P<half_day>Q)?"),
    _clock_form("(?P<hour>[NC])O(?P<quarters>[NC])q"),
    _clock_form("(?P<hour>N)c(?P<minute>N)(?P<half_day>Q)?"),
    _clock_form("(?P<hour>[NC])(?P<half_day>Q)"),
)
