"""'I am away until ...': who stands in hears what would be said to them, named so, and may do what is needed; both are
told when it begins and when it ends; and nothing is ever asked of nobody."""

from __future__ import annotations

from datetime import timedelta

from bot.engine.duty import Nudge
from bot.engine.keepers import keepers_of
from bot.engine.message import Message, queued
from bot.engine.nudging import deliver
from care.access import Action, may
from care.people import Role
from care.text import T
from storage import absences, outbox, people, records
from tests.courier.test_rights import states
from tests.duties.test_report_rungs import tick
from tests.faults.seen import COORDINATOR, LEAD, MOTHER, TEACHER, TODAY, actor_of, own
from tests.flows.families import LONG, gets_a_phone, news, to_saturday
from tests.flows.test_concerns import opened, raises_by_hand
from tests.stage import Chat, Stage

FOR_THE_TEACHER = "替林小雨"


async def goes_away(chat: Chat, until: str, deputy: str) -> str:
    await chat.say("/away")
    await chat.say(until)
    return await chat.tap(deputy) if "谁来代班" in chat.heard else chat.heard


async def visits(mother: Chat) -> None:
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")


async def person(stage: Stage, user: int) -> str:
    async with stage.database.reading() as tx:
        return (await people.actors(tx, [user], TODAY))[user].person_id


async def test_three_taps_and_both_know(any_district: Stage) -> None:
    teacher, lead = await opened(any_district, "teacher", "home_lead")
    await teacher.say("/away")
    await teacher.tap("12月1日")
    since = len(lead.bubbles)
    await teacher.tap("杨向阳")
    assert teacher.taps == 2
    assert "12月1日" in teacher.heard
    assert "杨向阳" in teacher.heard
    assert "林小雨" in news(lead, since)
    await teacher.say("/away")
    assert "杨向阳" in teacher.heard
    since = len(lead.bubbles)
    await teacher.tap("我回来了")
    assert "欢迎回来" in teacher.heard
    assert "林小雨" in news(lead, since)
    await lead.press("|cannot|")
    assert "已经结束" in lead.everything


async def test_check_ins_climb_to_who_stands_in_and_name_for_whom(any_district: Stage) -> None:
    teacher, lead, _ = await opened(any_district, "teacher", "home_lead", "guardian")
    await goes_away(teacher, "12月1日", "杨向阳")
    since = len(teacher.bubbles), len(lead.bubbles)
    await to_saturday(any_district)
    await any_district.turn(hours=23, step=LONG)
    assert "小禾" in news(lead, since[1])
    assert FOR_THE_TEACHER in news(lead, since[1])
    assert news(teacher, since[0]) == ""


async def test_where_nobody_stands_in_or_the_deputy_is_away_too_it_goes_one_level_up(any_district: Stage) -> None:
    teacher, lead, coordinator, _ = await opened(any_district, "teacher", "home_lead", "coordinator", "guardian")
    await goes_away(teacher, "12月1日", "杨向阳")
    await goes_away(lead, "12月1日", "没有特定的人")
    since = len(coordinator.bubbles), len(lead.bubbles), len(teacher.bubbles)
    await to_saturday(any_district)
    await any_district.turn(hours=23, step=LONG)
    assert FOR_THE_TEACHER in news(coordinator, since[0])
    assert "小禾" in news(coordinator, since[0])
    assert news(lead, since[1]) == news(teacher, since[2]) == ""


async def test_where_everybody_is_away_they_are_asked_all_the_same(district: Stage) -> None:
    teacher, lead, coordinator, _ = await opened(district, "teacher", "home_lead", "coordinator", "guardian")
    for chat in (teacher, lead, coordinator):
        await goes_away(chat, "12月1日", "没有特定的人")
    since = len(teacher.bubbles)
    await to_saturday(district)
    await district.turn(hours=23, step=LONG)
    assert "小禾" in news(teacher, since)


async def test_what_is_urgent_reaches_both(any_district: Stage) -> None:
    mother, teacher, lead = await opened(any_district, "volunteer", "teacher", "home_lead")
    leader = await gets_a_phone(any_district, "B01", 730102)
    await goes_away(leader, "12月1日", "麦秋实")
    await goes_away(teacher, "12月1日", "杨向阳")
    await raises_by_hand(mother, "她说晚上总做噩梦")
    assert "🔴" in teacher.heard
    assert "🔴" in lead.heard
    assert "替" not in lead.heard  # the head hears of it anyway
    await any_district.turn(minutes=31, step=31)
    assert "🔴" in leader.heard


