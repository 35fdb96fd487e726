"""What every record has in common."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from care.records.fields import ChildId, Correction, Level, Media, Note, PastDay
from care.text import Text


class Record(BaseModel):
    """A fact of the programme. Its stored JSON outlives deploys: unknown keys are ignored, new fields have defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: ClassVar[str]
    title: ClassVar[Text]
    circle: ClassVar[bool] = False
    """A closed circle: only its author and those with the right to this kind's notes read the words."""

    on: PastDay
    concern: Level = Level.NONE
    concern_note: Note | None = None
    media: tuple[Media, ...] = ()
    corrects: str | None = None
    """The id of the version that this one takes the place of; `correction` says why."""
    correction: Correction | None = None

    @property
    def about(self) -> tuple[ChildId, ...]:
        """The children whom it is about."""
        return ()

    @property
    def headline(self) -> Text:
        """What it was, in a few words."""
        return self.title

    @property
    def home_id(self) -> str:
        """The home it belongs to, where the record itself names one."""
        return ""

    @property
    def happened_on(self) -> date:
        return self.on
