"""The monthly report (月报) of a home: it assembles itself from the period's records; people add items and words.

Only counts of talks and contacts stand in it, never a text from a closed circle, and no child's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator

from care.calendar import Period
from care.calendar.period import MONTHS
from care.people import Labelled
from care.records.activity import Activity
from care.records.base import Record
from care.records.contact_entry import ContactEntry
from care.records.fields import Media, MediaKind
from care.records.talk import Talk
from care.text import TN, T, Text, pack, phrase, unpack, words

ITEMS_WANTED = 2
Said = Annotated[
    Text, PlainValidator(lambda value: value if isinstance(value, Text) else unpack(value)), PlainSerializer(pack)
]
"""A Text that can be stored: our own sentence, or somebody's words."""


class ReportState(Labelled):
    DRAFT = "draft", T("not handed in")
    READY = "ready", T("ready for the head of the home")
    SUBMITTED = "submitted", T("handed in")
    RETURNED = "returned", T("sent back")
    ACCEPTED = "accepted", T("accepted")


STATES: Mapping[str, ReportState] = MappingProxyType({state.value: state for state in ReportState})
HANDED_IN = frozenset({ReportState.SUBMITTED, ReportState.ACCEPTED})


class Section(Labelled):
    CONSTRUCTION = "construction", T("Construction")
    MANAGEMENT = "management", T("Management")
    ACTIVITIES = "activities", T("Activities")
    PROGRESS = "progress", T("Progress")
    PROBLEMS = "problems", T("Problems and proposals")
    NEXT_MONTH = "next_month", T("Next month")


SECTIONS: Mapping[str, Section] = MappingProxyType({section.value: section for section in Section})


class _Value(BaseModel):
    """Its stored JSON outlives deploys: unknown keys are ignored, new fields have defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Figures(_Value):
    """Children are counted by the days on which they joined and left; `contacts` were made, `attempts` in vain."""

    start: int = 0
    joined: int = 0
    left: int = 0
    activities: int = 0
    talks: int = 0
    talked_with: int = 0
    contacts: int = 0
    attempts: int = 0
    check_ins: int = 0
    answered: int = 0

    @property
    def end(self) -> int:
        return self.start + self.joined - self.left


class ActivityLine(_Value):
    day: date
    title: Said
    kind: Said
    took_part: int | None = None

    @property
    def told(self) -> Text:
        if self.took_part:
            return TN(
                "{day}: {title} ({count} child)",
                "{day}: {title} ({count} children)",
                self.took_part,
                day=short_day(self.day),
                title=self.title,
            )
        return T("{day}: {title}", day=short_day(self.day), title=self.title)


class InfoItem(_Value):
    """An information item (信息稿). `record_id` names the record that it was made of."""

    id: str = ""
    record_id: str = ""
    title: Said
    day: date
    paragraph: Said
    author: str = ""
    photo: Media | None = None
    caption: str = ""


class Supplement(_Value):
    """What was logged for earlier periods after their report had been handed in."""

    activities: tuple[ActivityLine, ...] = ()
    talks: int = 0
    contacts: int = 0
    corrected: int = 0

    def __bool__(self) -> bool:
        return bool(self.activities or self.talks or self.contacts or self.corrected)

    @property
    def told(self) -> tuple[Text, ...]:
        counted = (
            (self.talks, TN("{count} talk", "{count} talks", self.talks)),
            (self.contacts, TN("{count} contact", "{count} contacts", self.contacts)),
            (self.corrected, TN("{count} entry corrected", "{count} entries corrected", self.corrected)),
        )
        return (*(line.told for line in self.activities), *(text for count, text in counted if count))


class MonthlyReport(_Value):
    """As it stands, or, once handed in, as it was then. Names of people are plain; `submitted_on` None: not yet."""

    home_id: str
    home_name: str
    period_key: str
    figures: Figures = Figures()
    activities: tuple[ActivityLine, ...] = ()
    items: tuple[InfoItem, ...] = ()
    sections: dict[Section, str] = {}
    supplement: Supplement = Supplement()
    nil_reason: str = ""
    prepared_by: str = ""
    reviewed_by: str = ""
    submitted_on: date | None = None

    @property
    def period(self) -> Period:
        return Period.read(self.period_key)

    @property
    def items_missing(self) -> int:
        return max(0, ITEMS_WANTED - len(self.items))

    @property
    def empty(self) -> tuple[Section, ...]:
        """Sections about which there is nothing to read yet; activities tell themselves."""
        return tuple(
            section
            for section in Section
            if not self.sections.get(section) and not (section is Section.ACTIVITIES and self.activities)
        )


def short_day(day: date) -> Text:
    """Day and month, as a form has it."""
    return T("{day_number} {month_name}", day_number=day.day, month_name=MONTHS[day.month - 1])


# --- a record becomes an information item


def activity_line(activity: Activity) -> ActivityLine:
    return ActivityLine(
        day=activity.on, title=activity.headline, kind=activity.what.label, took_part=activity.took_part
    )


def item_of(record: Record, *, author: str, record_id: str, home: str) -> InfoItem:
    """What may be told to everybody: no child's name, and nothing of what was said."""
    photo = None if record.circle else next((one for one in record.media if one.kind is MediaKind.PHOTO), None)
    return InfoItem(
        record_id=record_id,
        title=_title(record),
        day=record.on,
        paragraph=_joined(list(_sentences(record, author, home))),
        author=author,
        photo=photo,
        caption=photo.caption if photo else "",
    )