async def test_it_ends_with_its_last_day_and_both_hear_so(any_district: Stage) -> None:
    teacher, lead, _ = await opened(any_district, "teacher", "home_lead", "guardian")
    await goes_away(teacher, "明天", "杨向阳")
    await any_district.app.clockwork.tick()
    since = len(teacher.bubbles), len(lead.bubbles)
    await any_district.turn(hours=35, step=LONG)  # the last day is over at midnight
    assert news(teacher, since[0]) == ""
    await any_district.turn(hours=9, step=LONG)
    assert "欢迎回来" in news(teacher, since[0])
    assert "林小雨回来了" in news(lead, since[1])
    since = len(teacher.bubbles), len(lead.bubbles)
    await any_district.turn(days=2, hours=2, step=LONG)
    await any_district.turn(minutes=1)
    await any_district.turn(hours=23, step=LONG)
    assert "小禾" in news(teacher, since[0])
    assert FOR_THE_TEACHER not in news(lead, since[1])


async def test_t53_what_a_deputy_may_do_ends_with_the_absence_also_for_what_is_queued(any_district: Stage) -> None:
    """The mother's deputy is the teacher, who may log a contact meanwhile, and only then."""
    mother, teacher = await opened(any_district, "volunteer", "teacher")
    assert not may(await actor_of(any_district, teacher), Action.LOG_VISIT)
    await goes_away(mother, "明天", "林小雨")
    actor = await actor_of(any_district, teacher)
    assert may(actor, Action.LOG_VISIT)
    assert actor.stands_for == {await person(any_district, MOTHER)}
    await teacher.say("/visit")
    await teacher.tap("📞")
    await teacher.tap("😄")
    await teacher.tap("保存")
    (entry, *_) = await own(any_district, teacher)
    assert (entry.kind, entry.happened_on) == ("contact_entry", TODAY)
    assert await last_contact(any_district) == TODAY  # it counts for the mother
    later = any_district.clock.now() + timedelta(minutes=5)
    message = Message(
        TEACHER, text=T("Saved."), person_id=actor.person_id, needs=Action.LOG_VISIT, about="x:1", not_before=later
    )
    async with any_district.database.transaction() as tx:
        await outbox.put(tx, [queued(message, any_district.clock.now())])
    await mother.press("|back|")
    any_district.clock.forward(later + timedelta(minutes=1))
    since = len(teacher.bubbles)
    await any_district.settle()
    assert await states(any_district, "x:1") == [("cancelled", "may not be sent any more")]
    assert news(teacher, since) == ""
    await teacher.say("/visit")
    assert "📞" not in "".join(teacher.buttons)


async def last_contact(stage: Stage) -> object:
    async with stage.database.reading() as tx:
        mother = (await people.actors(tx, [MOTHER], TODAY))[MOTHER]
        (child,) = next(grant for grant in mother.grants if grant.role is Role.VOLUNTEER).children
        return await records.last_contact(tx, mother.person_id, child)


async def test_what_was_kept_for_the_deputys_morning_is_taken_back_and_asked_of_who_is_back(district: Stage) -> None:
    mother, teacher = await opened(district, "volunteer", "teacher")
    await visits(mother)
    await district.turn(days=11, step=LONG)
    await goes_away(mother, "后天", "林小雨")
    since = len(teacher.bubbles), len(mother.bubbles)
    await district.turn(hours=20, minutes=5, step=LONG)
    assert "替苗春禾" in news(teacher, since[0])
    assert "小禾" in news(teacher, since[0])
    assert "小禾" not in news(mother, since[1])
    await mother.press("|back|")
    since = len(teacher.bubbles), len(mother.bubbles)
    await district.turn(days=1, step=LONG)
    assert "小禾" in news(mother, since[1])
    assert "替苗春禾" not in news(teacher, since[0])


