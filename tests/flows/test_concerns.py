"""Concerns (重点关注): who is told, who is asked again, who must not hear; and the quiet lane for words of harm."""

from __future__ import annotations

from sqlalchemy import text

from storage import tables
from tests.flows.families import check_in, gets_a_phone, news, to_saturday
from tests.stage import Chat, Stage

LEADER, SECOND = 730102, 730103


async def opened(stage: Stage, *roles: str) -> list[Chat]:
    chats = [stage.chat(role) for role in roles]
    for chat in chats:
        await chat.start()
    return chats


async def raises_by_hand(chat: Chat, words: str, *, but: str = "") -> None:
    await chat.say("/concern")
    await chat.tap("紧急")
    await chat.say(words)
    if but:
        await chat.tap("不告诉谁")
        await chat.tap(but)
    await chat.tap("保存")


async def rows(stage: Stage, what: str) -> list[tuple[object, ...]]:
    async with stage.database.reading() as tx:
        return [tuple(row) for row in await tx.rows(text(what))]


async def test_one_raised_early_in_the_morning_is_of_that_day(district: Stage) -> None:
    mother, teacher = await opened(district, "volunteer", "teacher")
    await district.turn(hours=19, minutes=30, step=600)  # it is half past seven, and in Greenwich still yesterday
    await raises_by_hand(mother, "她说晚上总做噩梦")
    await teacher.say("/due")
    assert "11月25日 周三：谁来关注小禾" in teacher.heard


async def test_an_urgent_one_asks_again_until_somebody_takes_it_on(any_district: Stage) -> None:
    district = any_district
    mother, teacher, lead, coordinator = await opened(district, "volunteer", "teacher", "home_lead", "coordinator")
    leader = await gets_a_phone(district, "B01", LEADER)
    await raises_by_hand(mother, "她说晚上总做噩梦")
    everybody = (teacher, lead, coordinator)
    assert all("🔴" in chat.heard and "小禾" in chat.heard for chat in everybody)
    assert all("噩梦" not in chat.everything for chat in (*everybody, leader))
    assert "噩梦" not in "".join(mother.own)
    before = len(teacher.bubbles), len(leader.bubbles)
    await district.turn(minutes=21, step=5)
    assert len(teacher.bubbles) == before[0] + 2
    assert len(leader.bubbles) == before[1]
    assert "等了20分钟" in teacher.heard
    assert "杨向阳（项目学校负责人）和麦秋实" in teacher.heard
    assert "林小雨" not in teacher.heard
    await district.turn(minutes=10, step=5)
    assert len(teacher.bubbles) == before[0] + 3
    assert len(leader.bubbles) == before[1] + 1
    await district.turn(minutes=30, step=5)
    assert len(teacher.bubbles) == before[0] + 6
    assert "等了1小时" in teacher.heard
    assert "138 0000" in teacher.heard
    await district.turn(minutes=125, step=15)
    assert len(teacher.bubbles) == before[0] + 8
    assert "等了3小时" in coordinator.heard
    family, knows = coordinator.heard.split("🔕")
    assert "花月明" in family
    assert "杨向阳" in knows
    await lead.press("|take|")
    assert "杨向阳" in teacher.heard
    told = len(teacher.bubbles)
    await district.turn(hours=5, step=30)
    assert len(teacher.bubbles) == told


async def test_it_says_whom_it_cannot_reach(district: Stage) -> None:
    mother, teacher = await opened(district, "volunteer", "teacher")
    await raises_by_hand(mother, "她说晚上总做噩梦")
    district.world.block(district.chat("home_lead").user)
    await district.settle()
    await district.turn(hours=2, minutes=1, step=15)
    _, not_reached = teacher.heard.split("📵")
    assert "+86 138 0000 0005 杨向阳（项目学校负责人）" in not_reached


