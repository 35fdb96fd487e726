"""The rhythm of contacts: said in the morning, once, to who owes it; silent as soon as it is met."""

from __future__ import annotations

from datetime import timedelta

from bot.demo.faults import reset
from tests.flows.families import LONG, apart_from_check_ins, news
from tests.stage import Stage


async def test_a_volunteer_hears_before_and_after_and_no_more_once_it_is_met(any_district: Stage) -> None:
    mother = any_district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    bubbles = apart_from_check_ins(mother)
    await any_district.turn(days=11, step=LONG)
    assert apart_from_check_ins(mother) == bubbles
    await any_district.turn(days=1, step=LONG)
    assert apart_from_check_ins(mother) == bubbles + 1
    assert "小禾" in mother.heard
    await any_district.turn(days=1, step=LONG)
    assert apart_from_check_ins(mother) == bubbles + 1
    await any_district.turn(days=2, step=LONG)
    assert apart_from_check_ins(mother) == bubbles + 2
    await mother.press("s|visit|")
    await mother.tap("📞")
    await mother.tap("🙂")
    await mother.tap("保存")
    told = apart_from_check_ins(mother)
    await any_district.turn(days=8, step=LONG)
    assert apart_from_check_ins(mother) == told


async def test_later_asks_again_the_next_morning(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    await district.turn(days=12, step=LONG)
    await mother.press("|later|")
    told = apart_from_check_ins(mother)
    await district.turn(days=1, step=LONG)
    assert apart_from_check_ins(mother) == told + 1


async def test_not_mine_reaches_the_coordinator(district: Stage) -> None:
    mother, coordinator = district.chat("volunteer"), district.chat("coordinator")
    await coordinator.start()
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    await district.turn(days=12, step=LONG)
    await mother.press("|not|")
    assert "苗春禾" in coordinator.heard


async def test_what_is_due_stands_on_a_list(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.start()
    await district.turn(days=13, step=LONG)
    await mother.say("/due")
    assert "小禾" in mother.heard


async def test_back_after_the_due_day_it_is_not_asked_for_by_a_day_that_is_over(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    await district.turn(days=11, step=LONG)
    told = len(mother.bubbles)
    await district.down()
    district.clock.forward(district.clock.now() + timedelta(days=5))
    await district.up()
    await district.turn(minutes=2)
    heard = news(mother, told)
    assert "还没记过跟小禾" in heard
    assert "前跟小禾" not in heard


async def test_what_a_digest_could_not_say_is_said_the_next_morning(any_district: Stage) -> None:
    mother = any_district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    await any_district.turn(days=11, hours=19, step=LONG)
    told = len(mother.bubbles)
    any_district.world.faults.last(reset())
    for _ in range(3):
        any_district.clock.forward(any_district.clock.now() + timedelta(hours=7))
        await any_district.app.clockwork.tick()
    assert "前跟小禾" not in news(mother, told)
    any_district.world.faults.clear()
    await any_district.turn(minutes=20)
    assert "前跟小禾" not in news(mother, told)
    await any_district.turn(hours=4, step=LONG)
    assert news(mother, told).count("前跟小禾") == 1


async def test_what_a_digest_could_not_say_is_not_said_once_it_is_met(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    await district.turn(days=11, hours=19, step=LONG)
    told = len(mother.bubbles)
    district.world.faults.last(reset())
    for _ in range(3):
        district.clock.forward(district.clock.now() + timedelta(hours=7))
        await district.app.clockwork.tick()
    district.world.faults.clear()
    await district.turn(minutes=20)
    await mother.say("/visit")
    await mother.tap("📞")
    await mother.tap("🙂")
    await mother.tap("保存")
    await district.turn(hours=4, step=LONG)
    assert "前跟小禾" not in news(mother, told)
