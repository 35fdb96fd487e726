"""/overview: one home for its teacher, a table of homes for the district, worst first."""

from __future__ import annotations

from bot.engine.overview import Overview, look, together
from storage import people
from tests.flows.test_talk import begun
from tests.stage import NOON, Chat, Stage

MOTHER, TEACHER, GUARDIAN, COORDINATOR, ENGLISH, LEAD = 730001, 730002, 730003, 730004, 730005, 730006


async def opened(stage: Stage, user: int) -> Chat:
    chat = stage.chat(user)
    await chat.start()
    return chat


async def seen_by(stage: Stage, user: int) -> Overview:
    async with stage.database.reading() as tx:
        actor = (await people.actors(tx, [user], NOON.date()))[user]
        return await look(tx, actor, stage.app.gateway._registry.duties, NOON.date())


async def test_a_teacher_sees_the_own_home_and_who_waits_for_a_word(any_district: Stage) -> None:
    teacher = await opened(any_district, TEACHER)
    await teacher.say("/overview")
    assert "近郊小学" in teacher.heard
    assert "12月（11月23日到12月22日）" in teacher.heard
    assert "谈心：✅" in teacher.heard
    assert "东风小学" not in teacher.heard
    assert not [data for data in teacher.data if "|page|" in data]


async def test_a_coordinator_turns_the_pages_and_opens_a_home(district: Stage) -> None:
    coordinator = await opened(district, COORDINATOR)
    await coordinator.say("/overview")
    assert "18个儿童之家" in coordinator.heard
    assert "8. " in coordinator.heard
    assert "9. " not in coordinator.heard
    bubbles = len(coordinator.bubbles)
    await coordinator.tap("往后")
    await coordinator.tap("往后")
    assert "18. " in coordinator.heard
    await coordinator.press("|home|")
    assert "上" in coordinator.heard or "11月（" in coordinator.heard
    assert "谈心" in coordinator.heard
    await coordinator.tap("所有儿童之家")
    assert "1. " in coordinator.heard
    assert len(coordinator.bubbles) == bubbles
    assert len(coordinator.heard) < 1500


async def test_those_that_need_most_come_first_and_nothing_is_counted_twice(district: Stage) -> None:
    found = await seen_by(district, COORDINATOR)
    missing = [together([row.this]).missing + together([row.last]).missing for row in found.rows]
    assert missing == sorted(missing, reverse=True)
    own = await seen_by(district, TEACHER)
    (row,) = own.rows
    assert row == found.home(row.home.id)
    assert row.last["talk"].total == row.this["talk"].total
    assert row.last["talk"].met + row.last["talk"].missing + row.last["talk"].ahead == row.last["talk"].total


async def test_what_is_logged_moves_it(district: Stage) -> None:
    before = (await seen_by(district, TEACHER)).rows[0].this["talk"].met
    teacher = await opened(district, TEACHER)
    await begun(teacher, "0617")
    await teacher.say("他想爸爸了。")
    await teacher.tap("保存")
    assert (await seen_by(district, TEACHER)).rows[0].this["talk"].met == before + 1


async def test_a_home_out_of_reach_is_not_found(district: Stage) -> None:
    far = (await seen_by(district, COORDINATOR)).rows
    own = (await seen_by(district, TEACHER)).rows[0].home.id
    other = next(row.home for row in far if row.home.id != own)
    for user in (TEACHER, MOTHER, GUARDIAN):
        chat = await opened(district, user)
        await chat.tap_data(f"b|overview|home|{other.id}")
        assert other.name not in chat.heard
    assert "找到" in await (await opened(district, MOTHER)).say("/overview")