async def test_it_has_steps_and_ends_with_a_reason(district: Stage) -> None:
    mother, teacher, lead = await opened(district, "volunteer", "teacher", "home_lead")
    await raises_by_hand(mother, "她说晚上总做噩梦")
    await teacher.press("|take|")
    await teacher.say("/due")
    assert "小禾" in teacher.heard
    await teacher.press("|open|")
    assert "噩梦" in teacher.heard
    await teacher.press("s|concern_step|")
    await teacher.say("今天去家里坐了一会儿")
    assert "今天去家里" not in "".join(teacher.own)
    await teacher.say("/concerns")
    await teacher.tap("1")
    assert "今天去家里" in teacher.heard
    await teacher.press("s|concern_close|")
    await teacher.tap("办妥")
    await teacher.press("words|skip")
    await teacher.tap("保存")
    assert "已结束" in teacher.heard
    assert "结束" in lead.heard
    await teacher.say("/concerns")
    assert "小禾" not in teacher.heard


async def test_whom_it_concerns_never_hears_of_it(district: Stage) -> None:
    mother, teacher, lead = await opened(district, "volunteer", "teacher", "home_lead")
    told = len(teacher.bubbles)
    await raises_by_hand(mother, "她怕这位老师", but="林小雨")
    assert "🔴" in lead.heard
    await district.turn(hours=3, step=15)
    assert len(teacher.bubbles) == told
    await teacher.say("/concerns")
    assert "小禾" not in teacher.heard
    await teacher.say("/due")
    assert "关注" not in teacher.heard
    (open_it, *_) = [one for one in lead.data if "|open|" in one]
    await teacher.tap_data(open_it)
    assert "小禾" not in teacher.heard
    await teacher.tap_data(open_it.replace("|open|", "|take|"))
    assert await rows(district, "SELECT owner_id FROM concerns") == [(None,)]


async def test_come_now_opens_one_and_closing_it_closes_the_check_in(district: Stage) -> None:
    grandmother, teacher, _lead = await opened(district, "guardian", "teacher", "home_lead")
    await to_saturday(district)
    await grandmother.tap("🆘")
    await grandmother.say("有急事，快找我")
    assert len(await rows(district, "SELECT id FROM concerns")) == 1
    await grandmother.say("都好")
    assert await check_in(district, "0601") == ("answered", "come", False)
    await teacher.press("|take|")
    await teacher.press("s|concern_close|")
    await teacher.tap("误会")
    await teacher.press("words|skip")
    await teacher.tap("保存")
    assert await check_in(district, "0601") == ("answered", "come", True)
    await grandmother.say("都好")
    assert await check_in(district, "0601") == ("answered", "well", False)


async def test_one_to_keep_an_eye_on_waits_for_the_morning(district: Stage) -> None:
    mother, teacher, coordinator = await opened(district, "volunteer", "teacher", "coordinator")
    before = len(teacher.bubbles), len(coordinator.bubbles)
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("🙁")
    await mother.tap("担心")
    await mother.tap("留意")
    await mother.press("concern_note|skip")
    await mother.tap("保存")
    assert len(teacher.bubbles) == before[0]
    await district.turn(hours=20, minutes=10, step=120)
    assert "小禾" in news(teacher, before[0])
    await district.settle()
    assert "不放心" not in news(coordinator, before[1])


async def test_t45_words_of_harm_open_the_quiet_lane_once_and_no_content_is_in_any_chat(any_district: Stage) -> None:
    """A sentence in a note, on a card and in a check-in."""
    district = any_district
    mother, grandmother, teacher, lead, coordinator = await opened(
        district, "volunteer", "guardian", "teacher", "home_lead", "coordinator"
    )
    leader = await gets_a_phone(district, "B01", LEADER)
    others = (teacher, leader, mother)
    since = {chat.user: len(chat.bubbles) for chat in (*others, lead, coordinator)}
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😢")
    await mother.say("她说在家里挨打")
    await mother.tap("保存")
    for chat in (lead, coordinator):
        assert "⚠️" in chat.heard
        assert "小禾" in chat.heard
        assert "第十一条" in chat.heard
        assert all(number in chat.heard for number in ("110", "12355", "12345"))
    assert "⚠️" not in news(teacher, since[teacher.user])
    assert "⚠️" not in news(leader, since[leader.user])
    await teacher.say("/talk")
    await teacher.say("小禾")
    await teacher.tap("好了")
    await teacher.tap("每月")
    await teacher.tap("家庭")
    await teacher.tap("好了")
    await teacher.say("她说爸爸打她")
    await teacher.tap("保存")
    await to_saturday(district)
    told = len(teacher.bubbles)
    await grandmother.say("昨天又被打了，别告诉别人")
    assert "家里的" in news(teacher, told)
    lane = await rows(district, "SELECT lane FROM concerns WHERE lane = 'quiet'")
    assert lane == [("quiet",)]
    signs = await rows(district, "SELECT kind FROM concern_steps ORDER BY at")
    assert [kind for (kind,) in signs] == ["opened", "sign:talk", "sign:said"]
    for chat in (*others, lead, coordinator):
        assert chat is mother or "挨打" not in news(chat, since[chat.user])
        assert "打她" not in news(chat, since[chat.user])
        assert "被打" not in news(chat, since[chat.user])
    await teacher.say("/concerns")
    assert "小禾" not in teacher.heard
    await coordinator.say("/concerns")
    assert "⚠️" in coordinator.heard
    await coordinator.tap("1")
    assert "第十一条" in coordinator.heard
    for digest in (lead, coordinator):
        morning = len(digest.bubbles)
        await district.turn(hours=23, step=60)
        assert "⚠️" not in "".join(part for part in news(digest, morning).split("\n\n") if "早上好" in part)


