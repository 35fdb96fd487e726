"""Whoever comes by a way that is not theirs: worn-out links, groups, borrowed words, children of another home."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.gateway import GROUP_LINE
from bot.handlers.welcome import HELLO, NO_LINK
from care.access import Action
from care.people import Role
from care.refusal import NOT_FOUND
from storage import children, invitations, records
from storage.vault import hash_token
from tests.faults.seen import (
    CHINESE,
    COORDINATOR,
    MOTHER,
    STRANGER,
    TEACHER,
    actor_of,
    answers,
    drafts,
    in_words,
    kept,
    own,
    refusals,
    visit_to_review,
)
from tests.stage import Chat, Stage, words_of

GOOD = "Zm9yLXRoZS1nb29kLW9uZQ"


async def invite(stage: Stage, token: str, *, lasts: timedelta = timedelta(hours=72)) -> None:
    now = stage.clock.now()
    async with stage.database.transaction() as tx:
        await invitations.invite(
            tx,
            token_hash=hash_token(token),
            role=Role.COORDINATOR,
            expected_name="高老师",
            now=now,
            expires_at=now + lasts,
        )


@pytest.mark.parametrize(
    "payload",
    ["AAAAAAAAAAAAAAAAAAAAAA", "x" * 65, "y" * 4000, "' OR '1'='1", "a; DROP TABLE invitations", "../../etc/passwd",
     "%00", "心桥", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "-1", "start=abc", "<b>x</b>"],
)  # fmt: skip
async def test_t38_a_made_up_link_gets_the_one_answer(town: Stage, payload: str) -> None:
    stranger = town.chat(STRANGER)
    assert await stranger.start(payload) == in_words(town, NO_LINK, stranger)
    assert await kept(town) == []
    assert (f"chat:{STRANGER}", "no such link") in await refusals(town)


async def test_t38_used_and_expired_links_get_the_same_answer_and_leave_the_user_a_stranger(town: Stage) -> None:
    stranger, late = town.chat(STRANGER), town.chat(STRANGER + 1)
    await invite(town, GOOD)
    await invite(town, "old", lasts=timedelta(seconds=1))
    town.clock.forward(town.clock.now() + timedelta(minutes=1))
    first = await stranger.start(GOOD)
    no_link = in_words(town, NO_LINK, stranger)
    assert first != no_link
    assert [await late.start(GOOD), await late.start("old"), await late.start("unknown")] == [no_link] * 3
    await late.say("/visit")
    assert in_words(town, HELLO, stranger) in late.everything


async def test_t38_who_tries_links_hears_nothing_more_even_of_a_good_one(town: Stage) -> None:
    stranger = town.chat(STRANGER)
    await invite(town, GOOD)
    for number in range(30):
        await stranger.start(f"guess{number}")
    heard = len(stranger.bubbles)
    assert heard <= 7
    await stranger.start(GOOD)
    assert set(stranger.everything.splitlines()) == {in_words(town, NO_LINK, stranger)}
    town.clock.forward(town.clock.now() + timedelta(hours=2))
    assert await stranger.start(GOOD) != in_words(town, NO_LINK, stranger)


async def test_t38_a_link_in_the_middle_of_a_visit_loses_nothing(town: Stage) -> None:
    mother = town.chat(MOTHER)
    before = len(await own(town, mother))
    await visit_to_review(mother)
    assert await mother.start("x" * 64) == in_words(town, NO_LINK, mother)
    await mother.say("保存")
    assert len(await own(town, mother)) == before + 1


def spoken_in(stage: Stage, chat_id: int) -> list[str]:
    return [words_of(post) for post in stage.world.chats[chat_id].posts.values() if post.by_bot]


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_t41_in_a_group_one_neutral_line_and_nobody_is_known(town: Stage, kind: str) -> None:
    mother, world = town.chat(MOTHER), town.world
    await mother.say("/visit")
    (draft,) = await drafts(town, mother)
    group, news = world.group("家长群", kind), world.group("公告", "channel")
    world.reads_groups = True
    world.add_bot(group, MOTHER)
    await town.settle()
    if kind != "channel":
        for text in ("/visit", "/visit@xinqiao_test_bot", "家访", "/recent", "/child 0601", f"/start {GOOD}"):
            world.say(MOTHER, text, chat=group)
        world.say_anonymously(group, "/people")
        world.say_from_channel(group, news, "/recent")
        world.say(MOTHER, "/mine", chat=group, via_bot="gif")
        world.contact(MOTHER, chat=group)
        world.tap(COORDINATOR, world.chats[group].last_message_id, "b|recent|open|x", chat=group)
    else:
        world.say(MOTHER, "/recent", chat=group)
    await town.settle()
    assert spoken_in(town, group) == [town.app.languages.render(GROUP_LINE, CHINESE)]
    assert await drafts(town, mother) == [draft]
    assert await kept(town) == []


async def test_t41_forwarded_and_borrowed_commands_are_words_and_not_commands(town: Stage) -> None:
    coordinator, mother = town.chat(COORDINATOR), town.chat(MOTHER)
    await coordinator.say("/people", forwarded=True)
    assert "<b>" not in coordinator.heard
    assert "志愿者" not in coordinator.heard
    await visit_to_review(mother)
    await mother.say("/cancel", forwarded=True)
    await mother.say("/mine", via_bot="gif")
    assert (await answers(town, mother))["note"] == "/cancel\n/mine"


async def test_t41_a_stranger_who_forwards_an_invitation_is_not_let_in(town: Stage) -> None:
    stranger = town.chat(STRANGER)
    await invite(town, GOOD)
    assert await stranger.say(f"/start {GOOD}", forwarded=True) == in_words(town, HELLO, stranger)


async def of_another_home(stage: Stage) -> tuple[str, str, str, str]:
    """Id, code and short name of a child out of the teacher's reach, and the id of a record about it."""
    coordinator, teacher = [await actor_of(stage, stage.chat(who)) for who in (COORDINATOR, TEACHER)]
    async with stage.database.reading() as tx:
        mine = {one.home_id for one in await children.children(tx, teacher, Action.SEE_CHILD)}
        for child in await children.children(tx, coordinator, Action.SEE_CHILD):
            found = await records.of_child(tx, coordinator, child.id, 1)
            if child.home_id not in mine and found:
                return child.id, child.code, child.short_name, found[0].id
    raise AssertionError("no such child")


