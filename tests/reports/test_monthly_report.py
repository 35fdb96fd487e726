"""The monthly report on paper: one A4 page, all of its words, in both languages."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from bot.app import LOCALES
from bot.engine.i18n import LANGUAGES, Languages
from bot.engine.job import Means
from bot.engine.typeset import Smudged, plain, typeset
from bot.reports.monthly_report import JOB, TEMPLATE, Page
from care.monthly_report import ActivityLine, Figures, InfoItem, MonthlyReport, Section, Supplement
from care.records.fields import Media, MediaKind
from care.text import T, words

PHOTO = Media(kind=MediaKind.PHOTO, file_id="photo", size=2000)
MAIN = {
    "zh_Hans_CN": (
        "农村留守儿童之家建设与管理工作月报",
        "2026年12月",
        "填报单位（盖章）",
        "填报人",
        "审核人",
        "（单位盖章）",
        "2026年11月23日至2026年12月22日",
        "24次/22人",
        "12月1日：剪窗花（31名孩子）",
        "本月没有新情况。",
    ),
    "en": (
        "Monthly Report of the Children's Home",
        "December 2026",
        "Prepared by",
        "Reviewed by",
        "(seal of the unit)",
        "24 with 22 children",
        "1 December: 剪窗花 (31 children)",
        "Nothing new.",
    ),
}


@pytest.fixture
def languages() -> Languages:
    return Languages(LOCALES, ZoneInfo("Asia/Shanghai"), lambda: datetime(2026, 12, 22, tzinfo=UTC))


@pytest.fixture
def photo() -> bytes:
    """A true PNG of 64 by 48 grey pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(range(100, 164)) for _ in range(48))
    head = struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def report(**more: object) -> MonthlyReport:
    told = {
        "home_id": "h",
        "home_name": "近郊小学",
        "period_key": "2026-12",
        "figures": Figures(start=31, joined=1, talks=24, talked_with=22, contacts=12, check_ins=64, answered=60),
        "activities": (ActivityLine(day=date(2026, 12, 1), title=words("剪窗花"), kind=T("health"), took_part=31),),
        "items": (
            InfoItem(
                id="one",
                title=words("消防员叔叔进校园 🚒"),
                day=date(2026, 12, 8),
                paragraph=words("孩子们试穿了消防服。#let x = [${eval}"),
                author="林小雨",
                photo=PHOTO,
                caption="试穿",
            ),
            InfoItem(id="two", title=words("堃喆䶮"), day=date(2026, 12, 9), paragraph=words("写贺卡。")),
        ),
        "sections": {Section.PROGRESS: "图书角建好了。"},
        "prepared_by": "林小雨",
        "reviewed_by": "杨向阳",
        "submitted_on": date(2026, 12, 22),
    }
    return MonthlyReport.model_validate(told | more)


def read(pdf: bytes) -> tuple[int, tuple[float, float], str]:
    """How many pages, the size of the first in points, its text without white space."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        return len(document), page.get_size(), squeezed(page.get_textpage().get_text_bounded())
    finally:
        document.close()


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_stands_on_one_page(languages: Languages, language: str, photo: bytes) -> None:
    pages, size, text = read(typeset(TEMPLATE, Page(languages, language).data(report(), {"one": photo})))
    assert pages == 1
    assert size == pytest.approx((595.3, 841.9), abs=0.5)
    own = ("近郊小学", "消防员叔叔进校园", "#let x = [${eval}", "试穿", "堃喆䶮", "图书角建好了。", "林小雨", "杨向阳")
    for sentence in (*MAIN[language], *own):
        assert squeezed(sentence) in text, sentence
    assert languages.missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_however_much_was_written_it_is_one_page(languages: Languages, language: str, photo: bytes) -> None:
    much = "很长的一段话，讲了很多事情。" * 100
    items = tuple(
        InfoItem(id=str(n), title=words("标题"), day=date(2026, 12, 8), paragraph=words(much), photo=PHOTO)
        for n in range(8)
    )
    full = report(items=items, sections=dict.fromkeys(Section, much), activities=report().activities * 20)
    data = Page(languages, language).data(full, {item.id: photo for item in items})
    pages, _, text = read(typeset(TEMPLATE, data))
    assert pages == 1
    assert "…" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_with_nothing_says_why(languages: Languages, language: str) -> None:
    nothing = report(
        items=(), activities=(), sections={}, nil_reason="停课", submitted_on=None, supplement=Supplement(talks=2)
    )
    pages, _, text = read(typeset(TEMPLATE, Page(languages, language).data(nothing, {})))
    form = languages.form("monthly_report", language)
    assert pages == 1
    for sentence in ("停课", form["nil_reason"], form["draft"], form["supplement"]):
        assert squeezed(sentence) in text


def test_both_forms_have_the_same_words(languages: Languages) -> None:
    chinese, english = (languages.form("monthly_report", language) for language in LANGUAGES)
    assert chinese.keys() == english.keys()
    assert all(chinese.values())
    assert all(english.values())


def test_small_pictures_are_left_out() -> None:
    assert plain("好👍🏽的☀️★ⅳ①") == "好的★ⅳ①"


async def test_a_photo_that_cannot_be_had_is_left_out(languages: Languages, photo: bytes) -> None:
    asked = {"report": report().model_dump(mode="json"), "language": "en", "chat_id": 7, "person_id": "p"}

    def fetching(content: bytes | None) -> Callable[[Media], object]:
        async def fetch(media: Media) -> bytes:
            if content is None:
                raise ConnectionError
            return content

        return fetch

    for content in (None, b"not a picture", base64.b64decode("AAAA")):
        made = await JOB.run(Means(languages, fetching(content)), asked)  # type: ignore[arg-type]
        (document,) = made.documents
        assert read(document.content)[0] == 1
        assert document.name == "近郊小学 2026-12.pdf"
        (message,) = made.messages
        assert message.media
        assert message.media.document == document.id


def test_what_is_wrong_with_a_page_is_said_without_its_words(tmp_path: object) -> None:
    with pytest.raises(Smudged) as raised:
        typeset(TEMPLATE, {"title": "小禾"})
    assert "小禾" not in str(raised.value)
