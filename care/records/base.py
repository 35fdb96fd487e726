"""What every record has in common."""

from __future__ import annotations

from datetime import date
from enum import Enum
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
    def own_words(self) -> tuple[str, ...]:
        """Everything that somebody wrote in it."""
        ids = {*self.about, self.home_id, self.corrects}
        values = [getattr(self, name) for name in type(self).model_fields]
        parts = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
        told = [part.caption if isinstance(part, Media) else part for part in parts]
        return tuple(part for part in told if isinstance(part, str) and not isinstance(part, Enum) and part not in ids)

    @property
    def happened_on(self) -> date:
        return self.on
