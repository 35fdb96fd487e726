"""The summer's safety topics: one a week, asked again, and at last the teacher calls."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from care.calendar import Calendar, safety_weeks
from care.safety import Topic, topic_of
from storage import tables
from storage.notices import Notice, of_topic
from tests.stage import Chat, Stage

MOTHER, TEACHER, GUARDIAN, COORDINATOR, ENGLISH, LEAD = 730001, 730002, 730003, 730004, 730005, 730006
SUMMER = 2027
MONDAY, *_, LAST = safety_weeks(Calendar(), SUMMER)


def china(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


async def at(stage: Stage, day: date, hour: int, minute: int = 0) -> None:
    """Jump there; a tick a minute later is the first that the programme sees of it."""
    stage.clock.jump(china(day, hour, minute))
    await stage.app.clockwork.tick()
    await stage.settle()


async def told(stage: Stage) -> list[Notice]:
    async with stage.database.reading() as tx:
        return await of_topic(tx, f"summer:{SUMMER}:")


async def topics(stage: Stage) -> list[Topic | None]:
    return [topic_of(notice.topic) for notice in await told(stage)]


async def opened(stage: Stage, *users: int) -> list[Chat]:
    chats = [stage.chat(user) for user in users]
    for chat in chats:
        await chat.start()
    await stage.app.clockwork.tick()
    return chats


async def friday(stage: Stage, week: date = MONDAY) -> None:
    """The week's notice is placed and goes out."""
    await at(stage, week, 8, 1)
    await at(stage, week + timedelta(days=4), 18, 59)
    await stage.turn(minutes=2, step=1)


async def silence(stage: Stage) -> list[str]:
    async with stage.database.reading() as tx:
        rows = await tx.rows(select(tables.receipts.c.state).where(tables.receipts.c.acknowledged_at.is_(None)))
    return [row.state for row in rows]


async def test_it_is_placed_on_monday_and_goes_out_on_friday_evening(any_district: Stage) -> None:
    guardian, coordinator, mother = await opened(any_district, GUARDIAN, COORDINATOR, MOTHER)
    await at(any_district, MONDAY, 7, 30)
    assert await topics(any_district) == []
    await at(any_district, MONDAY, 8, 1)
    assert await topics(any_district) == [Topic.DROWNING]
    await coordinator.say("/notices")
    assert "防溺水" in coordinator.heard
    assert "不私自下水游泳" not in guardian.everything
    await at(any_district, MONDAY + timedelta(days=4), 18, 59)
    await any_district.turn(minutes=2, step=1)
    assert "6. 不熟悉水性的学生不擅自下水施救" in guardian.heard
    assert guardian.buttons == ["👌 知道了"]
    assert "不私自下水游泳" not in mother.everything


async def test_one_a_week_all_eight_and_water_again(district: Stage) -> None:
    week = MONDAY - timedelta(days=7)
    while week <= LAST + timedelta(days=7):
        await at(district, week, 9)
        await at(district, week + timedelta(days=4), 19, 1)
        week += timedelta(days=7)
    found = await topics(district)
    assert len(found) == len(safety_weeks(Calendar(), SUMMER))
    assert set(found) == set(Topic)
    assert found[0] is Topic.DROWNING
    assert found.count(Topic.DROWNING) == len(found) - len(Topic) + 1
    fridays = {notice.send_at.astimezone(UTC) - timedelta(hours=11) for notice in await told(district)}
    assert {moment.weekday() for moment in fridays} == {4}
    assert {(moment.hour, moment.minute) for moment in fridays} <= {(0, 0), (0, 1)}


async def by_hand(coordinator: Chat, words: str, topic: Topic) -> None:
    await coordinator.say("/notice")
    await coordinator.say(words)
    await coordinator.tap("不写英文")
    await coordinator.tap("家长")
    await coordinator.press("|roles|ok")
    await coordinator.press("|homes|all")
    await coordinator.press("|homes|ok")
    await coordinator.tap("现在就发")
    await coordinator.press("|.|more")
    await coordinator.press("|topic|open")
    await coordinator.press(f"|topic|={topic}")
    await coordinator.press("|save")


async def test_what_went_out_by_hand_is_not_told_again(district: Stage) -> None:
    guardian, coordinator = await opened(district, GUARDIAN, COORDINATOR)
    await at(district, MONDAY, 8, 1)
    await at(district, MONDAY + timedelta(days=1), 10)
    await by_hand(coordinator, "孩子们，别去水塘。", Topic.DROWNING)
    assert "别去水塘" in guardian.heard
    await at(district, MONDAY + timedelta(days=4), 19, 1)
    assert "不私自下水游泳" not in guardian.everything
    await friday(district, MONDAY + timedelta(days=7))
    assert Topic.STORMS in await topics(district)
    assert "雷雨" in guardian.heard


