"""ContactEntry: one visit, call or letter, logged on the child's contact card (爱心联系卡)."""

from __future__ import annotations

from typing import ClassVar

from care.people import Labelled
from care.records.base import Record
from care.records.fields import ChildId, FutureDay, Line, Minutes, Note
from care.text import T, Text


class How(Labelled):
    FAMILY_VISIT = "family_visit", T("🏠 family visit")
    SCHOOL_VISIT = "school_visit", T("🏫 visit at school")
    PHONE = "phone", T("📞 phone call")
    VIDEO = "video", T("📹 video call")
    MESSAGE = "message", T("💬 message")
    LETTER = "letter", T("✉️ letter")
    OUTING = "outing", T("🌳 outing together")


class Mood(Labelled):
    """Five steps, and the answer of someone who tried in vain: nobody was reached."""

    CHEERFUL = "cheerful", T("😄 cheerful")
    CONTENT = "content", T("🙂 fine")
    SO_SO = "so_so", T("😐 so-so")
    LOW = "low", T("🙁 a bit low")
    UPSET = "upset", T("😢 upset")
    NOT_MET = "not_met", T("🚪 did not reach the child")


class Company(Labelled):
    GRANDPARENTS = "grandparents", T("grandparents")
    PARENTS = "parents", T("a parent")
    RELATIVES = "relatives", T("relatives")
    CLASSMATES = "classmates", T("classmates")
    TEACHER = "teacher", T("teacher")


class ContactEntry(Record):
    kind: ClassVar[str] = "contact_entry"
    title = T("Contact")

    child: ChildId
    how: How
    mood: Mood
    minutes: Minutes | None = None
    company: tuple[Company, ...] = ()
    study: Note | None = None
    life: Note | None = None
    gifts: Line | None = None
    asked_for: Line | None = None
    note: Note | None = None
    follow_up: Line | None = None
    follow_up_by: FutureDay | None = None

    @property
    def about(self) -> tuple[ChildId, ...]:
        return (self.child,)

    @property
    def headline(self) -> Text:
        return self.how.label if self.made else T("{how} (not reached)", how=self.how.label)

    @property
    def made(self) -> bool:
        """Whether the child was reached, or the contact only attempted."""
        return self.mood is not Mood.NOT_MET
