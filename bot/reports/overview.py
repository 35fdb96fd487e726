"""The overview as a picture for a phone: 1080 px wide, one row for each home, those that need most first.

Counts only: no child's name stands in it, for a picture is passed on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path

from bot.engine.duty import Duty
from bot.engine.i18n import Languages
from bot.engine.overview import Figures, HomeRow, Overview, together
from care.calendar import day_and_month
from care.text import TN, T, Text, Value, words

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


async def picture(languages: Languages, language: str, overview: Overview, duties: Sequence[Duty]) -> bytes:
    """A PNG, a row for each home or, of one home, for each duty. Drawn in a thread: it takes tenths of a second."""
    return await asyncio.to_thread(draw, data_of(languages, language, overview, duties))


def data_of(languages: Languages, language: str, overview: Overview, duties: Sequence[Duty]) -> dict[str, Any]:
    """What stands in it, in words of this language."""

    def say(value: Value) -> str:
        return languages.render(value, language)

    rows = overview.rows
    several = len(rows) > 1
    lines = [_row(row) for row in rows[:SHOWN]] if several else _duties(say, rows[0], duties)
    return {
        "lang": language[:2],
        "title": say(T("All homes at a glance") if several else words(rows[0].home.name)),
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


def _duties(say: Callable[[Value], str], row: HomeRow, duties: Sequence[Duty]) -> list[dict[str, Any]]:
    none = Figures()
    return [
        {
            "name": say(duty.title),
            "this": _counts(row.this.get(duty.name, none)),
            "before": row.last.get(duty.name, none).missing,
        }
        for duty in duties
        if duty.name in row.this or duty.name in row.last
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
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent])
