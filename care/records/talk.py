"""Talk: a teacher's talk with one child or a few (谈心记录). A closed circle: its words are not echoed."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from care.people import Labelled
from care.records.base import Record
from care.records.fields import ChildId, FutureDay, Line, Note
from care.text import T


class Reason(Labelled):
    ROUTINE = "routine", T("as every month")
    AFTER_EVENT = "after_event", T("after something happened")
    ASKED_FOR = "asked_for", T("somebody asked for it")


class Topic(Labelled):
    STUDY = "study", T("study")
    LIFE = "life", T("daily life")
    FAMILY = "family", T("family")
    FRIENDS = "friends", T("friends")
    MOOD = "mood", T("mood")
    SAFETY = "safety", T("safety")
    CONDUCT = "conduct", T("conduct")


class Talk(Record):
    kind: ClassVar[str] = "talk"
    title = T("Talk")
    circle: ClassVar[bool] = True

    children: Annotated[tuple[ChildId, ...], Field(min_length=1)]
    reason: Reason
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]
    said: Note | None = None
    thinks: Note | None = None
    agreed: Note | None = None
    outcome: Note | None = None
    place: Line | None = None
    follow_up: Line | None = None
    follow_up_by: FutureDay | None = None
    family_informed: bool | None = None

    @property
    def about(self) -> tuple[ChildId, ...]:
        return self.children
