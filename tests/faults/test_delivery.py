"""Updates that come twice, backwards, broken or too much for us: each counts once, and none holds up the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.chores import check
from bot.engine.command import Command
from bot.engine.scene import Scene
from bot.engine.turn import Heard
from bot.gateway import NOT_SAVED
from bot.telegram.parse import parse
from care.access import Action
from care.records.contact_entry import How, Mood
from storage import strangers
from tests.faults.seen import (
    COORDINATOR,
    ENGLISH,
    MOTHER,
    READS_ENGLISH,
    answers,
    contact,
    drafts,
    in_words,
    kept,
    own,
    sent_twice,
    speaks,
    visit_to_review,
)
from tests.stage import Stage


def waiting(stage: Stage) -> list[dict[str, Any]]:
    """Takes what stands in Telegram's queue out of it."""
    held = [json.loads(one.body) for one in stage.world.updates._held]
    stage.world.updates.clear()
    return held


def said(stage: Stage, user: int, *texts: str) -> list[dict[str, Any]]:
    """Updates of somebody's words, which nobody has delivered yet."""
    for text in texts:
        stage.world.say(user, text)
    return waiting(stage)


async def test_t06_an_update_that_comes_many_times_in_one_batch_has_one_effect(any_town: Stage) -> None:
    mother = any_town.chat(MOTHER)
    before = len(await own(any_town, mother))
    await mother.say("/visit")
    for word in ("家访", "开心", "她教我编了一个草蚱蜢。", "保存"):
        (update,) = said(any_town, MOTHER, word)
        for _ in range(10):
            any_town.world.raw(update)
        await any_town.settle()
    assert len(await own(any_town, mother)) == before + 1
    entry = await contact(any_town, mother)
    assert (entry.how, entry.mood, entry.note) == (How.FAMILY_VISIT, Mood.CHEERFUL, "她教我编了一个草蚱蜢。")


async def test_t06_an_update_that_comes_again_after_a_restart_has_no_effect(town: Stage) -> None:
    mother = town.chat(MOTHER)
    before = len(await own(town, mother))
    words = said(town, MOTHER, "/visit", "家访", "开心", "保存")
    for _ in range(3):
        for update in words:
            town.world.raw(update)
        await town.settle()
        await town.restart()
    assert len(await own(town, mother)) == before + 1
    assert await drafts(town, mother) == []
    assert sum("#" in line for line in mother.everything.splitlines()) == 1


async def test_t07_words_that_arrive_backwards_stand_in_the_order_they_were_sent(town: Stage) -> None:
    mother = town.chat(MOTHER)
    await visit_to_review(mother)
    for update in reversed(said(town, MOTHER, "先去了学校，", "再去了家里，", "最后一起吃了晚饭。")):
        town.world.raw({key: value for key, value in update.items() if key != "update_id"})
    await town.settle()
    await mother.say("保存")
    assert (await contact(town, mother)).note == "先去了学校，\n再去了家里，\n最后一起吃了晚饭。"


async def test_t07_answers_that_arrive_backwards_lose_nothing_and_leave_a_question_standing(town: Stage) -> None:
    mother = town.chat(MOTHER)
    await mother.say("/visit")
    for update in reversed(said(town, MOTHER, "打电话", "开心")):
        town.world.raw({key: value for key, value in update.items() if key != "update_id"})
    await town.settle()
    known = await answers(town, mother)
    assert (known["how"], known["note"]) == ("phone", "开心")
    assert any("|mood|" in key for key in mother.data)


async def test_t08_numbers_that_begin_again_lower_are_taken_as_new(town: Stage) -> None:
    mother = town.chat(MOTHER)
    before = len(await own(town, mother))
    await mother.say("/visit")
    town.world.updates.restart(77)
    await mother.say("家访")
    await mother.say("开心")
    town.world.updates.restart(5)
    await mother.say("保存")
    assert len(await own(town, mother)) == before + 1


