"""What a coordinator decides about people: an invitation, a pairing."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from care.people import Role
from care.records.fields import ChildId, HeadCount, Line


class Invitation(BaseModel):
    model_config = ConfigDict(frozen=True)

    role: Role
    home: str | None = None
    child: ChildId | None = None
    person: str | None = None
    """Somebody who is on the roster already and has no chat with us yet."""
    name: Line | None = None


class Pairing(BaseModel):
    """`rhythm_days`: how many days may pass between two contacts."""

    model_config = ConfigDict(frozen=True)

    volunteer: str
    child: ChildId
    rhythm_days: HeadCount = 14


class Choosing(BaseModel):
    """One thing to look up."""

    model_config = ConfigDict(frozen=True)

    one: str
