"""The overview as a picture: as wide as a phone, not too high for it, without a child's name, in both languages."""

from __future__ import annotations

import json
import struct
import warnings
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.app import LOCALES, registry
from bot.engine.i18n import LANGUAGES, Languages
from bot.engine.overview import Figures, HomeRow, Overview, packed, unpacked
from bot.reports.overview import SHOWN, data_of, picture
from care.calendar import Period
from care.children import Home

TODAY = date(2026, 12, 14)
TITLES = {duty.name: duty.title for duty in registry().duties}


def languages() -> Languages:
    return Languages(LOCALES, ZoneInfo("Asia/Shanghai"), lambda: datetime(2026, 12, 14, tzinfo=UTC))


def overview(homes: int) -> Overview:
    rows = (
        HomeRow(
            Home(f"h{n}", f"H{n:02}", f"第{n}小学"),
            {"talk": Figures(n % 9, n % 2, n % 4, 3), "contact": Figures(missing=n % 3)},
            {"talk": Figures(5, 1, n % 3, 0)},
            n % 5,
        )
        for n in range(homes)
    )
    return Overview(Period.of(TODAY), TODAY, tuple(rows))


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("homes", [1, 18, 40])
async def test_it_is_as_wide_as_a_phone_and_not_too_high(language: str, homes: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        width, height = size_of(await picture(languages(), language, overview(homes), TITLES))
    assert width == 1080
    assert height < 2.5 * width


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_in_the_readers_language(language: str) -> None:
    known = languages()
    data = data_of(known, language, overview(40), TITLES)
    assert not known.missing
    assert len(data["rows"]) == SHOWN
    assert str(40 - SHOWN) in data["more"]
    assert data["sums"]["missing"] == sum(n % 4 + n % 3 for n in range(40))


def test_a_home_without_anything_is_drawn_too() -> None:
    bare = Overview(Period.of(TODAY), TODAY, (HomeRow(Home("h", "H01", "东风小学")),))
    assert data_of(languages(), "en", bare, TITLES)["title"] == "东风小学"


def test_one_home_is_told_duty_by_duty() -> None:
    contacts = {"contact": Figures(missing=1), "talk": Figures(met=2)}
    one = Overview(Period.of(TODAY), TODAY, (HomeRow(Home("h", "H01", "东风小学"), this=contacts, silent=3),))
    data = data_of(languages(), "en", one, TITLES)
    assert [row["name"] for row in data["rows"]] == ["Contacts", "Talks"]
    assert len(data["heads"]) == 2
    assert "3 children" in data["more"]


def test_a_job_draws_what_was_seen() -> None:
    seen = overview(3)
    again, titles = unpacked(json.loads(json.dumps(packed(seen, registry().duties))))
    assert titles == TITLES
    assert [(row.home.name, row.this, row.last, row.silent) for row in again.rows] == [
        (row.home.name, row.this, row.last, row.silent) for row in seen.rows
    ]
    assert (again.period, again.today) == (seen.period, seen.today)