async def test_what_was_put_off_before_going_waits_for_the_return_while_the_deputy_is_asked(
    any_district: Stage,
) -> None:
    mother, teacher = await opened(any_district, "volunteer", "teacher")
    await visits(mother)
    await any_district.turn(days=12, step=LONG)
    await mother.press("b|due|later|")
    await goes_away(mother, "后天", "林小雨")
    since = len(teacher.bubbles), len(mother.bubbles)
    await any_district.turn(days=1, step=LONG)
    assert "替苗春禾" in news(teacher, since[0])
    assert news(mother, since[1]) == ""
    await mother.press("|back|")
    since = len(teacher.bubbles), len(mother.bubbles)
    await any_district.turn(days=1, step=LONG)
    assert "前跟小禾" in news(mother, since[1])
    assert "替苗春禾" not in news(teacher, since[0])


async def test_what_the_night_holds_back_is_asked_of_the_deputy_when_one_goes_away_meanwhile(
    any_district: Stage,
) -> None:
    """The bot was off all day, so what fell due at eight is ready at ten in the evening, and waits for the morning."""
    mother, teacher = await opened(any_district, "volunteer", "teacher")
    await visits(mother)
    await any_district.turn(days=12, hours=10, step=LONG)
    assert "前跟小禾" not in mother.heard
    await goes_away(mother, "后天", "林小雨")
    since = len(teacher.bubbles), len(mother.bubbles)
    await any_district.turn(hours=12, step=60)
    assert news(teacher, since[0]).count("替苗春禾") == 1
    assert news(mother, since[1]) == ""
    await mother.press("|back|")
    since = len(teacher.bubbles), len(mother.bubbles)
    await any_district.turn(days=1, step=LONG)
    assert news(mother, since[1]).count("前跟小禾") == 1
    assert "替苗春禾" not in news(teacher, since[0])


async def test_a_coordinator_sets_it_for_somebody_who_cannot(any_district: Stage) -> None:
    teacher, lead, coordinator = await opened(any_district, "teacher", "home_lead", "coordinator")
    since = len(teacher.bubbles), len(lead.bubbles)
    await coordinator.say("/person")
    await coordinator.say("林小雨")
    await coordinator.press("s|absence|")
    await coordinator.tap("明天")
    await coordinator.tap("杨向阳")
    assert "林小雨" in coordinator.heard
    assert "不在" in news(teacher, since[0])
    assert "代班" in news(lead, since[1])
    await lead.tap("我代不了")
    assert "往上一级" in teacher.heard
    await coordinator.say("/person")
    await coordinator.say("林小雨")
    assert "没有特定的人" in coordinator.heard
    await coordinator.press("b|away|back|")
    assert "欢迎回来" in teacher.heard
    async with any_district.database.reading() as tx:
        assert await absences.running(tx, [await person(any_district, TEACHER)]) == {}


async def test_nobody_is_sent_away_by_others_nor_brought_back(district: Stage) -> None:
    teacher, _lead, mother = await opened(district, "teacher", "home_lead", "volunteer")
    await goes_away(teacher, "明天", "杨向阳")
    (back,) = [data for data in teacher.data if "|back|" in data]
    await mother.tap_data(back)
    await mother.tap_data(back.replace("|back|", "|cannot|"))
    async with district.database.reading() as tx:
        known = await absences.running(tx, [await person(district, TEACHER)])
    assert [one.deputy_id for one in known.values()] == [await person(district, LEAD)]
    await mother.tap_data(f"s|absence|{await person(district, TEACHER)}")
    await mother.say("明天")
    async with district.database.reading() as tx:
        assert len(await absences.running(tx, [await person(district, user) for user in (MOTHER, COORDINATOR)])) == 0


async def test_a_deputys_own_budget_counts(district: Stage) -> None:
    """What is beyond it waits for the deputy's morning."""
    teacher, lead = await opened(district, "teacher", "home_lead")
    await goes_away(teacher, "12月1日", "杨向阳")
    now = district.clock.now()
    async with district.database.transaction() as tx:
        (home,) = next(g for g in (await people.actors(tx, [TEACHER], TODAY))[TEACHER].grants).homes
        (asked,) = (await keepers_of(tx, Role.TEACHER, [home]))[home]
        moment = tick(now - timedelta(minutes=1), now)
        many = [
            Nudge(f"x:{n}:1", "a", asked, T("Saved."), now, now + timedelta(days=2), Action.SEE_RECORDS)
            for n in range(5)
        ]
        assert await deliver(tx, many, moment) == 5
        assert await deliver(tx, many, moment) == 0
    since = len(lead.bubbles)
    district.app.courier.wake()
    await district.settle()
    assert len(lead.bubbles) == since + 3
    assert FOR_THE_TEACHER in lead.heard
