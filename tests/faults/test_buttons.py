"""Buttons that are somebody else's, old, tapped twice or made up."""

from __future__ import annotations

import random
import string
from datetime import timedelta

import pytest

from bot.gateway import OLD_BUTTON
from care.refusal import NOT_FOUND
from storage import pairings
from tests.faults.seen import (
    CHINESE,
    COORDINATOR,
    MOTHER,
    READS_ENGLISH,
    STRANGER,
    TEACHER,
    actor_of,
    answers,
    drafts,
    in_words,
    kept,
    own,
    refusals,
    speaks,
    visit_to_review,
)
from tests.stage import Chat, Stage


def key(chat: Chat, label: str) -> tuple[int, str]:
    """Message and data of a button on the person's own screen."""
    post, button = chat.find(label)
    return post.message_id, button["callback_data"]


async def test_t34_a_tap_on_another_persons_card_is_refused_and_noted(town: Stage) -> None:
    victim, forger = town.chat(READS_ENGLISH), town.chat(MOTHER)
    await forger.start()
    await victim.say("/visit")
    await victim.tap("小")
    message, data = key(victim, "family visit")
    (draft,) = await drafts(town, victim)
    seen = victim.everything
    town.world.tap(MOTHER, message, data, chat=READS_ENGLISH)
    await town.settle()
    assert victim.everything == seen
    assert await drafts(town, victim) == [draft]
    assert in_words(town, OLD_BUTTON, forger) in forger.heard
    me = await actor_of(town, forger)
    assert (me.person_id, "not the owner") in await refusals(town)


async def test_t34_another_persons_buttons_do_nothing_in_ones_own_chat(town: Stage) -> None:
    victim, forger = town.chat(READS_ENGLISH), town.chat(MOTHER)
    await victim.say("/visit")
    await victim.tap("小")
    (draft,) = await drafts(town, victim)
    await forger.start()
    for data in (*victim.data, f"r|{draft.id}", f"x|{draft.id}", f"w|{draft.id}", f"k|visit|{draft.id}"):
        assert in_words(town, OLD_BUTTON, forger) in await forger.tap_data(data)
    assert await drafts(town, victim) == [draft]
    assert await drafts(town, forger) == []


@pytest.mark.parametrize("verb", ["yes", "no", "clear", "end", "end!"])
async def test_t34_a_coordinators_buttons_are_refused_to_everybody_else(town: Stage, verb: str) -> None:
    forger = town.chat(MOTHER)
    await forger.start()
    said = await forger.tap_data(f"b|people|{verb}|AAAAAAAAAAAA")
    assert said == in_words(town, NOT_FOUND, forger)
    assert ((await actor_of(town, forger)).person_id, "may not people.see") in await refusals(town)


async def test_t35_a_button_of_a_pairing_that_ended_is_refused_kindly_and_nothing_is_stored(town: Stage) -> None:
    mother = town.chat(MOTHER)
    before = len(await own(town, mother))
    await visit_to_review(mother)
    me = await actor_of(town, mother)
    async with town.database.transaction() as tx:
        (child,) = me.grants[0].children
        (pairing,) = [one for one in await pairings.pairings_of(tx, [child]) if one.person_id == me.person_id]
        assert await pairings.unpair(tx, pairing.id, "test", town.clock.now())
    assert "项目办" in await mother.tap("保存")
    assert speaks(mother.heard, CHINESE)
    assert "小禾" not in mother.heard
    assert (me.person_id, "child out of scope") in await refusals(town)
    async with town.database.transaction() as tx:
        await pairings.pair(tx, me.person_id, child, today=town.clock.now().date())
    await mother.tap("保存")
    assert len(await own(town, mother)) == before + 1


async def test_t35_a_button_of_what_was_saved_or_stopped_offers_a_fresh_one(town: Stage) -> None:
    mother = town.chat(MOTHER)
    before = len(await own(town, mother))
    await mother.say("/visit")
    message, how = key(mother, "🏠")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    await mother.tap_data(how, message)
    assert "|visit" in "".join(mother.data)
    assert speaks(mother.heard, CHINESE)
    await mother.tap(mother.buttons[0])
    assert any("|how|" in data for data in mother.data)
    message, how = key(mother, "🏠")
    await mother.tap("取消")
    await mother.tap_data(how, message)
    assert [data.split("|")[0] for data in mother.data] == ["s"]
    assert len(await own(town, mother)) == before + 1


async def test_t35_a_button_after_thirty_days_is_refused_kindly_and_offers_a_fresh_card(town: Stage) -> None:
    mother = town.chat(MOTHER)
    await visit_to_review(mother)
    message, save = key(mother, "保存")
    town.clock.forward(town.clock.now() + timedelta(days=30))
    await town.app.clockwork.tick()
    await mother.tap_data(save, message)
    assert speaks(mother.heard, CHINESE)
    assert mother.data == ["s|visit"]
    await mother.tap(mother.buttons[0])
    assert any("|how|" in data for data in mother.data)


async def test_t36_every_tap_twice_has_one_effect_and_both_are_answered(any_town: Stage) -> None:
    mother = any_town.chat(MOTHER)
    before = len(await own(any_town, mother))
    await mother.start()
    taps = 0
    for label in ("记一次联系", "🏠", "😄", "保存"):
        message, data = key(mother, label)
        for _ in range(2):
            any_town.world.tap(MOTHER, message, data)
            taps += 1
        await any_town.settle()
    assert len(await own(any_town, mother)) == before + 1
    assert await drafts(any_town, mother) == []
    answered = [entry.outcome for entry in any_town.world.ledger if entry.name == "answerCallbackQuery"]
    assert answered == ["ok"] * taps
    assert len([line for line in mother.everything.splitlines() if "#" in line]) == 1


