"""The people: who they are, in which roles, and how far each role reaches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from care.text import T, Text


class Labelled(StrEnum):
    """An enum whose members carry what a person reads for them: `NAME = "value", T("label")`."""

    label: Text

    def __new__(cls, value: str, label: Text) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def of(cls, value: str) -> Self:
        """The member with this value; KeyError where there is none."""
        return cls._value2member_map_[value]  # type: ignore[return-value]


class Role(Labelled):
    VOLUNTEER = "volunteer", T("love mother or volunteer")
    TEACHER = "teacher", T("teacher")
    COUNSELLOR = "counsellor", T("counsellor")
    GUARDIAN = "guardian", T("guardian")
    HOME_LEAD = "home_lead", T("head of the home")
    LEADER = "leader", T("responsible leader")
    COORDINATOR = "coordinator", T("coordinator")


HOME_ROLES = frozenset({Role.TEACHER, Role.HOME_LEAD, Role.LEADER, Role.COUNSELLOR})
CHILD_ROLES = frozenset({Role.VOLUNTEER, Role.GUARDIAN})


@dataclass(frozen=True, slots=True)
class Grant:
    """One role with its scope: `homes` for roles of a home, `children` for volunteers and guardians, neither for the
    district."""

    role: Role
    homes: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """The known person behind a chat, with the roles they hold at this moment. `person_id` is empty for a stranger."""

    person_id: str
    chat_id: int
    language: str
    grants: tuple[Grant, ...] = ()
    name: str = ""
    chosen_language: bool = False
    unreachable: bool = False
    """What was last sent found nobody there; anything that they do clears it."""
    stands_for: frozenset[str] = frozenset()
    """The ids of those who are away today and whose deputy this is; what they may is among the grants."""

    @property
    def known(self) -> bool:
        return bool(self.person_id)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which children somebody may reach for one Action: the whole district, whole homes, or single children."""

    district: bool = False
    homes: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        return not (self.district or self.homes or self.children)