async def test_what_harms_a_body_reaches_the_teacher_in_words_too(district: Stage) -> None:
    grandmother, teacher, coordinator = await opened(district, "guardian", "teacher", "coordinator")
    await grandmother.say("孩子掉河里了，刚捞上来")
    assert "掉河里" in teacher.heard
    assert "⚠️" in coordinator.heard
    assert "掉河里" not in coordinator.everything


async def test_words_of_harm_are_read_by_few(district: Stage) -> None:
    grandmother, teacher, coordinator = await opened(district, "guardian", "teacher", "coordinator")
    await grandmother.say("有人摸她")
    assert "摸她" not in teacher.everything
    assert "项目办" in grandmother.heard
    await coordinator.press("|open|")
    await coordinator.press("|read|")
    assert "摸她" in coordinator.heard
    (read,) = [one for one in coordinator.data if "|read|" in one] or [""]
    await teacher.tap_data(read.replace("|read|", "|open|"))
    assert "小禾" not in teacher.heard
    heard = await rows(district, "SELECT heard_by FROM said WHERE heard_at IS NOT NULL")
    assert len(heard) == 1


async def test_words_of_harm_by_hand_are_for_few_eyes(district: Stage) -> None:
    """And whom it concerns hears nothing, on the quiet lane either."""
    mother, teacher, lead, coordinator = await opened(district, "volunteer", "teacher", "home_lead", "coordinator")
    told = len(lead.bubbles)
    await raises_by_hand(mother, "她爷爷喝了酒就打她", but="杨向阳")
    assert "🔴" in teacher.heard
    assert "⚠️" not in teacher.everything
    assert "⚠️" in coordinator.heard
    assert len(lead.bubbles) == told
    await teacher.press("|open|")
    assert "打她" not in teacher.heard
    await coordinator.press("|open|")
    assert "打她" in coordinator.heard
    await raises_by_hand(mother, "她说爷爷又打她", but="杨向阳")
    assert "又打她" not in teacher.everything
    await coordinator.press("|open|")
    assert "又打她" in coordinator.heard
    assert len(lead.bubbles) == told


async def test_who_has_taken_it_on_is_not_asked_to(district: Stage) -> None:
    mother, teacher = await opened(district, "volunteer", "teacher")
    await raises_by_hand(mother, "她说晚上总做噩梦")
    await teacher.press("|take|")
    assert not [label for label in teacher.buttons if "接手" in label]


async def test_one_that_was_taken_back_is_closed_and_told(district: Stage) -> None:
    mother, teacher = await opened(district, "volunteer", "teacher")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😢")
    await mother.tap("担心")
    await mother.tap("紧急")
    await mother.press("concern_note|skip")
    await mother.tap("保存")
    await mother.tap("↩")
    told = len(teacher.bubbles)
    await district.turn(hours=3, step=20)
    assert len(teacher.bubbles) == told
    async with district.database.reading() as tx:
        found = await tx.rows(tables.concerns.select())
    assert [row.closed_at is not None for row in found] == [True]
