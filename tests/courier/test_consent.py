"""A family takes its consent back: what rests on it is not said any more, not even what was queued; what the law or an
emergency asks for still is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.demo import faults
from bot.engine.message import Message
from care.access import Action
from care.text import T
from storage import consents, contacts
from storage.tables import receipts
from tests.courier.test_rights import put, states
from tests.faults.seen import COORDINATOR, GUARDIAN, MOTHER, TEACHER, actor_of
from tests.flows.families import LONG, check_in, news, to_saturday
from tests.flows.test_notice import STORM, holding, send, up_to_when
from tests.flows.test_notice import opened as all_phones
from tests.stage import Stage


async def taken_back(stage: Stage) -> None:
    """As the coordinator does it, on the child's page."""
    coordinator = stage.chat(COORDINATOR)
    await coordinator.say("/child")
    await coordinator.say("0601")
    await coordinator.tap("收回同意")
    await coordinator.tap("是的")
    assert "收回" in coordinator.everything


async def test_t54_a_consent_withdrawn_while_a_broadcast_runs(any_district: Stage) -> None:
    """It is on its way: Telegram does not answer for the family's chat, so theirs waits; so does a word to the mother
    about the child."""
    stage = any_district
    await all_phones(stage)
    stage.world.faults.last(faults.page(502), chat_id=GUARDIAN, method="send*")
    mother = await actor_of(stage, stage.chat(MOTHER))
    (child,) = next(grant for grant in mother.grants if grant.children).children
    async with stage.database.reading() as tx:
        ((pairing, due_on),) = await contacts.due_for(tx, {(mother.person_id, child)})
    about, later = f"contact:{pairing}:{due_on}", stage.clock.now() + timedelta(minutes=5)
    await put(stage, Message(MOTHER, text=T("Saved."), needs=Action.LOG_VISIT, about=about, not_before=later))
    await send(stage.chat(COORDINATOR))
    await stage.app.courier.drain()
    assert {TEACHER, MOTHER} <= holding(stage, STORM)
    assert GUARDIAN not in holding(stage, STORM)
    await taken_back(stage)
    stage.world.faults.clear()
    await stage.turn(minutes=10)
    assert GUARDIAN not in holding(stage, STORM)
    await stage.turn(minutes=1)
    assert await states(stage, about) == [("cancelled", "not owed any more")]
    async with stage.database.reading() as tx:
        rows = await tx.rows(select(receipts.c.state).where(receipts.c.state == "cancelled"))
        assert not await consents.live(tx, [child])
    assert len(rows) == 1


async def test_t54_check_ins_stop_even_one_that_climbs_and_begin_again(any_district: Stage) -> None:
    stage = any_district
    await all_phones(stage)
    guardian, teacher = stage.chat(GUARDIAN), stage.chat(TEACHER)
    await to_saturday(stage)
    assert "小禾" in guardian.heard
    await taken_back(stage)
    since = len(guardian.bubbles), len(teacher.bubbles)
    await stage.turn(hours=23, step=LONG)
    await stage.turn(days=6, hours=2, step=LONG)  # over the next Saturday
    assert news(guardian, since[0]) == ""
    assert "小禾" not in news(teacher, since[1])
    assert await check_in(stage, "0601") == ("not_asked", None, False)
    coordinator = stage.chat(COORDINATOR)
    await coordinator.tap("签了同意")
    await stage.turn(days=7, step=LONG)
    await stage.turn(minutes=1)
    assert "小禾" in news(guardian, since[0])


async def test_t54_an_emergency_and_an_urgent_worry_know_no_withdrawal(district: Stage) -> None:
    await all_phones(district)
    coordinator, teacher = district.chat(COORDINATOR), district.chat(TEACHER)
    await taken_back(district)
    await up_to_when(coordinator)
    await coordinator.tap("现在就发")
    await coordinator.tap("紧急")
    await coordinator.press("|emergency|=yes")
    await coordinator.press("|save")
    assert GUARDIAN in holding(district, STORM)
    await teacher.say("/concern")
    await teacher.say("0601")
    await teacher.tap("紧急")
    await teacher.say("今天没来")
    await teacher.tap("保存")
    assert "🔴" in coordinator.heard


async def test_t54_a_volunteer_sees_the_child_no_more(district: Stage) -> None:
    await all_phones(district)
    mother = district.chat(MOTHER)
    await taken_back(district)
    await mother.say("/visit")
    assert "小禾" not in mother.heard
    await mother.say("/child")
    assert "小禾" not in mother.heard