async def test_t36_two_devices_that_disagree_leave_the_first_answer_and_a_question_that_stands(town: Stage) -> None:
    mother = town.chat(MOTHER)
    await mother.say("/visit")
    (at_home, home), (by_phone, phone) = key(mother, "🏠"), key(mother, "📞")
    town.world.tap(MOTHER, at_home, home)
    town.world.tap(MOTHER, by_phone, phone)
    await town.settle()
    assert (await answers(town, mother))["how"] == "family_visit"
    assert any("|mood|" in data for data in mother.data)


async def test_t36_two_people_who_tap_at_once_both_get_what_is_theirs(town: Stage) -> None:
    chats = [town.chat(MOTHER), town.chat(READS_ENGLISH)]
    before = [len(await own(town, chat)) for chat in chats]
    for chat in chats:
        await chat.say("/visit")
        if any("|child|" in data for data in chat.data):
            await chat.tap("小竹") if "小竹" in "".join(chat.buttons) else await chat.tap(chat.buttons[0])
    for label in ("🏠", "😄", "✅"):
        for message, data in [key(chat, label) for chat in chats]:
            town.world.tap(next(c.user for c in chats if data in c.data), message, data)
        await town.settle()
    assert [len(await own(town, chat)) for chat in chats] == [had + 1 for had in before]


async def test_t36_a_newcomer_let_in_twice_is_let_in_once(town: Stage) -> None:
    coordinator, stranger = town.chat(COORDINATOR), town.chat(STRANGER)
    await coordinator.say("/invite")
    await coordinator.tap("项目办")
    await coordinator.say("高老师")
    link = await coordinator.tap("生成链接")
    await stranger.start(link.rpartition("start=")[2])
    message, yes = key(coordinator, "✅")
    for _ in range(2):
        town.world.tap(COORDINATOR, message, yes)
    await town.settle()
    assert len((await actor_of(town, stranger)).grants) == 1
    assert await kept(town) == []


JUNK = (
    b"",
    b"c",
    b"|||||",
    b"c|x|y|z",
    b"c|" + b"A" * 62,
    b"x" * 64,
    "心".encode() * 21,
    "\U0001f600\U0001f44d\U0001f3fd".encode(),
    bytes(range(32)),
    b"\xff\xfe\x00\x01",
    b"' OR 1=1; DROP TABLE records; --",
    b"b|people|end!|' OR 1=1 --",
    b"b|recent|open|../../etc/passwd",
    b"b|mine|older|99999999999999999999",
    "b|mine|older|²".encode(),
    b"b|mine|older|-1",
    b"b|language|zh_Hans_CN; DROP",
    b"b|recent",
    b"b|people",
    b"b|start|x",
    b"b|nothing|x",
    b"s|nothing",
    b"s|visit|' OR 1=1 --",
    b"s|talk|x|y|z",
    b"k|visit|nothing",
    b"r|nothing",
    b"w|",
)


async def test_t37_made_up_data_is_refused_and_leaves_no_trace(any_town: Stage) -> None:
    mother = any_town.chat(MOTHER)
    await mother.start()
    for data in JUNK:
        heard = len(mother.bubbles)
        said = await mother.tap_data(data)
        assert len(mother.bubbles) > heard, data
        assert speaks(said, CHINESE), (data, said)
        assert "DROP" not in said
        assert "passwd" not in said
    assert await kept(any_town) == []
    assert await drafts(any_town, mother) == []


async def test_t37_a_stranger_who_makes_up_data_hears_one_answer(town: Stage) -> None:
    stranger = town.chat(STRANGER)
    for data in JUNK:
        await stranger.tap_data(data, 1)
    assert len(stranger.bubbles) <= 2
    assert await kept(town) == []


_TOKENS = (
    *("=", "+", "-", "p", "m", "p0", "p99999999999", "p²", "m2026-13", "m2026-99", "m9999-12", "m0001-01", "m1", "m²"),
    *("all", "none", "ok", "skip", "back", "clear", "close", "pass", "open", "more", "change", "cancel!", "=yes"),
    *("=2026-02-31", "=9999-12-31", "=urgent", "=12", "=-1", "=" + "9" * 40, "+x", "-x"),
)
_WHO = {"/visit": MOTHER, "/talk": TEACHER, "/activity": TEACHER, "/child": TEACHER}


@pytest.mark.parametrize("command", ["/visit", "/talk", "/activity", "/child", "/invite", "/pair"])
async def test_t37_made_up_answers_never_break_a_conversation(town: Stage, command: str) -> None:
    dice = random.Random(command)
    chat = town.chat(_WHO.get(command, COORDINATOR))
    await chat.say(command)
    flow = town.app.gateway._registry.flows[command[1:]]
    fields = [*(ask.field for ask in flow.asks), ".", "nothing", ""]
    for _ in range(12):
        (draft,) = await drafts(town, chat)
        for _ in range(12):
            place = draft.body.get("at", ".") if dice.random() < 0.6 else dice.choice(fields)
            token = dice.choice(_TOKENS) if dice.random() < 0.8 else "".join(dice.choices(string.printable, k=8))
            town.world.tap(chat.user, chat.bubbles[-1].message_id, f"c|{draft.id}|{place}|{token}"[:64])
        await town.settle()
        if not await drafts(town, chat):
            break
    assert await kept(town) == []
    assert speaks(chat.heard, CHINESE)
