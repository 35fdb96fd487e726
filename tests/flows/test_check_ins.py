"""The check-in (报平安): asked on its days, answered with a tap or in words, climbing until somebody has answered."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bot.engine.turn import Heard, Kind, Turn
from care.check_in import State
from storage import check_ins
from storage.check_ins import New
from tests.flows.families import (
    LONG,
    QUARTER,
    check_in,
    gets_a_phone,
    guards,
    loses_the_child,
    news,
    short_name,
    to_saturday,
)
from tests.stage import Stage

FATHER, LEADER, AWAY = 730101, 730102, 730105


async def test_asked_at_ten_on_saturday_and_a_tap_is_enough(district: Stage) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    before = len(grandmother.bubbles)
    await to_saturday(district)
    assert len(grandmother.bubbles) == before + 1
    assert "小禾" in grandmother.heard
    assert len(grandmother.buttons) == 3
    told = len(teacher.bubbles)
    await grandmother.tap("👍")
    heard = len(grandmother.bubbles)
    await district.turn(hours=90, step=QUARTER)
    assert len(grandmother.bubbles) == heard
    assert "小禾" not in news(teacher, told)
    assert await check_in(district, "0601") == ("answered", "well", False)


@pytest.mark.parametrize(("more", "asked"), [((), "Is 小禾 all right"), (("0602",), "Are 小禾 and 小竹 all right")])
async def test_one_child_is_and_two_are(district: Stage, more: tuple[str, ...], asked: str) -> None:
    grandmother = district.chat("guardian")
    await grandmother.start()
    for child in more:
        await guards(district, "G0601A", child)
    await grandmother.say("/language")
    await grandmother.tap("English")
    await to_saturday(district)
    assert asked in grandmother.heard


async def test_a_silent_family_climbs_each_rung_once(any_district: Stage) -> None:
    district = any_district
    grandmother, teacher, mother, coordinator = (
        district.chat(who) for who in ("guardian", "teacher", "volunteer", "coordinator")
    )
    for chat in (grandmother, teacher, mother, coordinator):
        await chat.start()
    father = await gets_a_phone(district, "G0601B", FATHER)
    leader = await gets_a_phone(district, "B01", LEADER)
    await to_saturday(district)
    since = {chat.user: len(chat.bubbles) for chat in (grandmother, father, teacher, mother, coordinator, leader)}

    async def said() -> dict[str, int]:
        people = {"grandmother": grandmother, "father": father, "teacher": teacher, "mother": mother}
        people |= {"coordinator": coordinator, "leader": leader}
        return {name: news(chat, since[chat.user]).count("小禾") for name, chat in people.items()}

    nobody = dict.fromkeys(("grandmother", "father", "teacher", "mother", "coordinator", "leader"), 0)
    await district.turn(hours=3, minutes=50, step=LONG)
    assert await said() == nobody
    await district.turn(minutes=20)
    told = nobody | {"grandmother": 1, "father": 1}
    assert await said() == told
    await district.turn(hours=17, minutes=40, step=240)
    assert await said() == told
    await district.turn(minutes=20)
    told |= {"teacher": 1}
    assert await said() == told
    assert "138 0000" in news(teacher, since[teacher.user])
    await district.turn(hours=4, step=60)
    told |= {"mother": 1}
    assert await said() == told
    await district.turn(hours=21, step=240)
    assert await said() == told
    await district.turn(hours=2, step=60)
    told |= {"coordinator": 1, "leader": 1}
    assert await said() == told
    await district.turn(hours=26, step=240)
    assert (await check_in(district, "0601"))[0] == "missed"
    assert await said() == told


@pytest.mark.parametrize("first", ["timer", "answer"])
async def test_t31_nothing_climbs_after_an_answer_in_the_same_second(any_district: Stage, first: str) -> None:
    district = any_district
    grandmother, teacher, mother = (district.chat(who) for who in ("guardian", "teacher", "volunteer"))
    for chat in (grandmother, teacher, mother):
        await chat.start()
    await to_saturday(district)
    ask = next(post for post in reversed(grandmother.bubbles) if "小禾" in str(post.payload.get("text")))
    (data,) = [one for one in grandmother.data if "|well|" in one]
    await district.turn(hours=25, minutes=58, step=LONG)
    told = len(mother.bubbles)
    district.clock.forward(district.clock.now() + timedelta(minutes=2))
    tap = Turn(
        10**9,
        Kind.TAP,
        grandmother.user,
        grandmother.user,
        district.clock.now(),
        message_id=ask.message_id,
        tap=data,
    )
    work = [district.app.clockwork.tick(), district.app.gateway.take([Heard(tap, {})])]
    await asyncio.gather(*(work if first == "timer" else reversed(work)))
    answered = district.clock.now()
    await district.settle()
    late = [post for post in mother.bubbles[told:] if post.payload["date"] > answered.timestamp()]
    assert late == []
    again = len(mother.bubbles), len(teacher.bubbles)
    await district.turn(hours=40, step=240)
    assert "小禾" not in news(mother, again[0])
    assert "小禾" not in news(teacher, again[1])


async def test_t31_what_waits_for_the_morning_is_not_said_after_an_answer(district: Stage) -> None:
    """Asked late, so that a rung falls into the quiet hours: it is queued, and the answer takes it out."""
    grandmother, mother = district.chat("guardian"), district.chat("volunteer")
    await grandmother.start()
    await mother.start()
    await to_saturday(district, hour=19)
    await district.turn(minutes=50)
    assert "小禾" in grandmother.heard
    await district.turn(hours=26, minutes=-20, step=LONG)
    told = len(mother.bubbles)
    await district.turn(hours=1, step=20)
    await grandmother.tap("👍")
    await district.turn(hours=12, step=120)
    assert "小禾" not in news(mother, told)


async def test_t56_right_child_right_rights(any_district: Stage) -> None:
    """A guardian of two children, two guardians of one child, and one whose right a court has ended."""
    district = any_district
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    await guards(district, "G0601A", "0602")
    second = await gets_a_phone(district, "G0602A", FATHER)
    other = await short_name(district, "0602")
    await to_saturday(district)
    assert "小禾" in grandmother.heard
    assert other in grandmother.heard
    assert other in second.heard
    assert "小禾" not in second.heard
    await loses_the_child(district, "G0602A", "0602")
    told = len(teacher.bubbles)
    await second.tap("🆘")
    assert (await check_in(district, "0602"))[1] is None
    assert other not in news(teacher, told)
    await second.say("都好")
    assert (await check_in(district, "0602"))[1] is None
    await grandmother.tap("👍")
    assert await check_in(district, "0601") == ("answered", "well", False)
    assert await check_in(district, "0602") == ("answered", "well", False)


async def test_a_child_that_is_asked_about_anew_is_reminded_of_anew(district: Stage) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    await guards(district, "G0601A", "0602")
    await to_saturday(district)
    await district.turn(hours=4, minutes=5, step=LONG)
    assert "还没等到您的回话" in grandmother.heard
    await grandmother.tap("📞")
    await grandmother.tap(await short_name(district, "0602"))
    since = len(grandmother.bubbles)
    await district.turn(hours=4, minutes=5, step=LONG)
    assert news(grandmother, since) == "还没等到您的回话，小禾好吗？点一下就行。"


async def test_come_now_alarms_for_all_at_once_and_then_asks_which(district: Stage) -> None:
    grandmother, teacher, lead, coordinator = (
        district.chat(who) for who in ("guardian", "teacher", "home_lead", "coordinator")
    )
    for chat in (grandmother, teacher, lead, coordinator):
        await chat.start()
    await guards(district, "G0601A", "0602")
    other = await short_name(district, "0602")
    await to_saturday(district)
    await grandmother.tap("🆘")
    for chat in (teacher, lead, coordinator):
        assert "🔴" in chat.heard
        assert "小禾" in chat.heard
        assert other in chat.heard
    assert "110" in grandmother.heard
    await grandmother.tap("小禾")
    assert "小禾" in teacher.heard
    assert other not in teacher.heard
    assert other in grandmother.heard
    await grandmother.tap("👍")
    assert await check_in(district, "0602") == ("answered", "well", False)
    assert await check_in(district, "0601") == ("answered", "come", False)


async def test_the_graver_answer_stands_until_an_adult_closes_it(district: Stage) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    father = await gets_a_phone(district, "G0601B", FATHER)
    await grandmother.start()
    await teacher.start()
    await to_saturday(district)
    await grandmother.tap("📞")
    assert "📞" in teacher.heard
    await father.say("都好")
    assert await check_in(district, "0601") == ("answered", "call", False)
    await teacher.say("/due")
    assert "小禾" in teacher.heard
    await teacher.press("|called|")
    assert await check_in(district, "0601") == ("answered", "call", True)
    await teacher.say("/due")
    assert "回电话" not in teacher.heard
    await father.say("都好")
    assert await check_in(district, "0601") == ("answered", "well", False)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1", "well"),
        ("平安", "well"),
        ("都好👍", "well"),
        ("OK", "well"),
        ("孩子还在睡觉", "words"),
        ("好吗？", "words"),
    ],
)
async def test_only_a_closed_list_of_messages_means_well(district: Stage, typed: str, answer: str) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    await to_saturday(district)
    told = len(teacher.bubbles)
    await grandmother.say(typed)
    assert (await check_in(district, "0601"))[1] == answer
    assert (typed in news(teacher, told)) is (answer == "words")


async def test_a_voice_note_stops_the_reminder_and_stays_unheard_until_somebody_has_heard_it(
    district: Stage,
) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    await to_saturday(district)
    told = len(teacher.bubbles)
    district.world.voice(grandmother.user, b"sound")
    await district.settle()
    assert any("voice" in post.payload for post in teacher.bubbles[told:])
    heard = len(grandmother.bubbles)
    await district.turn(hours=5, step=60)
    assert len(grandmother.bubbles) == heard
    await teacher.say("/today")
    assert "👂 1" in teacher.heard
    await teacher.press("|heard|")
    assert await check_in(district, "0601") == ("answered", "words", True)
    await teacher.say("/today")
    assert "👂 1" not in teacher.heard


async def test_unheard_words_climb_to_the_teacher_again(district: Stage) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    await to_saturday(district)
    await grandmother.say("他昨天没怎么说话")
    told = len(teacher.bubbles)
    await district.turn(hours=23, step=120)
    assert "👂 小禾" in news(teacher, told)


async def test_a_sticker_is_asked_again(district: Stage) -> None:
    grandmother = district.chat("guardian")
    await grandmother.start()
    await to_saturday(district)
    district.world.sticker(grandmother.user)
    await district.settle()
    assert "小禾" in grandmother.heard
    assert len(grandmother.buttons) == 3
    assert (await check_in(district, "0601"))[1] is None


async def test_who_cannot_be_asked_stands_on_the_call_list_from_the_first_minute(any_district: Stage) -> None:
    district = any_district
    teacher = district.chat("teacher")
    await teacher.start()
    await district.chat("guardian").start()
    district.world.block(district.chat("guardian").user)
    await district.settle()
    told = len(teacher.bubbles)
    await to_saturday(district)
    assert "31" in news(teacher, told)
    await teacher.tap("📋")
    assert "📋 31" in teacher.heard
    assert "小禾" in teacher.heard
    assert "138 0000" in teacher.heard
    await teacher.press("|none|")
    assert "✖1" in teacher.heard
    assert (await check_in(district, "0601"))[1] is None
    await teacher.press("|phone|")
    assert await check_in(district, "0601") == ("answered", "well", False)
    assert "📋 30" in teacher.heard
    await teacher.press("|door|")
    assert "📋 29" in teacher.heard


async def test_who_refuses_the_question_is_on_the_list_at_once_and_the_teacher_hears_of_it(any_district: Stage) -> None:
    """Two families in one line; one whose father alone could be asked stood on the list before he refused."""
    district = any_district
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    second = await gets_a_phone(district, "G0602A", FATHER)
    away = await gets_a_phone(district, "G0603B", AWAY)
    for chat in (grandmother, second, away):
        district.world.deactivate(chat.user)
    told = len(teacher.bubbles)
    await to_saturday(district)
    heard = news(teacher, told)
    assert heard.count("在这里问不到") == 2
    assert "有29家" in heard
    assert "有2家" in heard
    await teacher.tap("📋")
    assert "📋 31" in teacher.heard
    await district.turn(hours=20, step=QUARTER)
    assert news(teacher, told).count("在这里问不到") == 2


async def test_a_leader_looks_on_and_sees_the_numbers_of_the_urgent_ones_only(district: Stage) -> None:
    leader, grandmother = await gets_a_phone(district, "B01", LEADER), district.chat("guardian")
    await grandmother.start()
    await to_saturday(district)
    await leader.say("/today")
    await leader.tap("近郊小学")
    assert "小竹" in leader.heard
    assert "📋 等老师打电话" in leader.heard
    assert "138 0000" not in leader.heard
    await grandmother.tap("🆘")
    await leader.say("/today")
    await leader.tap("近郊小学")
    assert leader.heard.count("138 0000") == 3
    await leader.press("b|concerns|open|")
    assert "家里说有急事" in leader.heard
    assert leader.heard.count("138 0000") == 3


async def test_today_shows_the_coordinator_every_home(district: Stage) -> None:
    grandmother, coordinator = district.chat("guardian"), district.chat("coordinator")
    await grandmother.start()
    await coordinator.start()
    await coordinator.say("/today")
    assert "11" in coordinator.heard
    await to_saturday(district)
    await grandmother.tap("👍")
    await coordinator.say("/today")
    assert "📋 202" in coordinator.heard
    assert coordinator.heard.count("小学") == 18
    await coordinator.tap("近郊小学")
    assert "👍 1" in coordinator.heard


async def test_after_an_outage_it_is_asked_afresh(district: Stage) -> None:
    grandmother = district.chat("guardian")
    await grandmother.start()
    heard = len(grandmother.bubbles)
    await to_saturday(district, hour=15)
    assert len(grandmother.bubbles) == heard + 1
    await district.turn(hours=3, minutes=50, step=60)
    assert len(grandmother.bubbles) == heard + 1
    await district.turn(minutes=20)
    assert len(grandmother.bubbles) == heard + 2


async def test_after_eight_in_the_evening_it_is_not_asked_and_the_teacher_is_told(district: Stage) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    heard, told = len(grandmother.bubbles), len(teacher.bubbles)
    await to_saturday(district, hour=20)
    assert len(grandmother.bubbles) == heard
    assert news(teacher, told).count("11月28日") == 1
    await district.turn(hours=30, step=120)
    assert len(grandmother.bubbles) == heard
    assert (await check_in(district, "0601"))[0] == "not_asked"


async def test_a_family_can_call_for_help_on_any_day(district: Stage) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    await grandmother.say("/check_in")
    await grandmother.tap("📞")
    assert "小禾" in teacher.heard
    assert await check_in(district, "0601") == ("answered", "call", False)
    await grandmother.say("都好")
    assert "老师" in grandmother.heard
    await grandmother.say("有急事，快找我")
    assert "🔴" in teacher.heard


async def test_a_call_on_another_day_stands_beside_the_days_list(district: Stage) -> None:
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await teacher.start()
    await to_saturday(district)
    await grandmother.tap("👍")
    await district.turn(days=1, step=LONG)
    for _ in range(2):
        told = len(teacher.bubbles)
        await grandmother.say("给我回个电话")
        assert "小禾" in news(teacher, told)
        await teacher.say("/today")
        assert "📞 1 " in teacher.heard
        assert "📋 30" in teacher.heard
        await teacher.press("|called|")
        assert "📞 1 " not in teacher.heard


async def test_a_stranger_to_the_child_cannot_settle_it(district: Stage) -> None:
    grandmother, mother = district.chat("guardian"), district.chat("volunteer")
    for chat in (grandmother, mother, district.chat("teacher")):
        await chat.start()
    await to_saturday(district)
    await grandmother.tap("📞")
    (called,) = [one for one in district.chat("teacher").data if "|called|" in one]
    await mother.tap_data(called)
    assert await check_in(district, "0601") == ("answered", "call", False)
    await grandmother.tap_data(called)
    assert await check_in(district, "0601") == ("answered", "call", False)


async def test_a_newer_answer_closes_the_older_question_too(district: Stage) -> None:
    """Asked on Saturday and, as on the last day of a long holiday, on Sunday: two questions, one climb, one answer."""
    grandmother, mother = district.chat("guardian"), district.chat("volunteer")
    await grandmother.start()
    await mother.start()
    await to_saturday(district)
    await district.turn(days=1, step=240)
    now = district.clock.now()
    async with district.database.transaction() as tx:
        child = await tx.row(text("SELECT id, home_id FROM children WHERE code = '0601'"))
        assert child is not None
        sunday = New(child.id, child.home_id, date(2026, 11, 29), State.ASKED, False, now, 0, now + timedelta(hours=4))
        await check_ins.begin(tx, [sunday])
    await district.turn(hours=3, step=60)
    assert "小禾" in mother.heard
    told = len(mother.bubbles)
    await district.turn(hours=27, step=180)
    assert "小禾" not in news(mother, told)
    await grandmother.say("都好")
    async with district.database.reading() as tx:
        own = (await check_ins.latest(tx, [child.id]))[child.id]
    assert [one.state for one in own] == [State.ANSWERED, State.LATER]
