"""People come and go: an invitation, the coordinator's yes, a role that ends."""

from __future__ import annotations

import re

from storage import audit, people, records
from tests.flows.families import LONG
from tests.flows.test_visit import count
from tests.stage import NOON, Chat, Stage, keyboard_of, words_of

NEWCOMER = 990001
_TOKEN = re.compile(r"start=([A-Za-z0-9_-]{22})")


async def invited(stage: Stage, role: str, name: str, *more: str) -> str:
    """The token of a fresh invitation by the coordinator."""
    coordinator = stage.chat("coordinator")
    await coordinator.start()
    await coordinator.say("/invite")
    await coordinator.tap(role)
    for choice in more:
        await coordinator.say(choice)
    await coordinator.say(name)
    await coordinator.tap("生成链接")
    found = _TOKEN.search(coordinator.heard)
    assert found, coordinator.heard
    return found[1]


async def let_in(stage: Stage, token: str) -> Chat:
    newcomer = stage.chat(NEWCOMER)
    await newcomer.start(token)
    await stage.chat("coordinator").tap("✅")
    return newcomer


async def test_a_volunteer_comes_in_is_cleared_paired_and_logs_a_visit(any_district: Stage) -> None:
    token = await invited(any_district, "爱心妈妈", "米归雁")
    newcomer = await let_in(any_district, token)
    coordinator = any_district.chat("coordinator")
    assert newcomer.buttons == ["中文", "English"]
    await newcomer.say("/visit")
    assert not any("|how|" in key for key in newcomer.data)
    await coordinator.tap(coordinator.buttons[0])
    await coordinator.tap("☑")
    await coordinator.say("/pair")
    await coordinator.say("米归雁")
    await coordinator.say("0605")
    await coordinator.tap("保存")
    assert "阳阳" in newcomer.heard
    await newcomer.say("/visit")
    await newcomer.tap("family visit")
    await newcomer.tap("cheerful")
    await newcomer.tap("Save")
    assert await count(any_district, newcomer) == 1


async def test_who_is_on_the_roster_keeps_pairings_and_checks_when_the_phone_is_linked(any_district: Stage) -> None:
    coordinator = any_district.chat("coordinator")
    await coordinator.start()
    async with any_district.database.reading() as tx:
        actors = await people.actors(tx, [coordinator.user], NOON.date())
        held = await people.holdings(tx, actors[coordinator.user])
    loaded = next(one for one in held if one.role == "volunteer" and not one.has_chat and len(one.children) == 1)
    token = await invited(any_district, "爱心妈妈", loaded.name)
    newcomer = await let_in(any_district, token)
    await newcomer.say("/visit")
    await newcomer.tap("family visit")
    await newcomer.tap("cheerful")
    assert loaded.children[0] in newcomer.heard
    await newcomer.tap("Save")
    assert await count(any_district, newcomer) >= 1


async def test_the_same_answer_for_used_expired_and_unknown_links(district: Stage) -> None:
    token = await invited(district, "老师", "林远山", "近郊小学")
    first, second, third = (district.chat(NEWCOMER + n) for n in range(3))
    await first.start(token)
    await second.start(token)
    used = second.heard
    await third.start("A" * 22)
    unknown = third.heard
    late = await invited(district, "老师", "林长风", "近郊小学")
    await district.turn(hours=73, step=LONG)
    fourth = district.chat(NEWCOMER + 4)
    await fourth.start(late)
    assert used == unknown == fourth.heard
    assert first.heard != used


async def test_tries_with_links_are_few(district: Stage) -> None:
    token = await invited(district, "老师", "林远山", "近郊小学")
    guesser = district.chat(NEWCOMER)
    for guess in "abcdef":
        await guesser.start(guess * 22)
    refused = guesser.heard
    await guesser.start(token)
    assert guesser.heard == refused


async def test_who_is_refused_stays_out_and_the_link_is_void(district: Stage) -> None:
    token = await invited(district, "老师", "林远山", "近郊小学")
    newcomer, coordinator = district.chat(NEWCOMER), district.chat("coordinator")
    await newcomer.start(token)
    await coordinator.tap("✖")
    await newcomer.say("/talk")
    assert not any(key.startswith("c|") for key in newcomer.data)
    bubbles = len(coordinator.bubbles)
    await district.chat(NEWCOMER + 1).start(token)
    assert len(coordinator.bubbles) == bubbles


async def test_a_role_that_ends_ends_access_at_once_old_buttons_included(any_district: Stage) -> None:
    mother, coordinator = any_district.chat("volunteer"), any_district.chat("coordinator")
    await coordinator.start()
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    before = await count(any_district, mother)
    await coordinator.say("/people")
    await coordinator.tap("🔍")
    await coordinator.say("苗春禾")
    await coordinator.tap("爱心妈妈")
    await coordinator.tap("是")
    await mother.tap("保存")
    await mother.say("/child")
    await mother.say("/mine")
    assert "小禾" not in "".join(bubble for bubble in mother.everything.splitlines()[-3:])
    async with any_district.database.reading() as tx:
        refused = [line for line in await audit.latest(tx, 20) if line.outcome == "refused"]
        assert refused
        actors = await people.actors(tx, [coordinator.user], NOON.date())
        saved = await records.recent(tx, actors[coordinator.user], 500)
    assert len([one for one in saved if one.author_name == "苗春禾"]) == before


