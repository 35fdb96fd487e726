"""What people add to a monthly report by hand. `place` says where it belongs: '<home>.<period>', with '.<number of the
section>' behind it, or the id of an item."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from care.records.fields import Line, Media, Paragraph, PastDay


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    place: str


class SectionWords(_Form):
    told: Paragraph


class ItemWords(_Form):
    title: Line | None = None
    paragraph: Paragraph
    on: PastDay | None = None
    media: tuple[Media, ...] = ()


class ReasonGiven(_Form):
    reason: Paragraph
