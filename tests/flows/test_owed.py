"""What is owed by home and child: talks, activities, silence, promises. Said in the morning, once, to who can do it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import text

from bot.duties.silence import still
from storage import touch
from tests.flows.families import QUARTER
from tests.stage import Chat, Stage

MORNING = datetime(2026, 12, 17, 23, 30, tzinfo=UTC)
"""Half past seven on the 18th in China."""


async def at(stage: Stage, moment: datetime) -> None:
    """Jump there, then let one tick pass and the morning come."""
    stage.clock.jump(moment)
    await stage.app.clockwork.tick()
    await stage.turn(hours=1)


async def ready(stage: Stage, *roles: str) -> list[Chat]:
    chats = [stage.chat(role) for role in roles]
    for chat in chats:
        await chat.start()
    await stage.app.clockwork.tick()
    return chats


async def test_on_the_18th_the_teacher_hears_with_whom_nobody_has_talked(any_district: Stage) -> None:
    (teacher,) = await ready(any_district, "teacher")
    await at(any_district, MORNING)
    assert "小竹" in teacher.heard
    assert any("talk" in data for data in teacher.data)


async def test_what_was_promised_is_asked_for_until_it_is_done(any_district: Stage) -> None:
    mother, teacher = await ready(any_district, "volunteer", "teacher")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.press("|.|more")
    await mother.press("follow_up|open")
    await mother.say("带一双棉鞋")
    await mother.say("后天")
    await mother.press("|save")
    heard = len(mother.bubbles)
    await any_district.turn(days=2, step=QUARTER)
    assert "棉鞋" in mother.heard
    assert len(mother.bubbles) == heard + 1
    await any_district.turn(days=3, step=QUARTER)
    assert "苗春禾" in teacher.everything
    await mother.press("b|due|done|")
    heard = len(mother.bubbles)
    await any_district.turn(days=2, step=QUARTER)
    assert "棉鞋" not in "".join(str(post.payload.get("text")) for post in mother.bubbles[heard:])


async def test_a_child_nobody_was_in_touch_with_is_not_forgotten(district: Stage) -> None:
    teacher, coordinator = await ready(district, "teacher", "coordinator")
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.press("|save")
    await district.turn(days=8, step=QUARTER)
    assert "小禾" in teacher.everything
    heard = coordinator.everything
    await district.turn(days=7, step=QUARTER)
    assert "小禾" in coordinator.everything[len(heard) :]


async def test_a_child_met_before_it_is_said_is_not_called_forgotten(district: Stage) -> None:
    async with district.database.transaction() as tx:
        row = await tx.row(text("SELECT id, home_id FROM children WHERE code = '0601'"))
        assert row is not None
        keys = [f"silence:{row.home_id}:2026-11-27"]
        assert await still(tx, keys) == keys
        await touch.touch(tx, [(row.id, date(2026, 11, 26))])
        assert await still(tx, keys) == []
