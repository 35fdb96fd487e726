"""The monthly report as one A4 page (PDF): the form that the station keeps, in the language asked for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from bot.engine.i18n import Languages, tidy
from bot.engine.job import Job, Made, Means
from bot.engine.message import Message
from bot.engine.report_page import section_lines
from bot.engine.reporting import title
from bot.engine.typeset import Smudged, plain, typeset
from care.access import Action
from care.monthly_report import Figures, InfoItem, MonthlyReport, Section
from care.records.fields import Media, MediaKind
from care.text import T, Text, Value
from storage.documents import Document
from storage.vault import new_id

log = structlog.get_logger()
NAME = "monthly_report"
TEMPLATE = Path(__file__).with_suffix(".typ")
MOST_PHOTO_BYTES = 4 << 20


async def run(means: Means, asked: Mapping[str, Any]) -> Made:
    report = MonthlyReport.model_validate(asked["report"])
    page = Page(means.languages, asked["language"])
    photos = await _photos(means, report.items)
    content = await asyncio.to_thread(_set, page, report, photos)
    document = Document(new_id(), page.file_name(report), content)
    media = Media(kind=MediaKind.FILE, file_id="", document=document.id)
    return Made([_message(asked, title(report.home_name, report.period), media)], [document])


def sorry(asked: Mapping[str, Any]) -> Sequence[Message]:
    return [_message(asked, T("I could not make the page just now. Please try again later."), None)]


def _message(asked: Mapping[str, Any], text: Text, media: Media | None) -> Message:
    return Message(asked["chat_id"], text=text, media=media, person_id=asked["person_id"], needs=Action.SEE_REPORT)


async def _photos(means: Means, items: Sequence[InfoItem]) -> dict[str, bytes]:
    """Those that could be fetched: a page without a photo is better than none."""
    found = {}
    for item in items:
        if item.photo and item.photo.size <= MOST_PHOTO_BYTES:
            try:
                found[item.id] = await means.fetch(item.photo)
            except Exception as error:  # noqa: BLE001 whatever the channel raises
                log.warning("a photo is not on the page", error=type(error).__name__)
    return found


def _set(page: Page, report: MonthlyReport, photos: Mapping[str, bytes]) -> bytes:
    try:
        return typeset(TEMPLATE, page.data(report, photos))
    except Smudged:
        if not photos:
            raise
        log.warning("a photo could not be set")
        return typeset(TEMPLATE, page.data(report, {}))


@dataclass(frozen=True, slots=True)
class Page:
    """The report's words for the template, in one language."""

    languages: Languages
    language: str

    @property
    def _form(self) -> Mapping[str, str]:
        return self.languages.form(NAME, self.language)

    def file_name(self, report: MonthlyReport) -> str:
        return re.sub(r'["/\\\r\n]', "", f"{plain(report.home_name)} {report.period_key}.pdf")

    def data(self, report: MonthlyReport, photos: Mapping[str, bytes]) -> dict[str, Any]:
        period, form = report.period, self._form
        return {
            "lang": self.language[:2],
            "region": "cn" if self.language.endswith("CN") else "gb",
            "words": form,
            "title": form["title"],
            "month": self._said(period.full_name),
            "addressee": form["addressee"],
            "unit": plain(report.home_name),
            "span": form["span"].format(self._day(period.first), self._day(period.last)),
            "draft": report.submitted_on is None,
            "figures": self._figures(report.figures),
            "sections": [self._section(report, section) for section in Section],
            "items": self._items(report.items, photos),
            "supplement": [self._said(line) for line in report.supplement.told],
            "nil_reason": self._own(report.nil_reason),
            "prepared": self._own(report.prepared_by),
            "reviewed": self._own(report.reviewed_by),
            "filed_on": self._day(report.submitted_on) if report.submitted_on else "",
        }

    def _figures(self, found: Figures) -> list[tuple[str, str]]:
        form = self._form
        children = ("start", "joined", "left", "end")
        counted: list[tuple[str, str, tuple[int, ...]]] = [
            *((name, "children_unit", (getattr(found, name),)) for name in children),
            ("activities", "times_unit", (found.activities,)),
            ("talks", "talks_unit", (found.talks, found.talked_with)),
            ("contacts", "times_unit", (found.contacts,)),
            ("check_ins", "check_ins_unit", (found.check_ins, found.answered)),
        ]
        return [(form[name], form[unit].format(*values)) for name, unit, values in counted]

    def _section(self, report: MonthlyReport, section: Section) -> dict[str, Any]:
        name = self._form["activities_section" if section is Section.ACTIVITIES else section.value]
        return {"name": name, "lines": [self._said(line) for line in section_lines(report, section)]}

    def _items(self, items: Sequence[InfoItem], photos: Mapping[str, bytes]) -> list[dict[str, Any]]:
        return [
            {
                "name": self._form["item"].format(place),
                "title": self._said(item.title),
                "byline": f"{self._day(item.day)}  {self._own(item.author)}",
                "text": self._said(item.paragraph),
                "photo": list(photos[item.id]) if item.id in photos else None,
                "caption": self._own(item.caption),
            }
            for place, item in enumerate(items, start=1)
        ]

    def _said(self, value: Value) -> str:
        return plain(self.languages.render(value, self.language))

    def _own(self, words: str) -> str:
        return plain(tidy(words))

    def _day(self, day: date) -> str:
        return self._form["date"].format(day.year, day.month, day.day)


JOB = Job(NAME, run, sorry)