async def later(stage: Stage, **span: float) -> None:
    """So much later, at one stroke: what fell due meanwhile is caught up with."""
    stage.clock.jump(stage.clock.now() + timedelta(**span))
    await stage.app.clockwork.tick()
    await stage.settle()


async def test_who_does_not_answer_is_asked_after_a_day_and_after_three(any_district: Stage) -> None:
    (guardian,) = await opened(any_district, GUARDIAN)
    await friday(any_district)
    await later(any_district, hours=23)
    assert guardian.everything.count("不私自下水游泳") == 1
    await later(any_district, hours=2)
    assert guardian.everything.count("不私自下水游泳") == 2
    assert "还没收到您的回音" in guardian.everything
    await later(any_district, hours=48)
    assert guardian.everything.count("不私自下水游泳") == 3
    assert "老师会给您打电话" in guardian.everything
    await later(any_district, hours=24)
    await later(any_district, hours=24)
    assert guardian.everything.count("不私自下水游泳") == 3


async def test_after_an_outage_only_the_newer_question_is_asked(district: Stage) -> None:
    (guardian,) = await opened(district, GUARDIAN)
    await friday(district)
    sent = len(guardian.bubbles)
    await later(district, hours=73)
    assert len(guardian.bubbles) == sent + 1
    assert "老师会给您打电话" in guardian.heard


async def test_after_a_week_nobody_is_asked(district: Stage) -> None:
    (guardian,) = await opened(district, GUARDIAN)
    await friday(district)
    sent = len(guardian.bubbles)
    await later(district, days=7, hours=-1)
    await later(district, hours=2)
    assert sum("🔔" in str(post.payload.get("text")) for post in guardian.bubbles[sent:]) == 1


async def test_got_it_ends_the_asking(district: Stage) -> None:
    (guardian,) = await opened(district, GUARDIAN)
    await friday(district)
    await later(district, hours=25)
    await guardian.tap("知道了")
    heard = len(guardian.bubbles)
    await later(district, hours=48)
    assert len(guardian.bubbles) == heard


async def test_at_night_nobody_is_asked(district: Stage) -> None:
    (guardian,) = await opened(district, GUARDIAN)
    await friday(district)
    sent = len(guardian.bubbles)
    await later(district, hours=27)
    assert len(guardian.bubbles) == sent
    await later(district, hours=10)
    assert len(guardian.bubbles) == sent + 1


async def test_the_teacher_sees_whom_to_call_and_says_how_they_were_told(any_district: Stage) -> None:
    teacher, _ = await opened(any_district, TEACHER, GUARDIAN)
    await friday(any_district)
    await teacher.say("/calls")
    assert "花月明" not in teacher.heard
    await at(any_district, MONDAY + timedelta(days=8), 7, 30)
    await later(any_district, hours=1)
    assert "没回音" in teacher.everything
    await teacher.say("/calls")
    assert "小禾" in teacher.heard
    assert "花月明" in teacher.heard
    silent = len(await silence(any_district))
    data = next(d for d in teacher.data if "|door|" in d)
    await teacher.tap("🚪 1")
    assert "记下了" in teacher.heard
    assert len(await silence(any_district)) == silent - 1
    async with any_district.database.reading() as tx:
        states = [row.state for row in await tx.rows(select(tables.receipts.c.state))]
    assert states.count("at_door") == 1
    await teacher.tap_data(data)
    assert len(await silence(any_district)) == silent - 1
    await teacher.say("/due")
    assert "防溺水" in teacher.heard


async def test_who_was_told_by_phone_is_not_asked_again(district: Stage) -> None:
    teacher, guardian = await opened(district, TEACHER, GUARDIAN)
    await friday(district)
    heard = len(guardian.bubbles)
    async with district.database.reading() as tx:
        row = next(row for row in await tx.rows(select(tables.receipts)) if row.key)
    await teacher.tap_data(f"b|calls|phone|{row.notice_id}|{row.person_id}")
    await later(district, hours=25)
    assert len(guardian.bubbles) == heard


async def test_families_of_other_homes_are_out_of_reach(district: Stage) -> None:
    teacher, mother, guardian = await opened(district, TEACHER, MOTHER, GUARDIAN)
    await friday(district)
    silent = len(await silence(district))
    async with district.database.reading() as tx:
        found = await tx.rows(select(tables.receipts))
        own = select(tables.roles.c.home_id).join(tables.people, tables.people.c.id == tables.roles.c.person_id)
        homes = {row.home_id for row in await tx.rows(own.where(tables.people.c.chat_id == TEACHER))}
    other = next(row for row in found if row.home_id not in homes)
    for chat in (teacher, guardian, mother):
        await chat.tap_data(f"b|calls|door|{other.notice_id}|{other.person_id}")
    assert len(await silence(district)) == silent
    await mother.say("/calls")
    assert "找不到" in mother.heard or "没找到" in mother.heard
