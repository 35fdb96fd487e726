"""The overview as a picture for a phone: 1080 px wide, one row for each home, those that need most first. A button
under /overview asks for it.

Counts only: no child's name stands in it, for a picture is passed on. It is sent as a file, since a photo would lose
its small print on the way.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.engine.i18n import Languages
from bot.engine.job import Job, Made, Means
from bot.engine.message import Message
from bot.engine.overview import Figures, HomeRow, Overview, Titles, together, unpacked
from bot.engine.typeset import plain
from care.access import Action
from care.calendar import day_and_month
from care.records.fields import Media, MediaKind
from care.text import TN, T, Text, Value, words
from storage.documents import Document
from storage.vault import new_id

if TYPE_CHECKING:
    import typst

NAME = "overview"
TEMPLATE = Path(__file__).with_suffix(".typ")
DOTS_PER_INCH = 216.0
"""The page is 360 points wide: three dots to a point."""
SHARES = (
    ("met", T("on time")),
    ("late", T("late")),
    ("missing", T("missing")),
    ("ahead", T("still time")),
)
HEADS = (T("missing now"), T("missing last month"), T("children not heard of"))
SHOWN = 24
"""So many homes: with more, a phone would shrink the picture until nobody can read it."""


async def run(means: Means, asked: Mapping[str, Any]) -> Made:
    found, titles = unpacked(asked["overview"])
    content = await picture(means.languages, asked["language"], found, titles)
    title = _title(found)
    name = re.sub(r'["/\\\r\n]', "", plain(means.languages.render(title, asked["language"])))
    document = Document(new_id(), f"{name} {found.today.isoformat()}.png", content)
    media = Media(kind=MediaKind.FILE, file_id="", document=document.id)
    return Made([_message(asked, T("{title}, {day}", title=title, day=found.today), media)], [document])


def sorry(asked: Mapping[str, Any]) -> Sequence[Message]:
    return [_message(asked, T("I could not draw the picture just now. Please try again later."), None)]


def _message(asked: Mapping[str, Any], text: Text, media: Media | None) -> Message:
    return Message(asked["chat_id"], text=text, media=media, person_id=asked["person_id"], needs=Action.SEE_OVERVIEW)


def _title(found: Overview) -> Text:
    return T("All homes at a glance") if len(found.rows) > 1 else words(found.rows[0].home.name)


async def picture(languages: Languages, language: str, overview: Overview, titles: Titles) -> bytes:
    """A PNG, a row for each home or, of one home, for each duty. Drawn in a thread: it takes tenths of a second."""
    return await asyncio.to_thread(draw, data_of(languages, language, overview, titles))


def data_of(languages: Languages, language: str, overview: Overview, titles: Titles) -> dict[str, Any]:
    """What stands in it, in words of this language."""

    def say(value: Value) -> str:
        return languages.render(value, language)

    rows = overview.rows
    several = len(rows) > 1
    lines = [_row(row) for row in rows[:SHOWN]] if several else _duties(say, rows[0], titles)
    return {
        "lang": language[:2],
        "title": say(_title(overview)),
        "day": say(day_and_month(overview.today)),
        "this": say(overview.period.spelled),
        "last": say(overview.period.previous.name),
        "shares": [{"name": name, "label": say(label)} for name, label in SHARES],
        "heads": [say(head) for head in (HEADS if several else HEADS[:2])],
        "sums": _counts(together(row.this for row in rows)),
        "before": _counts(together(row.last for row in rows)),
        "rows": lines,
        "more": say(_more(rows)) if len(rows) > SHOWN or not several else "",
        "most": max((sum(line["this"].values()) for line in lines), default=0) or 1,
    }


def _row(row: HomeRow) -> dict[str, Any]:
    return {
        "name": row.home.name,
        "this": _counts(together([row.this])),
        "before": together([row.last]).missing,
        "silent": row.silent,
    }


def _duties(say: Callable[[Value], str], row: HomeRow, titles: Titles) -> list[dict[str, Any]]:
    none = Figures()
    return [
        {
            "name": say(title),
            "this": _counts(row.this.get(duty, none)),
            "before": row.last.get(duty, none).missing,
        }
        for duty, title in titles.items()
        if duty in row.this or duty in row.last
    ]


def _more(rows: Sequence[HomeRow]) -> Text:
    if len(rows) == 1:
        return TN(
            "{count} child nobody has been in touch with for over a week",
            "{count} children nobody has been in touch with for over a week",
            rows[0].silent,
        )
    count = len(rows) - SHOWN
    return TN("and {count} more home where less is missing", "and {count} more homes where less is missing", count)


def _counts(figures: Figures) -> dict[str, int]:
    return {name: getattr(figures, name) for name, _ in SHARES}


def draw(data: dict[str, Any]) -> bytes:
    """Blocking. The page grows with its rows: one picture."""
    import typst  # here: 8 MB that most days are not needed

    drawn = typst.compile(
        TEMPLATE.read_bytes(),
        format="png",
        ppi=DOTS_PER_INCH,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(drawn, bytes)
    return drawn


@cache
def _fonts() -> typst.Fonts:
    """Those that come with us, so that it looks the same everywhere."""
    import typst
    from pylopdf_fonts_zh_cn import sans_path

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent])


JOB = Job(NAME, run, sorry)