def _title(record: Record) -> Text:
    match record:
        case Activity():
            return record.headline
        case ContactEntry():
            return T("A love mother keeps in touch")
        case Talk():
            return T("A teacher takes time for a talk")
    return record.title


def _sentences(record: Record, author: str, home: str) -> Iterator[Text]:
    match record:
        case Activity():
            yield from _of_activity(record, home)
        case ContactEntry():
            yield T(
                "On {day} {author} was in touch with a child of {home} ({how}).",
                day=short_day(record.on),
                author=words(author),
                home=words(home),
                how=PLAIN_HOW.get(record.how.value, record.title),
            )
            if record.gifts:
                yield T("A gift: {gifts}.", gifts=words(record.gifts))
        case Talk():
            yield TN(
                "On {day} {author} talked with {count} child of {home} about {topics}.",
                "On {day} {author} talked with {count} children of {home} about {topics}.",
                len(record.children),
                day=short_day(record.on),
                author=words(author),
                home=words(home),
                topics=phrase(topic.label for topic in record.topics),
            )


PLAIN_HOW = {
    "family_visit": T("a visit at home"),
    "school_visit": T("a visit at school"),
    "phone": T("by phone"),
    "video": T("by video"),
    "message": T("by message"),
    "letter": T("by letter"),
    "outing": T("an outing"),
}
"""Ways of being in touch, without pictures, for paper."""


def _of_activity(record: Activity, home: str) -> Iterator[Text]:
    place = record.place or ""
    held = {"day": short_day(record.on), "home": words(home), "title": record.headline}
    if place:
        yield T("On {day} {home} held “{title}” at {place}.", **held, place=words(place))
    else:
        yield T("On {day} {home} held “{title}”.", **held)
    if record.took_part:
        yield TN("{count} child took part.", "{count} children took part.", record.took_part)
    if record.partners:
        yield T("With us: {partners}.", partners=phrase(partner.label for partner in record.partners))
    if record.parts:
        yield T("Its parts: {parts}.", parts=phrase(words(part) for part in record.parts))
    if record.gifts:
        yield T("A gift: {gifts}.", gifts=words(record.gifts))
    if record.outcome:
        yield words(record.outcome)


def _joined(sentences: list[Text]) -> Text:
    whole = sentences[0]
    for sentence in sentences[1:]:
        whole = T("{sentence} {following}", sentence=whole, following=sentence)
    return whole
