"""Texts in two languages, from catalogs written for these tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.engine.i18n import Languages, negotiate, tidy
from care.text import Text, lines, phrase, words

ZH, EN = "zh_Hans_CN", "en"

_HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural};\\n"\n\n'
_CHINESE = """
msgid "<b>{child}</b> felt {mood} on {day}."
msgstr "{day}，<b>{child}</b>觉得{mood}。"

msgid "{count} visit"
msgid_plural "{count} visits"
msgstr[0] "{count}次探望"

msgid "fine & well"
msgstr "好 & 平安"

msgid "1 < 2 <i>is</i> true"
msgstr "1 < 2 <i>是</i>真的"

#, fuzzy
msgid "A guess"
msgstr "猜的"
"""
_ENGLISH = """
msgid "<b>{child}</b> felt {mood} on {day}."
msgstr "<b>{child}</b> felt {mood} on {day}."

msgid "{count} visit"
msgid_plural "{count} visits"
msgstr[0] "{count} visit"
msgstr[1] "{count} visits"
"""

FELT = Text("<b>{child}</b> felt {mood} on {day}.")


def write_catalogs(folder: Path, chinese: str, english: str) -> Path:
    for name, plural, body in ((ZH, "nplurals=1; plural=0", chinese), (EN, "nplurals=2; plural=(n != 1)", english)):
        path = folder / name / "LC_MESSAGES" / "bot.po"
        path.parent.mkdir(parents=True)
        path.write_text(_HEAD.format(plural=plural) + body, "utf-8")
    return folder


@pytest.fixture
def languages(tmp_path: Path) -> Languages:
    folder = write_catalogs(tmp_path, _CHINESE, _ENGLISH)
    return Languages(folder, ZoneInfo("Asia/Shanghai"), lambda: datetime(2026, 11, 24, 6, 5, tzinfo=UTC))


def test_a_sentence_takes_its_places_in_the_order_of_its_language(languages: Languages) -> None:
    felt = FELT(child=words("小禾"), mood=Text("fine & well"), day=date(2026, 11, 24))
    assert languages.render(felt, ZH) == "11月24日 周二，小禾觉得好 & 平安。"
    assert languages.render_html(felt, ZH) == "11月24日 周二，<b>小禾</b>觉得好 &amp; 平安。"
    assert languages.render(felt, EN) == "小禾 felt fine & well on Tue 24 Nov."


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (date(2025, 6, 1), "2025年6月1日 周日", "Sun 1 Jun 2025"),
        (datetime(2026, 11, 24, 6, 5, tzinfo=UTC), "11月24日 14:05", "24 Nov 14:05"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "1月1日 00:00", "1 Jan 00:00"),
        (12345, "12,345", "12,345"),
        (7, "7", "7"),
        (phrase(["小明", words("小红"), "小刚"]), "小明、小红和小刚", "小明, 小红 and 小刚"),
        (lines(["a", 2]), "a\n2", "a\n2"),
        (phrase([]), "", ""),
        ("{count} <b>", "{count} <b>", "{count} <b>"),
    ],
)
def test_values_are_said_as_each_language_says_them(
    languages: Languages, value: object, chinese: str, english: str
) -> None:
    assert languages.render(value, ZH) == chinese  # type: ignore[arg-type]
    assert languages.render(value, EN) == english  # type: ignore[arg-type]


def test_plural_forms_are_the_languages_own(languages: Languages) -> None:
    def visits(count: int) -> Text:
        return Text("{count} visit", {}, "{count} visits", count)

    assert [languages.render(visits(n), EN) for n in (0, 1, 2)] == ["0 visits", "1 visit", "2 visits"]
    assert [languages.render(visits(n), ZH) for n in (1, 2000)] == ["1次探望", "2,000次探望"]
    assert not languages.missing


def test_what_a_catalog_lacks_is_said_in_english_and_counted(languages: Languages) -> None:
    count = Text("{count} cat", {}, "{count} cats", 2)
    assert languages.render(count, ZH) == "2 cats"
    assert languages.render(count, ZH) == "2 cats"
    assert languages.render(Text("A guess"), ZH) == "A guess"
    assert languages.missing == {(ZH, "{count} cat"): 2, (ZH, "A guess"): 1}


def test_a_place_that_nobody_filled_is_seen(languages: Languages) -> None:
    assert languages.render(Text("{count} visit"), EN) == "{count} visit"
    assert languages.missing


def test_t42_own_words_are_shown_literally(languages: Languages) -> None:
    name = "<b>A&B</b> *_[ {child} %s"
    felt = FELT(child=words(name), mood=name, day=date(2026, 1, 2))
    assert languages.render(felt, EN).startswith(f"{name} felt {name} on")
    assert "<b>&lt;b&gt;A&amp;B&lt;/b&gt; *_[ {child} %s</b>" in languages.render_html(felt, EN)


def test_t42_own_words_cannot_turn_what_stands_around_them() -> None:
    assert tidy("\u202eab\u2066c\u200f\u061c\x00\x1b\td\ne") == "abc d\ne"
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert tidy(family) == family
    assert tidy("half \ud83d").encode() == "half \ufffd".encode()


def test_only_the_tags_of_the_catalog_are_tags(languages: Languages) -> None:
    text = Text("1 < 2 <i>is</i> true")
    assert languages.render(text, ZH) == "1 < 2 是真的"
    assert languages.render_html(text, ZH) == "1 &lt; 2 <i>是</i>真的"


def test_labels_are_what_may_be_typed(languages: Languages) -> None:
    assert languages.labels(Text("fine & well")) == ["好 & 平安", "fine & well"]
    assert languages.labels(words("小禾")) == ["小禾"]


def test_an_unknown_language_is_the_districts_own(languages: Languages) -> None:
    assert languages.render(Text("fine & well"), "ug") == "好 & 平安"


@pytest.mark.parametrize("code", ["zh", "zh-hans", "zh-CN", "zh-TW", "zh-hant", "zh_Hans", "ug", "bo", "", None, "e"])
def test_a_phone_that_does_not_speak_english_gets_chinese(code: str | None) -> None:
    assert negotiate(code) == ZH


@pytest.mark.parametrize("code", ["en", "en-US", "EN", "en_GB"])
def test_a_phone_that_speaks_english_gets_english(code: str) -> None:
    assert negotiate(code) == EN


def test_what_people_type_is_read_in_all_languages_together(tmp_path: Path) -> None:
    folder = write_catalogs(tmp_path, _CHINESE, _ENGLISH)
    shipped = Path(__file__).parents[2] / "locales"
    for name in (ZH, EN):
        (folder / name / "words.toml").write_text((shipped / name / "words.toml").read_text("utf-8"), "utf-8")
    typed = Languages(folder, ZoneInfo("Asia/Shanghai"), lambda: datetime(2026, 11, 24, tzinfo=UTC)).words
    assert (typed.number("十二"), typed.number("twelve"), typed.number("12")) == (12, 12, 12)
