"""Activity: something that a home did together (活动); printed, it is the love activity registration form."""

from __future__ import annotations

from typing import ClassVar

from care.people import Labelled
from care.records.base import Record
from care.records.fields import ChildId, HeadCount, Line, Lines, Note, PartOfDay
from care.text import T, Text, words


class ActivityKind(Labelled):
    MORAL_EDUCATION = "moral_education", T("moral education")
    CULTURE_SPORTS = "culture_sports", T("culture and sports")
    GET_TOGETHER = "get_together", T("get-together")
    SOCIAL_PRACTICE = "social_practice", T("social practice")
    FESTIVAL = "festival", T("traditional festival")
    SAFETY_EDUCATION = "safety_education", T("safety education")
    HEALTH = "health", T("health")
    PARENT_CHILD = "parent_child", T("parent and child")
    FAMILY_EDUCATION = "family_education", T("family-education meeting")
    GIFT = "gift", T("gifts and donations")
    MEETING = "meeting", T("meeting")
    COACHING = "coaching", T("training and coaching")
    PUBLICITY = "publicity", T("publicity")


class Partner(Labelled):
    WOMENS_FEDERATION = "womens_federation", T("Women's Federation")
    YOUTH_LEAGUE = "youth_league", T("Youth League")
    CARE_COMMITTEE = "care_committee", T("Committee for the Next Generation")
    LIVELIHOOD_OFFICE = "livelihood_office", T("People's Livelihood Office")
    FIRE_BRIGADE = "fire_brigade", T("fire brigade")
    CLINIC = "clinic", T("clinic or hospital")
    ARMY = "army", T("army")
    COMMUNITY = "community", T("community or village")
    ENTERPRISE = "enterprise", T("enterprise")


class Activity(Record):
    kind: ClassVar[str] = "activity"
    title = T("Activity")

    home: str
    what: ActivityKind
    name: Line | None = None
    children: tuple[ChildId, ...] = ()
    head_count: HeadCount | None = None
    volunteers: HeadCount | None = None
    guardians: HeadCount | None = None
    part_of_day: PartOfDay | None = None
    place: Line | None = None
    campaign: Line | None = None
    partners: tuple[Partner, ...] = ()
    parts: Lines = ()
    gifts: Line | None = None
    outcome: Note | None = None

    @property
    def about(self) -> tuple[ChildId, ...]:
        return self.children

    @property
    def headline(self) -> Text:
        return words(self.name) if self.name else self.what.label

    @property
    def home_id(self) -> str:
        return self.home

    @property
    def took_part(self) -> int | None:
        """How many children were there: counted by the ticks, else the number given."""
        return len(self.children) or self.head_count
