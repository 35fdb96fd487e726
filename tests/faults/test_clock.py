"""The machine's clock jumps: nothing is said twice, nothing is held back for long, and somebody hears of it. And what
falls due while nobody is there is said late by its kind, once."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text

from bot.health import Health, report
from bot.steady import FLOOR, Move, SteadyClock
from tests.faults.seen import GUARDIAN, MOTHER, TEACHER
from tests.flows.families import check_in, news
from tests.flows.test_concerns import opened, raises_by_hand
from tests.stage import NOON, Chat, Stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
"""Nine in the morning of Saturday, 28 November 2026, in China: check-ins are asked at ten."""
YEAR_70 = datetime(1970, 1, 1, tzinfo=UTC)


async def watched(stage: Stage, start: datetime) -> None:
    """At that moment, with a clock that is watched; the rules know of the hours before."""
    stage.clock.jump(start - HOUR)
    stage.watch = SteadyClock(stage.clock.now)
    await stage.restart()
    await stage.app.clockwork.tick()
    stage.clock.jump(start)
    await ticks(stage)


async def ticks(stage: Stage) -> None:
    for _ in range(2):
        await stage.app.clockwork.tick()
        await stage.settle()


def twice(*chats: Chat) -> list[str]:
    """What was said more than once, alarms about the clock aside."""
    told = Counter(f"{chat.user} {post.payload.get('text')}" for chat in chats for post in chat.bubbles)
    return [words for words, count in told.items() if count > 1 and "⏱" not in words]


@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY], ids=["an hour ahead", "an hour back", "a day ahead"])
async def test_t28_a_clock_that_jumps_says_nothing_twice_and_tells_of_it(any_district: Stage, jump: timedelta) -> None:
    """It jumps just after the check-in was asked, and is put right an hour later."""
    stage = any_district
    people = await opened(stage, "guardian", "teacher", "volunteer", "coordinator")
    await watched(stage, NINE)
    stage.clock.jump(NINE + HOUR + timedelta(minutes=1))
    await ticks(stage)
    asked = len(people[0].bubbles)
    assert "小禾" in people[0].heard
    before = len(people[3].bubbles)
    stage.clock.jump(stage.clock.now() + jump)
    await ticks(stage)
    assert "⏱" in news(people[3], before)
    assert "时钟" in news(people[3], before)
    stage.clock.jump(stage.clock.now() - jump + HOUR)
    await ticks(stage)
    assert twice(*people) == []
    assert len(people[0].bubbles) - asked <= 1  # a reminder at most, where its hours were over
    health = Health(stage.app, stage.clock.now)
    status, body = report(await health.look())
    assert status == 200
    assert "clock of this machine was moved" in str(body["warnings"])


async def test_t28_a_clock_that_reads_1970_is_not_believed(any_district: Stage) -> None:
    """Reminders, answers and rights go on by the time that passes."""
    stage = any_district
    grandmother, coordinator = await opened(stage, "guardian", "coordinator")
    await watched(stage, NINE + HOUR + timedelta(minutes=1))
    assert "小禾" in grandmother.heard
    since = len(grandmother.bubbles), len(coordinator.bubbles)
    stage.clock.jump(YEAR_70)
    await ticks(stage)
    assert "1970" in news(coordinator, since[1])
    assert news(coordinator, since[1]).count("⏱") == 1
    assert news(grandmother, since[0]) == ""
    await grandmother.say("都好")
    assert await check_in(stage, "0601") == ("answered", "well", False)
    async with stage.database.reading() as tx:
        (row,) = await tx.rows(text("SELECT count(*) FROM ticks WHERE at < '2026-01-01'"))
    assert row[0] == 0
    stage.clock.jump(NINE + HOUR + timedelta(minutes=10))
    since = len(grandmother.bubbles), len(coordinator.bubbles)
    await ticks(stage)
    assert news(grandmother, since[0]) == ""
    assert twice(grandmother, coordinator) == []


async def test_t28_an_urgent_worry_is_asked_about_however_the_clock_was_set_back(district: Stage) -> None:
    mother, teacher = await opened(district, "volunteer", "teacher")
    await watched(district, NINE)
    district.clock.jump(NINE - HOUR)
    await ticks(district)
    await raises_by_hand(mother, "她说晚上总做噩梦")
    heard = len(teacher.bubbles)
    district.clock.jump(district.clock.now() + timedelta(minutes=11))
    await ticks(district)
    assert news(teacher, heard).count("🔴") == 1


def test_t28_what_a_watched_clock_reads() -> None:
    wall, seconds = NOON, 100.0
    clock = SteadyClock(lambda: wall, lambda: seconds)

    def go(to: datetime, passed: float) -> datetime:
        nonlocal wall, seconds
        wall, seconds = to, seconds + passed
        return clock.now()

    assert go(NOON + timedelta(seconds=60), 60) == NOON + timedelta(seconds=60)
    assert go(NOON + timedelta(minutes=5), 60) == NOON + timedelta(minutes=5)
    assert clock.moves() == []
    assert go(NOON + HOUR, 60) == NOON + HOUR
    assert [move.minutes for move in clock.moves()] == [54]
    assert clock.moves() == []
    assert go(NOON, 60) == NOON
    assert [move.minutes for move in clock.moves()] == [-61]
    assert go(FLOOR - DAY, 60) == go(YEAR_70, 0) == NOON + timedelta(seconds=60)
    assert clock.moves() == [Move(NOON + timedelta(seconds=60), FLOOR - DAY, believed=False)]
    assert go(NOON + timedelta(seconds=120), 60) == NOON + timedelta(seconds=120)
    assert clock.moves() == []


# --- T29: nobody was there when it fell due


async def down_for(stage: Stage, span: timedelta) -> None:
    await stage.down()
    stage.clock.forward(stage.clock.now() + span)
    await stage.up()
    await ticks(stage)


@pytest.mark.parametrize(
    ("down", "asked", "teacher_hears"),
    [(timedelta(minutes=1), 1, False), (timedelta(hours=6), 1, False), (timedelta(days=3), 0, True)],
    ids=["a minute", "six hours", "three days"],
)
async def test_t29_a_check_in_that_fell_due_meanwhile(
    any_district: Stage, down: timedelta, asked: int, teacher_hears: bool
) -> None:
    """It is asked until eight in the evening; later not at all, and the teacher hears so, once."""
    stage = any_district
    grandmother, teacher = stage.chat(GUARDIAN), stage.chat(TEACHER)
    await grandmother.start()
    await teacher.start()
    stage.clock.jump(NINE + HOUR - timedelta(seconds=30))
    await stage.app.clockwork.tick()
    since = len(grandmother.bubbles), len(teacher.bubbles)
    await down_for(stage, down)
    await stage.turn(minutes=2, step=1)
    assert news(grandmother, since[0]).count("小禾") == asked
    assert ("没能" in news(teacher, since[1])) is teacher_hears
    assert twice(grandmother, teacher) == []


@pytest.mark.parametrize(
    ("down", "hears"),
    [(timedelta(minutes=1), 1), (timedelta(hours=6), 1), (timedelta(days=3), 1), (timedelta(days=17), 0)],
    ids=["a minute", "six hours", "three days", "seventeen days"],
)
async def test_t29_a_contact_whose_morning_nobody_was_there_for(
    any_district: Stage, down: timedelta, hears: int
) -> None:
    """Each time of asking (two days before it is due, one after, seven after) holds until the next; a fortnight after
    the due day nothing is said any more."""
    stage = any_district
    mother = stage.chat(MOTHER)
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    twelfth = NOON + timedelta(days=12) - timedelta(hours=4, seconds=30)  # just before eight, two days before it is due
    stage.clock.jump(twelfth)
    await stage.app.clockwork.tick()
    await stage.settle()
    since = len(mother.bubbles)
    await down_for(stage, down)
    told = [post for post in mother.bubbles[since:] if "s|visit|" in str(post.payload.get("reply_markup"))]
    assert len(told) == hears
    assert twice(mother) == []


# --- T30: each report period once, wherever its border lies


async def mornings(stage: Stage, *days: date) -> None:
    """Just before eight and just after it, on each of these days."""
    for day in days:
        for minute in (-1, 1):
            eight = datetime.combine(day, time(8), stage.settings.zone)
            stage.clock.forward(eight + timedelta(minutes=minute))
            await ticks(stage)


async def evening(stage: Stage, day: date) -> None:
    """Late enough that what was said that day is over."""
    stage.clock.forward(datetime.combine(day, time(20), stage.settings.zone))
    await ticks(stage)


def opens(chat: Chat, since: int) -> Counter[str]:
    """By period: how many messages brought a button that opens its report."""
    found: Counter[str] = Counter()
    for post in chat.bubbles[since:]:
        found.update(set(re.findall(r"b\|report\|see\|[^|]+\|(\d{4}-\d\d)", str(post.payload.get("reply_markup")))))
    return found


async def test_t30_each_period_is_asked_for_once_over_new_year_the_vacation_and_a_leap_day(any_district: Stage) -> None:
    stage = any_district
    teacher, lead = await opened(stage, "teacher", "home_lead")
    await stage.app.clockwork.tick()
    for year, month in ((2026, 12), (2027, 1), (2027, 2), (2027, 3), (2028, 2), (2028, 3)):
        since = len(teacher.bubbles), len(lead.bubbles)
        key = f"{year}-{month:02}"
        await mornings(stage, date(year, month, 15))
        assert opens(teacher, since[0])[key] == 1, key
        assert key not in opens(lead, since[1])
        await evening(stage, date(year, month, 22))
        since = len(teacher.bubbles), len(lead.bubbles)
        await mornings(stage, date(year, month, 23))
        assert (opens(lead, since[1])[key], opens(teacher, since[0])[key]) == (1, 0), key
    await mornings(stage, date(2028, 3, 29), date(2028, 3, 30))  # the seventh day after, and the eighth
    assert opens(lead, since[1])["2028-03"] == 2


async def test_t30_the_leap_day_is_a_day_like_others(district: Stage) -> None:
    """The 29th of February is the seventh day that a report is overdue, and the 1st of March no eighth."""
    (lead,) = await opened(district, "home_lead")
    await district.app.clockwork.tick()
    await mornings(district, date(2028, 2, 28))
    since = len(lead.bubbles)
    await mornings(district, date(2028, 2, 29), date(2028, 3, 1))
    assert opens(lead, since)["2028-02"] == 1