async def test_strangers_hear_one_kind_line_an_hour(district: Stage) -> None:
    stranger = district.chat(NEWCOMER)
    for _ in range(5):
        await stranger.say("hello")
    assert len(stranger.bubbles) == 1
    await district.turn(hours=1, minutes=1)
    await stranger.say("hello?")
    assert len(stranger.bubbles) == 2


async def test_a_stranger_chooses_a_language_and_is_answered_in_it(district: Stage) -> None:
    stranger = district.chat(NEWCOMER)
    await stranger.say("hello")
    await stranger.tap("中文")
    await stranger.start("B" * 22)
    assert "链接" in stranger.heard


async def test_the_language_changes_words_menu_and_later_messages(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.start()
    await mother.say("/language")
    await mother.tap("English")
    assert {"command": "visit", "description": "Log a visit or call"} in [
        {"command": one["command"], "description": one["description"]}
        for one in district.world.commands_for(mother.user)
    ]
    assert "How were you in touch" in await mother.say("/visit")


async def test_a_guardians_words_reach_the_teacher(district: Stage) -> None:
    guardian, teacher = district.chat("guardian"), district.chat("teacher")
    await teacher.start()
    await guardian.say("孩子今天发烧了，没去上学")
    assert "发烧" in teacher.heard
    assert "花月明" in teacher.heard


async def test_a_teachers_child_page_shows_who_is_there_for_the_child(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/child")
    await teacher.say("0601")
    page = teacher.heard
    assert "小禾" in page
    assert "花月明" in page
    assert "苗春禾" in page


async def test_a_child_of_another_home_is_not_found(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/child")
    await teacher.say("0101")
    assert "0101" not in "".join(teacher.buttons)


async def test_a_coordinators_greeting_opens_lists_by_a_tap(district: Stage) -> None:
    coordinator = district.chat("coordinator")
    await coordinator.start()
    assert coordinator.data == [
        *("b|due", "b|today", "b|report", "b|overview", "b|recent"),
        *("s|child", "s|concern", "s|notice", "b|people"),
    ]
    assert "最新记录" in await coordinator.tap("最新记录")
    await coordinator.say("/help")
    await coordinator.press("b|people")
    assert "s|person" in coordinator.data


async def test_children_of_the_same_name_are_told_apart_by_their_homes(district: Stage) -> None:
    coordinator, mother = district.chat("coordinator"), district.chat("volunteer")
    await coordinator.say("/child")
    await coordinator.say("小")
    shown = [label for label in coordinator.buttons if "（" in label]
    assert len(shown) > 1
    assert all("小学" in label for label in shown)
    await mother.say("/visit")
    assert "小学" not in mother.heard


async def test_the_link_comes_once_more_to_be_passed_on(district: Stage) -> None:
    token = await invited(district, "爱心妈妈", "米归雁")
    card, to_forward = district.chat("coordinator").bubbles[-2:]
    assert [words_of(post).count(token) for post in (card, to_forward)] == [1, 1]
    assert words_of(to_forward).startswith("米归雁，您好")
    assert keyboard_of(to_forward) == []
    assert "protect_content" not in to_forward.payload
    assert not to_forward.payload.get("has_protected_content")


async def test_a_guardian_who_tries_commands_hears_how_to_talk_with_us(district: Stage) -> None:
    guardian = district.chat("guardian")
    kind = await guardian.say("/help")
    assert await guardian.say("/visit") == kind
    assert await guardian.say("/nonsense") == kind
    assert await guardian.say("/people") == kind
    assert not guardian.data


async def test_what_was_stopped_is_named(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    assert "“记一次联系”停下了" in await mother.say("停下")


async def test_a_pairing_is_ended_where_a_coordinator_looks_and_the_child_is_out_of_reach_at_once(
    any_district: Stage,
) -> None:
    coordinator, mother = any_district.chat("coordinator"), any_district.chat("volunteer")
    await mother.say("/visit")
    assert "小禾" in mother.heard
    await coordinator.say("/child")
    await coordinator.say("0601")
    await coordinator.tap("结束与苗春禾的结对")
    await coordinator.tap("不，留着")
    await mother.tap("🏠")
    await coordinator.say("/people")
    await coordinator.tap("🔍")
    await coordinator.say("苗春禾")
    await coordinator.tap("结束与小禾")
    old = next(data for data in coordinator.data if "|end!|" in data)
    await coordinator.tap("是，结束")
    assert "结对结束了" in coordinator.heard
    assert "谢谢您" in mother.heard
    await mother.tap("😄")
    await mother.tap("保存")
    assert await count(any_district, mother) == 0
    await mother.say("/visit")
    assert not any("|how|" in key for key in mother.data[-1:])
    await coordinator.tap_data(old)
    assert "已经" in coordinator.heard
