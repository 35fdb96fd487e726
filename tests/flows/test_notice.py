"""/notice from the phone: what a coordinator tells many, what they see, and what comes back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.demo.cast import PHONES
from care.notice import READERS
from care.people import Role
from care.records.fields import MediaKind
from storage import people, tables
from tests.flows.families import LONG
from tests.stage import NOON, Chat, Stage

MOTHER, TEACHER, GUARDIAN, COORDINATOR, ENGLISH, LEAD = 730001, 730002, 730003, 730004, 730005, 730006
TODAY = NOON.date()
STORM = "明天有台风，孩子在家别出门。"
STORM_EN = "A storm is coming tomorrow. Please keep the children inside."


async def opened(stage: Stage) -> None:
    for phone in PHONES:
        await stage.chat(phone.user_id).start()


async def up_to_when(chat: Chat, *, roles: str = "所有人", english: str = STORM_EN) -> str:
    await chat.say("/notice")
    await chat.say(STORM)
    await (chat.say(english) if english else chat.tap("不写英文"))
    for role in roles.split():
        await chat.tap(role)
    await chat.press("|roles|ok")
    await chat.press("|homes|all")
    return await chat.press("|homes|ok")


async def send(chat: Chat, **more: str) -> str:
    await up_to_when(chat, **more)
    await chat.tap("现在就发")
    return await chat.press("|save")


def holding(stage: Stage, words: str) -> set[int]:
    """Whose phones got these words, the coordinator's own aside: by the demo server's ledger, not by the outbox."""
    calls = (entry for entry in stage.world.ledger if entry.kind == "call" and entry.outcome == "ok")
    return {
        entry.chat_id or 0
        for entry in calls
        if entry.name.startswith("send")
        and entry.chat_id != COORDINATOR
        and words in f"{entry.params.get('text')}{entry.params.get('caption')}"
    }


async def receipts_of(stage: Stage) -> dict[str, int]:
    """How many receipts there are of each state."""
    async with stage.database.reading() as tx:
        rows = await tx.rows(select(tables.receipts.c.state))
    states = [row.state for row in rows]
    return {state: states.count(state) for state in states}


async def beat(stage: Stage) -> None:
    await stage.app.clockwork.tick()
    await stage.settle()


async def test_everybody_gets_it_in_their_own_language_once(any_district: Stage) -> None:
    await opened(any_district)
    coordinator = any_district.chat(COORDINATOR)
    await send(coordinator)
    assert holding(any_district, STORM) == {MOTHER, TEACHER, GUARDIAN, LEAD}
    assert holding(any_district, STORM_EN) == {ENGLISH}
    await any_district.turn(seconds=6)
    assert (await receipts_of(any_district))["sent"] == 5
    assert any_district.chat(GUARDIAN).buttons == ["👌 知道了"]
    english = any_district.chat(ENGLISH)
    assert english.buttons == ["👌 Got it"]
    await english.tap("👌")
    assert english.buttons == ["✅ Got it, thank you"]


async def test_those_who_are_meant_are_those_who_hold_a_role_person_by_person(district: Stage) -> None:
    await opened(district)
    await send(district.chat(COORDINATOR))
    async with district.database.reading() as tx:
        everybody = [row.id for row in await tx.rows(select(tables.people.c.id))]
        known = [actor for id in everybody if (actor := await people.actor(tx, id, TODAY))]
        meant = {row.person_id for row in await tx.rows(select(tables.receipts.c.person_id))}
    assert meant == {actor.person_id for actor in known if actor.roles & set(READERS)}
    assert holding(district, "📢") == {actor.chat_id for actor in known if actor.person_id in meant} - {0}


async def test_the_card_says_how_many_before_and_after(district: Stage) -> None:
    await opened(district)
    district.world.block(GUARDIAN)
    await district.settle()
    coordinator = district.chat(COORDINATOR)
    await up_to_when(coordinator, roles="家长")
    said = await coordinator.tap("现在就发")
    async with district.database.reading() as tx:
        guardians = len(await tx.rows(select(tables.roles.c.id).where(tables.roles.c.role == "guardian")))
    assert f"{guardians}个人" in said.replace(",", "")
    assert "1个拉黑了我" in said
    await coordinator.press("|save")
    await district.turn(seconds=6)
    assert await receipts_of(district) == {"no_chat": guardians - 1, "unreachable": 1}
    assert "联系不上（拉黑了我或停用了）：1" in coordinator.heard
    assert holding(district, STORM) == set()


async def test_who_blocks_us_meanwhile_fails_with_the_reason(district: Stage) -> None:
    await opened(district)
    district.world.phones[GUARDIAN].blocked = True
    coordinator = district.chat(COORDINATOR)
    await send(coordinator)
    await district.turn(seconds=6)
    assert (await receipts_of(district))["failed"] == 1
    assert "没发成：1" in coordinator.heard
    assert "拉黑了我，或者不用这个号了（1）" in coordinator.heard


async def test_got_it_is_counted_once_by_tap_or_by_word(district: Stage) -> None:
    await opened(district)
    coordinator, guardian, mother = (district.chat(user) for user in (COORDINATOR, GUARDIAN, MOTHER))
    await send(coordinator)
    await guardian.tap("知道了")
    assert guardian.buttons == ["✅ 知道了，谢谢"]
    assert STORM in guardian.heard
    await guardian.tap("知道了")
    assert "谢谢" in await mother.say("收到")
    await district.turn(seconds=6)
    assert "已点“知道了”：2" in coordinator.heard
    assert "收到" not in district.chat(TEACHER).everything


async def test_the_card_moves_by_itself_and_no_faster_than_it_may(district: Stage) -> None:
    await opened(district)
    coordinator = district.chat(COORDINATOR)
    await send(coordinator)
    bubbles, first = len(coordinator.bubbles), coordinator.heard
    assert "正在发：0/5" in first
    await district.turn(seconds=6)
    moved = coordinator.heard
    assert moved != first
    await district.chat(GUARDIAN).tap("知道了")
    await beat(district)
    assert coordinator.heard == moved
    await district.turn(seconds=6)
    assert "已点“知道了”：1" in coordinator.heard
    assert len(coordinator.bubbles) == bubbles


async def test_a_missing_language_warns_and_is_marked(district: Stage) -> None:
    await opened(district)
    coordinator = district.chat(COORDINATOR)
    await up_to_when(coordinator, english="")
    said = await coordinator.tap("现在就发")
    assert "没有英文的。看英文的1个人" in said
    await coordinator.press("|save")
    there = district.chat(ENGLISH).heard
    assert STORM in there
    assert "This one has not been written in English." in there


async def test_scheduled_it_waits_through_a_restart_and_goes_out_at_its_time(any_district: Stage) -> None:
    stage = any_district
    await opened(stage)
    coordinator = stage.chat(COORDINATOR)
    await up_to_when(coordinator)
    assert "19:00" in await coordinator.tap("今天 19:00")
    await coordinator.press("|save")
    assert "11月24日 19:00 发出" in coordinator.heard
    await stage.turn(hours=6, minutes=30, step=120)
    assert holding(stage, STORM_EN) == set()
    await stage.restart()
    await stage.turn(minutes=40)
    assert holding(stage, STORM_EN) == {ENGLISH}
    await stage.restart()
    await stage.turn(minutes=40)
    assert len([text for text in stage.chat(ENGLISH).everything.split("\n") if text == STORM_EN]) == 1


async def test_one_that_is_stopped_before_its_time_never_goes(district: Stage) -> None:
    await opened(district)
    coordinator = district.chat(COORDINATOR)
    await up_to_when(coordinator)
    await coordinator.say("明早8点")
    await coordinator.press("|save")
    await coordinator.tap("没发的不发了")
    assert "停下了" in coordinator.heard
    await district.turn(hours=22, step=120)
    assert holding(district, STORM_EN) == set()
    assert await receipts_of(district) == {}


async def test_at_night_it_waits_for_the_morning_unless_it_is_an_emergency(district: Stage) -> None:
    await opened(district)
    coordinator, guardian = district.chat(COORDINATOR), district.chat(GUARDIAN)
    await district.turn(hours=11, step=LONG)
    await up_to_when(coordinator)
    assert "夜里不打扰人：11月25日 07:00" in await coordinator.tap("现在就发")
    await coordinator.press("|save")
    assert STORM not in guardian.everything
    await up_to_when(coordinator)
    await coordinator.tap("现在就发")
    await coordinator.tap("紧急")
    assert "您一点发送就发出去" in await coordinator.press("|emergency|=yes")
    await coordinator.press("|save")
    assert "要紧事" in guardian.heard
    await district.turn(hours=8, minutes=30, step=120)
    assert guardian.heard.startswith("📢")


async def test_stopping_in_the_middle_holds_back_the_rest_and_asking_again_reaches_the_silent(district: Stage) -> None:
    await opened(district)
    coordinator, guardian = district.chat(COORDINATOR), district.chat(GUARDIAN)
    await send(coordinator)
    await guardian.tap("知道了")
    await district.turn(seconds=6)
    before = len(guardian.bubbles)
    carried = next(data for data in coordinator.data if "|again|" in data)
    assert "又提醒了4个人" in await coordinator.tap_data(carried)
    assert "还没收到您的回音" in district.chat(MOTHER).heard
    assert "We have not heard from you yet" in district.chat(ENGLISH).heard
    await coordinator.tap_data(carried)
    assert district.chat(MOTHER).everything.count("还没收到您的回音") == 1
    assert len(guardian.bubbles) == before
    await district.chat(MOTHER).tap("知道了")
    await district.turn(seconds=6)
    await coordinator.say("/notices")
    assert "👌 2/" in coordinator.heard
    await district.turn(hours=11, step=LONG)
    await send(coordinator, english="")
    assert "停下了：5 条" in await coordinator.tap("没发的不发了")
    await district.turn(hours=12, step=120)
    assert STORM not in district.chat(LEAD).heard or "还没收到" in district.chat(LEAD).heard


async def test_receipts_by_home_and_whom_to_call(district: Stage) -> None:
    await opened(district)
    coordinator = district.chat(COORDINATOR)
    await send(coordinator)
    await district.chat(TEACHER).tap("知道了")
    await coordinator.say("/notices")
    await coordinator.tap("1")
    await coordinator.tap("按儿童之家看")
    assert "近郊小学" in coordinator.heard
    await coordinator.tap("📞 近郊小学")
    assert "花月明" in coordinator.everything
    assert "林小雨" not in coordinator.heard
    assert "没加我" in coordinator.heard


async def test_who_loses_the_role_before_its_time_gets_nothing(district: Stage) -> None:
    await opened(district)
    coordinator = district.chat(COORDINATOR)
    await district.turn(hours=11, step=LONG)
    await send(coordinator)
    async with district.database.transaction() as tx:
        await tx.run(tables.guardianships.update().values(ended_at=NOON))
    await district.turn(hours=10, step=120)
    assert GUARDIAN not in holding(district, STORM)
    assert MOTHER in holding(district, STORM)
    assert (await receipts_of(district))["cancelled"] == 1


async def test_two_coordinators_see_the_same_and_others_nothing(district: Stage) -> None:
    await opened(district)
    async with district.database.transaction() as tx:
        lead = (await people.actors(tx, [LEAD], TODAY))[LEAD]
        await people.grant_role(tx, lead.person_id, Role.COORDINATOR, None, TODAY)
    first, second, mother = (district.chat(user) for user in (COORDINATOR, LEAD, MOTHER))
    await send(first, roles="爱心妈妈")
    await second.say("/notices")
    await second.tap("1")
    await mother.tap("知道了")
    await district.turn(seconds=6)
    assert "已点“知道了”：1" in first.heard
    assert "已点“知道了”：1" in second.heard
    assert "再提醒" in "".join(second.buttons)
    for refused in ("/notice", "/notices"):
        assert "没找到" in await mother.say(refused) or "找不到" in mother.heard
    assert not [data for data in mother.data if "notices" in data]


async def test_a_picture_goes_with_it_and_the_last_one_counts(district: Stage, picture: bytes) -> None:
    await opened(district)
    coordinator, guardian = district.chat(COORDINATOR), district.chat(GUARDIAN)
    await up_to_when(coordinator)
    await coordinator.photo(picture)
    await coordinator.photo(picture + b"2")
    await coordinator.tap("现在就发")
    await coordinator.press("|save")
    shown = guardian.bubbles[-1].payload
    assert MediaKind.PHOTO.value in shown
    assert STORM in shown["caption"]
    await guardian.tap("知道了")
    assert guardian.buttons == ["✅ 知道了，谢谢"]
    assert sum(MediaKind.PHOTO.value in post.payload for post in guardian.bubbles) == 1


async def test_families_do_not_read_that_word(district: Stage) -> None:
    await opened(district)
    coordinator = district.chat(COORDINATOR)
    await coordinator.say("/notice")
    await coordinator.say("留守儿童家长会")
    await coordinator.tap("不写英文")
    await coordinator.tap("家长")
    await coordinator.press("|roles|ok")
    await coordinator.press("|homes|all")
    await coordinator.press("|homes|ok")
    assert "不写“留守”" in await coordinator.tap("现在就发")
    assert "不写“留守”" in await coordinator.press("|save")
    assert holding(district, "📢") == set()


async def test_typed_times_are_understood_or_asked_again(district: Stage) -> None:
    coordinator = district.chat(COORDINATOR)
    for typed, shown in (
        ("明天8点", "11月25日 08:00"),
        ("tomorrow 8:00", "11月25日 08:00"),
        ("周五下午三点", "11月27日 15:00"),
        ("19:30", "11月24日 19:30"),
        ("11点上午", "11月25日 11:00"),
        ("11月30日 9:30", "11月30日 09:30"),
    ):
        await up_to_when(coordinator)
        assert f"⏰ {shown} 发出" in await coordinator.say(typed), typed
        await coordinator.say("/cancel")
    await up_to_when(coordinator)
    for typed in ("昨天", "明天3:00", "随便", "上周五8点"):
        await coordinator.say(typed)
        assert any("|at|" in data for data in coordinator.data), typed
    assert "您一点发送就发出去" in await coordinator.say("现在就发")


async def test_without_anybody_it_cannot_be_sent(district: Stage) -> None:
    async with district.database.transaction() as tx:
        await tx.run(tables.roles.delete().where(tables.roles.c.role == "counsellor"))
    coordinator = district.chat(COORDINATOR)
    await up_to_when(coordinator, roles="心理")
    assert "一个人也没有" in await coordinator.tap("现在就发")
    assert "一个人也没有" in await coordinator.press("|save")


async def test_late_by_more_than_a_day_it_is_not_sent(district: Stage) -> None:
    await opened(district)
    coordinator = district.chat(COORDINATOR)
    await up_to_when(coordinator)
    await coordinator.tap("今天 19:00")
    await coordinator.press("|save")
    district.clock.forward(district.clock.now() + timedelta(days=2))
    await beat(district)
    assert holding(district, STORM_EN) == set()
    assert "已经过了时间" in coordinator.everything


async def test_back_from_a_question_of_the_last_card_is_the_last_card(district: Stage) -> None:
    coordinator = district.chat("coordinator")
    await coordinator.start()
    await coordinator.say("/notice")
    await coordinator.say("明天三点半放学。")
    await coordinator.press("other|skip")
    await coordinator.press("roles|all")
    await coordinator.press("roles|ok")
    await coordinator.press("homes|all")
    await coordinator.press("homes|ok")
    assert "家长和另外5个" in coordinator.heard
    await coordinator.press("at|skip")
    await coordinator.press("media|open")
    await coordinator.press("media|back")
    assert [label for label in coordinator.buttons if "发送" in label]