async def answer_to(chat: Chat, doing: str, what: str) -> str:
    """What the bot says to the same deed, with what was asked for blanked."""
    said = await (chat.tap_data(doing.format(what)) if "|" in doing else chat.say(doing.format(what)))
    return said.replace(what, "…")


async def test_t52_a_child_of_another_home_is_denied_like_one_that_is_not(town: Stage) -> None:
    teacher = town.chat(TEACHER)
    id, code, name, record = await of_another_home(town)
    await teacher.start()
    refused = in_words(town, NOT_FOUND, teacher)
    for data in ("s|child|{}", "s|talk|{}", "s|activity|{}", "b|recent|open|{}", "b|mine|open|{}"):
        wanted = record if data[0] == "b" else id
        assert await answer_to(teacher, data, wanted) == await answer_to(teacher, data, "AAAAAAAAAAAA"), data
        if data != "s|activity|{}":
            assert teacher.heard == refused, data
    me = await actor_of(town, teacher)
    noted = [reason for who, reason in await refusals(town) if who == me.person_id]
    assert noted.count("no such record in reach") == 4
    assert sum("not on offer" in reason for reason in noted) >= 4
    for wanted, unknown in ((code, "9999"), (f"{name}{code}", "名字不存在9999")):
        assert await answer_to(teacher, "/child {}", wanted) == await answer_to(teacher, "/child {}", unknown)
        assert await answer_to(teacher, "{}", wanted) == await answer_to(teacher, "{}", unknown)
    (draft,) = await drafts(town, teacher)
    assert await answer_to(teacher, f"c|{draft.id}|one|={{}}", id) == await answer_to(
        teacher, f"c|{draft.id}|one|={{}}", "AAAAAAAAAAAA"
    )
    assert await kept(town) == []


async def test_t52_a_love_mother_sees_no_other_child_whatever_she_types(town: Stage) -> None:
    mother = town.chat(MOTHER)
    for typed in ("/child 0602", "/child 小竹", "/visit 0602", "/visit 小竹"):
        assert "0602" not in (await mother.say(typed)).replace(typed, "")
        assert "小竹" not in mother.heard.replace(typed, "")
