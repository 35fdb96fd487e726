"""Somebody is away for some days, and somebody else stands in meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from care.people import Role
from care.records.fields import FutureDay
from care.text import T, Text, words

ABOVE: Mapping[Role, Role] = MappingProxyType(
    {
        Role.VOLUNTEER: Role.TEACHER,
        Role.TEACHER: Role.HOME_LEAD,
        Role.HOME_LEAD: Role.COORDINATOR,
        Role.LEADER: Role.COORDINATOR,
    }
)
"""One level up: who is asked where nobody stands in."""
HIGHEST_FIRST = (Role.COORDINATOR, Role.LEADER, Role.HOME_LEAD, Role.TEACHER, Role.VOLUNTEER)
LENT = frozenset(ABOVE)
"""What a deputy may do for as long as the absence lasts. Only a coordinator stands in for a coordinator, and has it."""
NOBODY = "-"


def foremost(roles: Collection[Role]) -> Role | None:
    """By which a deputy is looked for; None for who has no duties (families)."""
    return next((role for role in HIGHEST_FIRST if role in roles), None)


@dataclass(frozen=True, slots=True)
class Away:
    """In whose place somebody is asked: the absence's id, the name of who is away, and its last day."""

    absence_id: str
    name: str
    until: date

    def told(self, text: Text) -> Text:
        """What the deputy reads: for whom it is."""
        return T(
            "<i>For {name}, who is away until {day}:</i>\n{text}", name=words(self.name), day=self.until, text=text
        )


class GoingAway(BaseModel):
    """`who` is None for oneself, `deputy` the id of a person, or NOBODY. The last day is included."""

    model_config = ConfigDict(frozen=True)

    who: str | None = None
    until: FutureDay
    deputy: str