async def test_t09_broken_and_strange_updates_are_kept_or_left_and_the_others_go_on(
    any_town: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    mother, world = any_town.chat(MOTHER), any_town.world
    secret = "孩子昨晚一个人在家哭"
    private = {"id": MOTHER, "type": "private", "first_name": "x"}
    sender = {"id": MOTHER, "is_bot": False, "first_name": "x"}
    head = {"message_id": 1, "date": int(any_town.clock.now().timestamp()), "chat": private}
    world.say(MOTHER, "/visit")
    broken = {
        world.raw({"message": {**head, "from": sender, "text": {"text": secret}}}),
        world.raw({"message": {**head, "from": sender, "date": "heute", "text": secret}}),
        world.raw({"message": {**head, "from": sender, "text": f"{secret} \ud83d"}}),
        world.raw({"callback_query": {"id": "1", "data": secret}}),
        world.raw({"message": [secret]}),
    }
    world.say(MOTHER, "家访")
    world.raw({"message": {**head, "text": secret}})
    world.raw({"message": {**head, "from": sender | {"is_bot": True}, "text": secret}})
    world.raw({"poll_answer": {"poll_id": "1", "user": sender, "option_ids": [0]}})
    world.raw({"of_next_year": {"text": secret}})
    world.raw({})
    world.say(MOTHER, "开心")
    await any_town.settle()
    assert not any_town.world.updates._held
    known = await answers(any_town, mother)
    assert (known["how"], known["mood"]) == ("family_visit", "cheerful")
    assert {one.update_id for one in await kept(any_town)} == broken
    assert {one.state for one in await kept(any_town)} == {"unparsable"}
    assert all(secret.encode() in one.body or b"\\u" in one.body for one in await kept(any_town))
    with pytest.raises(SystemExit, match="1"):
        await check(any_town.settings, any_town.clock.now, retry=True)
    told = capfd.readouterr().out
    assert all(str(number) in told for number in broken)
    assert secret[:6] not in told + caplog.text


class Exploding:
    """A command that writes and then always fails, until it is mended."""

    def __init__(self) -> None:
        self.tried = 0
        self.mended = False

    async def run(self, scene: Scene, words: str) -> None:
        self.tried += 1
        await strangers.may_answer(scene.tx, scene.turn.chat_id, scene.now)
        if not self.mended:
            raise RuntimeError(f"it went wrong at {words}")
        scene.say(NOT_SAVED)


@pytest.mark.parametrize("who", [MOTHER, READS_ENGLISH])
async def test_t10_what_always_fails_is_tried_three_times_kept_and_its_sender_told(
    any_town: Stage, who: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    exploding = Exploding()
    registry = any_town.app.gateway._registry
    registry.commands["explode"] = Command("explode", Action.START, exploding.run)
    chat, other = any_town.chat(who), any_town.chat(COORDINATOR)
    any_town.world.language(who, "de")
    any_town.world.say(COORDINATOR, "/recent")
    any_town.world.say(who, "/visit")
    any_town.world.say(who, "/explode 小禾说她不想上学了")
    any_town.world.say(who, "/help")
    any_town.world.say(COORDINATOR, "/people")
    await any_town.settle()
    assert exploding.tried == 3
    sorry = in_words(any_town, NOT_SAVED, chat)
    assert sum(sorry in line for line in chat.everything.splitlines()) == 1
    assert speaks(sorry, ENGLISH) == (who == READS_ENGLISH)
    assert len(await drafts(any_town, chat)) == 1
    assert len(other.bubbles) == 2
    (failed,) = await kept(any_town)
    assert (failed.state, failed.error) == ("failed", "RuntimeError")
    async with any_town.database.transaction() as tx:
        assert await strangers.may_answer(tx, who, any_town.clock.now())  # what it wrote was taken back
    assert "小禾" not in caplog.text + capfd.readouterr().err
    exploding.mended = True
    raw = json.loads(failed.body)
    turn = parse(raw, any_town.clock.now())
    assert turn
    await any_town.app.gateway.retry(Heard(turn, raw))
    assert await kept(any_town) == []


async def test_t05_stopping_and_starting_under_load_doubles_and_loses_nothing(town: Stage) -> None:
    people = [town.chat(who) for who in (MOTHER, READS_ENGLISH)]
    before = [len(await own(town, chat)) for chat in people]
    for number in range(5):
        for chat in people:
            for word in ("/visit", "小竹", "家访", "开心", f"这是第{number}回", "保存"):
                town.world.say(chat.user, word)
        await town.restart()
    await town.settle()
    for chat, had in zip(people, before, strict=True):
        fresh = (await own(town, chat))[:5]
        assert len(await own(town, chat)) == had + 5
        notes = sorted(str(entry.body.model_dump()["note"])[-5:] for entry in fresh)
        assert notes == [f"这是第{number}回" for number in range(5)]
        said = [line for line in chat.everything.splitlines() if "#" in line]
        assert sorted(line.rpartition("#")[2] for line in said) == sorted(entry.number for entry in fresh)
    assert await sent_twice(town) == 0
