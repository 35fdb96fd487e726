"""One person who does not stop, and many whom nobody knows: the others are served, and little is kept."""

from __future__ import annotations

from sqlalchemy import text

from bot.handlers.welcome import HELLO
from tests.faults.seen import (
    CHINESE,
    COORDINATOR,
    MOTHER,
    READS_ENGLISH,
    STRANGER,
    answers,
    drafts,
    in_words,
    kept,
    own,
    speaks,
)
from tests.stage import Stage, words_of


async def rows(stage: Stage, table: str) -> int:
    async with stage.database.reading() as tx:
        return int((await tx.rows(text(f"SELECT count(*) FROM {table}")))[0][0])


async def test_t58_a_thousand_messages_of_one_person_hold_up_nobody_and_are_answered_seldom(town: Stage) -> None:
    mother, other = town.chat(MOTHER), town.chat(READS_ENGLISH)
    before = len(await own(town, other))
    await other.say("/visit")
    await other.say(other.buttons[0])
    for number in range(1000):
        town.world.say(MOTHER, f"在吗在吗{number}")
        if number in (200, 400, 600):
            town.world.say(READS_ENGLISH, {200: "家访", 400: "开心", 600: "保存"}[number])
    await town.settle()
    assert len(await own(town, other)) == before + 1
    assert len(mother.bubbles) <= 1000 / 100 * 3
    (draft,) = await drafts(town, mother)
    note = (await answers(town, mother))["note"]
    assert all(f"在吗在吗{number}" in note for number in (0, 500, 999))
    assert len(str(draft.body)) < 100_000
    assert await kept(town) == []


async def test_t58_what_does_not_fit_any_more_is_refused_and_what_came_before_stays(town: Stage) -> None:
    mother = town.chat(MOTHER)
    for number in range(60):
        town.world.say(MOTHER, f"{number:03}" + "啊" * 497)
    await town.settle()
    note = (await answers(town, mother))["note"]
    assert len(note) <= 20_000
    assert note.startswith("000")
    assert "20,000" in mother.everything
    assert speaks(mother.heard, CHINESE)


async def test_t58_one_stranger_gets_one_answer_an_hour(town: Stage) -> None:
    stranger = town.chat(STRANGER)
    for number in range(500):
        town.world.say(STRANGER, f"hello {number}")
        if number % 100 == 0:
            town.world.sticker(STRANGER)
    await town.settle()
    assert [words_of(post) for post in stranger.bubbles] == [in_words(town, HELLO, stranger)]
    assert await rows(town, "strangers") == 1
    assert await drafts(town, stranger) == []


async def test_t58_many_strangers_get_one_answer_each_and_leave_one_row_each(town: Stage) -> None:
    coordinator = town.chat(COORDINATOR)
    strangers = [town.chat(STRANGER + number) for number in range(200)]
    for stranger in strangers:
        for _ in range(3):
            town.world.say(stranger.user, "let me in")
    town.world.say(COORDINATOR, "/people")
    await town.settle()
    assert speaks(coordinator.heard, CHINESE)
    assert {len(stranger.bubbles) for stranger in strangers} == {1}
    assert await rows(town, "strangers") == len(strangers)
    async with town.database.reading() as tx:
        (held,) = await tx.rows(text("SELECT count(body) FROM updates"))
    assert held[0] == 0
    assert await kept(town) == []
