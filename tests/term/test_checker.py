"""The checker finds nothing to say against a clean week, and finds each thing that is spoilt in its books."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.stage import stage
from tests.term.books import Books, Done, Said
from tests.term.checker import check, violations
from tests.term.checker.facts import Facts, Row, read_facts
from tests.term.week import Week, china

TEACHER, GRANDMOTHER, MOTHER, COORDINATOR, FATHER, LEADER, AUNT, OTHER_TEACHER, UNCLE = (
    730002,
    730003,
    730001,
    730004,
    730101,
    730102,
    730103,
    730104,
    730105,
)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def books(district_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Books:
    """A week in which a grandmother says nothing, an aunt answers, another has no Telegram any more, and the bot is
    away one morning."""
    folder = tmp_path_factory.mktemp("week")
    shutil.copy(district_file, folder / "district.db")
    return asyncio.run(_played(f"sqlite:///{folder / 'district.db'}", folder))


async def _played(url: str, folder: Path) -> Books:
    async with stage(url, folder) as set_up:
        week = Week(set_up, set_up.clock.now())
        for role in ("guardian", "teacher", "volunteer", "coordinator", "home_lead"):
            await week.say(set_up.chat(role), "/start")
        await week.say(set_up.chat(730005), "/start")
        await week.joins("G0601B", FATHER)
        await week.joins("B01", LEADER)
        aunt = await week.joins("G0602A", AUNT)
        await week.joins("T07", OTHER_TEACHER)
        uncle = await week.joins("G0603A", UNCLE)
        await week.look(china(11, 24, 12, 2))
        for day in (25, 26):
            await week.look(china(11, day, 8))
        await week.gone(china(11, 27, 9, 30))
        week.deletes(uncle)
        await week.look(china(11, 28, 8), china(11, 28, 10), china(11, 28, 10, 4))
        await week.tap(aunt, "|well|")
        await week.look(china(11, 28, 14, 4), china(11, 29, 8), china(11, 29, 12, 6))
        await week.look(china(11, 30, 8), china(11, 30, 10, 4), china(12, 1, 8))
        return week.books(url)


def _one(books: Books, chat_id: int, part: str) -> Said:
    return next(one for one in books.said if one.chat_id == chat_id and part in one.text)


def doubled(books: Books) -> Books:
    ask = _one(books, GRANDMOTHER, "小禾今天好吗")
    return replace(books, said=(*books.said, replace(ask, at=ask.at + HOUR)))


def doubled_days_later(books: Books) -> Books:
    soon = _one(books, MOTHER, "小禾（0601）家里一直没回话")
    return replace(books, said=(*books.said, replace(soon, at=soon.at + 20 * HOUR)))


def at_night(books: Books) -> Books:
    rung = _one(books, COORDINATOR, "两天了")
    return _instead(books, rung, replace(rung, at=china(11, 30, 23)))


def dropped(part: str) -> Callable[[Books], Books]:
    def drop(books: Books) -> Books:
        return replace(books, said=tuple(one for one in books.said if part not in one.text))

    return drop


def to_another_teacher(books: Books) -> Books:
    rung = _one(books, TEACHER, "11月28日 周六报平安，还有这些没落实")
    return _instead(books, rung, replace(rung, chat_id=OTHER_TEACHER))


def after_its_answer(books: Books) -> Books:
    ask = _one(books, AUNT, "今天好吗？点一下就行。有什么")
    late = replace(ask, at=china(11, 28, 14, 4), text="还没等到您的回话，小竹好吗？点一下就行。")
    return replace(books, said=(*books.said, late))


def too_late(books: Books) -> Books:
    ask = _one(books, GRANDMOTHER, "小禾今天好吗")
    return _instead(books, ask, replace(ask, at=china(11, 28, 20, 30)))


def wrong_child(books: Books) -> Books:
    ask = _one(books, GRANDMOTHER, "小禾今天好吗")
    return _instead(books, ask, replace(ask, text=ask.text.replace("小禾", "小竹")))


def left_behind(books: Books) -> Books:
    ask = _one(books, GRANDMOTHER, "小禾今天好吗")
    more = replace(ask, at=ask.at, text="您家的留守孩子", message_id=99)
    done = Done(ask.at, GRANDMOTHER, "words", "?")
    return replace(books, said=(*books.said, more), done=(*books.done, done))


def too_many(books: Books) -> Books:
    morning = china(11, 26, 8)
    lines = [
        f"{text}前跟小禾（0601）联系一次吧。"
        for text in ("12月4日 周五", "12月5日 周六", "12月6日 周日", "12月7日 周一")
    ]
    model = books.said[0]
    more = [
        Said(
            morning + timedelta(minutes=place),
            MOTHER,
            model.method,
            line,
            (("晚", "b|due|later|x"), ("不", "b|due|not|x")),
            900,
        )
        for place, line in enumerate(lines)
    ]
    return replace(books, said=(*books.said, *more))


def in_english(books: Books) -> Books:
    ask = _one(books, GRANDMOTHER, "小禾今天好吗")
    english = "Hello! Are 小禾 all right today? One tap is enough. Should anything worry you, just tell me."
    return _instead(books, ask, replace(ask, text=english))


def to_a_group(books: Books) -> Books:
    rung = _one(books, COORDINATOR, "两天了")
    return replace(books, said=(*books.said, replace(rung, chat_id=-100)))


def full_name(books: Books) -> Books:
    rung = _one(books, MOTHER, "小禾（0601）家里一直没回话")
    return _instead(books, rung, replace(rung, text=rung.text.replace("小禾（", "林小禾（")))


def of_another_home(books: Books) -> Books:
    rung = _one(books, MOTHER, "小禾（0601）家里一直没回话")
    return replace(books, said=(*books.said, replace(rung, chat_id=OTHER_TEACHER)))


def in_the_place_of_a_love_mother(books: Books) -> Books:
    """Said to a teacher of another home."""
    rung = _one(books, MOTHER, "小禾（0601）家里一直没回话")
    text = f"<i>替苗春禾（到12月3日 周四不在）：</i>\n{rung.text}"
    return _instead(books, rung, replace(rung, chat_id=OTHER_TEACHER, text=text))


def unknown(books: Books) -> Books:
    ask = _one(books, GRANDMOTHER, "小禾今天好吗")
    return replace(books, said=(*books.said, replace(ask, at=china(11, 30, 15), text="您好，在吗？")))


def _instead(books: Books, old: Said, new: Said) -> Books:
    return replace(books, said=tuple(new if one is old else one for one in books.said))


SPOILT = {
    "said twice: [ask]": doubled,
    "said twice: [unanswered: volunteer]": doubled_days_later,
    "said in the quiet hours": at_night,
    "not said in time: [reminder] to 花月明": dropped("还没等到您的回话"),
    "not said in time: [unanswered: above] to 谷晓露": dropped("两天了"),
    "not said in time: [list]": dropped("在这里问不到"),
    "not said in time: [list] to 林小雨 (T06, teacher), 1 families": dropped("有1家在这里问不到"),
    "not said in time: [silence]": dropped("天没人联系了"),
    "not said in time: [contact: teacher]": dropped("您问问，是不是要帮忙"),
    "said to the wrong person (meant for": to_another_teacher,
    "who is out of the reader's reach": of_another_home,
    "said to the wrong person (meant for 苗春禾": in_the_place_of_a_love_mother,
    "said after its answer: [reminder]": after_its_answer,
    "said later than its limit: [ask]": too_late,
    "names somebody who is not the reader's": wrong_child,
    "says 留守 to a family": left_behind,
    "nudges on 2026-11-26 to 苗春禾": too_many,
    "said without being owed: [contact soon]": too_many,
    "not in the reader's language": in_english,
    "said in a group": to_a_group,
    "the full name of 小禾": full_name,
    "nobody knows what this is, and nobody asked for it": unknown,
}


def test_a_clean_week_is_clean_and_what_is_spoilt_is_found_and_named(books: Books) -> None:
    facts = asyncio.run(read_facts(books))
    assert asyncio.run(check(books)) == []
    assert len(books.said) > 30
    missed = {found: spoil for found, spoil in SPOILT.items() if not _finds(found, violations(facts, spoil(books)))}
    assert missed == {}


def test_who_stands_in_is_told_in_the_place_of_who_is_away(books: Books) -> None:
    there = _a_love_mother_away(books)
    assert violations(there, in_the_place_of_a_love_mother(books)) == []
    found = violations(there, books)
    assert _finds("said to somebody who is away: [unanswered: volunteer] to 苗春禾", found)
    assert _finds("not said in the place of 苗春禾", found)
    assert _finds("not said in the place of 苗春禾", violations(there, dropped("小禾（0601）家里一直没回话")(books)))


def test_where_nobody_stands_in_somebody_hears_it_all_the_same(books: Books) -> None:
    nobody = _a_love_mother_away(books, deputy="")
    said = in_the_place_of_a_love_mother(books)
    up = replace(
        said, said=tuple(replace(one, chat_id=TEACHER) if "替苗春禾" in one.text else one for one in said.said)
    )
    assert violations(nobody, up) == []
    found = violations(nobody, dropped("小禾（0601）家里一直没回话")(books))
    assert _finds("not said in the place of 苗春禾 (V001, volunteer) to anybody", found)


def _a_love_mother_away(books: Books, deputy: str = "T07") -> Facts:
    facts = asyncio.run(read_facts(books))
    code = {row.code: row.id for row in facts["people"]}
    mother = next(id for id, name in facts.people_names.items() if name == "苗春禾")
    away = {"person_id": mother, "deputy_id": code.get(deputy), "set_at": books.since, "ended_at": None}
    absence = Row(away | {"first_on": date(2026, 11, 24), "last_on": date(2026, 12, 3)})
    return replace(facts, tables={**facts.tables, "absences": (absence,)})


def _finds(found: str, problems: list[str]) -> bool:
    return any(found in line for line in problems)


def test_it_shares_no_code_with_the_rules() -> None:
    """Of the product only the door to the database and the key: else a mistake of a rule would be the checker's too."""
    folder = Path(__file__).parent / "checker"
    lines = [line.split() for file in folder.glob("*.py") for line in file.read_text("utf-8").splitlines()]
    taken = {line[1] for line in lines if line[:1] in (["from"], ["import"])}
    ours = {name for name in taken if name.split(".")[0] in ("bot", "care", "storage", "tests")}
    assert {name for name in ours if not name.startswith("tests.term.")} == {"storage.database", "storage.vault"}
