"""Concerns (重点关注): a child whom somebody worries about, who looks after it, and how often it is asked again until
somebody does. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from care.people import Labelled, Role
from care.records.fields import ChildId, Note
from care.text import T

FIRST_TO_HEAR = (Role.TEACHER, Role.HOME_LEAD, Role.COORDINATOR)
LEADER_AFTER = timedelta(minutes=30)
COORDINATOR_AFTER = timedelta(days=7)
"""So long after it was raised somebody further up hears of it: of an urgent one the leader, of another the
coordinator."""
IN_CONFIDENCE = (Role.HOME_LEAD, Role.COORDINATOR)
"""Who hears of words that point to harm: few, since those words may be about somebody near."""
_TEN = timedelta(minutes=10)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Gravity(Labelled):
    """How much a concern asks for."""

    WATCH = "watch", T("Keep an eye on it")
    URGENT = "urgent", T("Urgent")


class Lane(StrEnum):
    OPEN = "open"
    QUIET = "quiet"
    """Words pointed to harm: for few eyes, on no list of the day and in no report."""


class Closing(Labelled):
    SOLVED = "solved", T("It has been put right")
    MISTAKEN = "mistaken", T("It was a misunderstanding")
    HANDED_OVER = "handed_over", T("Police or authorities look after it")
    MOVED = "moved", T("The child has moved away")


class Raising(BaseModel):
    """What somebody reports by hand."""

    model_config = ConfigDict(frozen=True)

    child: ChildId
    level: Gravity
    words: Note | None = None
    exclude: str | None = None
    """The id of the person whom it concerns, who must not hear of it."""


class Stepping(BaseModel):
    model_config = ConfigDict(frozen=True)

    concern: str
    words: Note


class Ending(BaseModel):
    model_config = ConfigDict(frozen=True)

    concern: str
    why: Closing
    words: Note | None = None


def taken_in_time(level: Gravity, opened_at: datetime, taken_at: datetime) -> bool:
    """Before anybody further up was told."""
    return taken_at - opened_at < time_to_take(level)


def time_to_take(level: Gravity) -> timedelta:
    return LEADER_AFTER if level is Gravity.URGENT else COORDINATOR_AFTER


def asked_at(level: Gravity, lane: Lane, opened_at: datetime, now: datetime) -> datetime:
    """The last moment up to now at which it was to be asked who takes it on; the first is the opening itself."""
    gone = now - opened_at
    return opened_at + max((slot for slot in _slots(level, lane, gone) if slot <= gone), default=timedelta())


def asked_next(level: Gravity, lane: Lane, opened_at: datetime, now: datetime) -> datetime:
    """The first moment after now at which it is asked again."""
    gone = now - opened_at
    return opened_at + min(slot for slot in _slots(level, lane, gone) if slot > gone)


def _slots(level: Gravity, lane: Lane, gone: timedelta) -> list[timedelta]:
    """Of all moments at which it is asked those that matter here: the early ones, the last and the next."""
    if lane is Lane.QUIET:
        return [_HOUR, 4 * _HOUR, *_every(_DAY, gone)]
    if level is Gravity.URGENT:
        return [*(number * _TEN for number in range(1, 6)), *_every(_HOUR, gone)]
    return [3 * _DAY, *_every(7 * _DAY, gone)]


def _every(length: timedelta, gone: timedelta) -> list[timedelta]:
    count = gone // length
    return [length * number for number in (count, count + 1) if number > 0]
