"""A notice: one text for many, in each language, and what became of it with each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from care.people import Role
from care.records.fields import Media, Moment, Passage
from care.safety import Topic

READERS = (Role.GUARDIAN, Role.VOLUNTEER, Role.TEACHER, Role.COUNSELLOR, Role.HOME_LEAD, Role.LEADER)
"""Whom a notice can go to; coordinators see all of them anyway."""

LASTS = timedelta(days=7)
"""What could not be sent within this time is of no more use."""

LATE = timedelta(days=1)
"""A notice that could not begin at its time still goes out within this one."""


class Notice(BaseModel):
    """What a coordinator answers. `text` is in their own language, `other` in the other one; no `at`: at once."""

    model_config = ConfigDict(frozen=True)

    text: Passage
    other: Passage | None = None
    media: tuple[Media, ...] = ()
    roles: tuple[Role, ...]
    homes: tuple[str, ...]
    at: Moment | None = None
    emergency: bool = False
    topic: Topic | None = None
    """One of the summer's safety topics: it need not be told by itself then."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who holds one of these roles at one of these homes; without homes: in the whole district."""

    roles: tuple[Role, ...]
    homes: tuple[str, ...] = ()


class Stage(StrEnum):
    """How far a notice is. `missed`: its time passed while nobody was there to send it."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    CANCELLED = "cancelled"
    MISSED = "missed"


class Fate(StrEnum):
    """What became of a notice with one person; being acknowledged comes on top of it."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NO_CHAT = "no_chat"
    UNREACHABLE = "unreachable"
    BY_PHONE = "by_phone"
    AT_DOOR = "at_door"


TOLD = (Fate.BY_PHONE, Fate.AT_DOOR)
"""Somebody has told them, and says so."""
NOT_ARRIVED = (Fate.FAILED, Fate.UNKNOWN, Fate.EXPIRED)
