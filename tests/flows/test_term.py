"""What a home hears at the start of a term, and of a month with activities of one kind only."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from care.calendar import Calendar
from tests.flows.families import LONG, news
from tests.stage import Chat, Stage


async def eight(stage: Stage, day: str) -> None:
    """From just before eight to just after it on that day."""
    moment = datetime.combine(datetime.fromisoformat(day).date(), time(8), stage.settings.zone)
    stage.clock.jump(moment - timedelta(minutes=1))
    await stage.app.clockwork.tick()
    await stage.turn(minutes=2, step=LONG)


async def reports(teacher: Chat, *kinds: str) -> None:
    for kind in kinds:
        await teacher.say("/activity")
        await teacher.tap(kind)
        await teacher.tap("31")
        await teacher.tap("✅")
        await teacher.tap("保存")


async def test_a_new_term_begins_with_the_children_and_the_plans(any_district: Stage) -> None:
    teacher, lead = any_district.chat("teacher"), any_district.chat("home_lead")
    await teacher.start()
    await lead.start()
    await any_district.app.clockwork.tick()
    spring, _ = Calendar().terms(2027)
    first = Calendar().first_school_day(spring.first)
    await eight(any_district, (first - timedelta(days=1)).isoformat())
    assert "新学期" not in teacher.everything + lead.everything
    before = len(teacher.bubbles), len(lead.bubbles)
    await eight(any_district, first.isoformat())
    assert news(teacher, before[0]).count("把") >= 1
    assert "孩子都过一遍" in news(teacher, before[0])
    assert "目标责任书" in news(lead, before[1])
    before = len(teacher.bubbles), len(lead.bubbles)
    await eight(any_district, (first + timedelta(days=1)).isoformat())
    assert "新学期" not in news(teacher, before[0]) + news(lead, before[1])


async def test_a_month_of_one_kind_of_activity_is_hinted_at(any_district: Stage) -> None:
    teacher = any_district.chat("teacher")
    await reports(teacher, "联欢", "联欢")
    await any_district.app.clockwork.tick()
    before = len(teacher.bubbles)
    await eight(any_district, "2026-12-18")
    assert "都是同一类（联欢）" in news(teacher, before)


async def test_with_another_kind_nothing_is_said(district: Stage) -> None:
    teacher = district.chat("teacher")
    await reports(teacher, "联欢", "健康")
    await district.app.clockwork.tick()
    before = len(teacher.bubbles)
    await eight(district, "2026-12-18")
    assert "同一类" not in news(teacher, before)
