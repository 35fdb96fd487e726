"""What a digest says is looked at line by line once more when it goes: it may have stood in the outbox for hours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from sqlalchemy import select

from bot.demo.errors import Refused
from bot.demo.faults import Fault, reset, says
from storage import outbox, pairings, people, tables
from tests.faults.seen import CHINESE, MOTHER, TODAY
from tests.flows.families import LONG, news
from tests.flows.test_away import goes_away, person
from tests.stage import PATIENCE, Chat, Stage, keyboard_of

CONTACT, PROMISE = "前跟小禾", "棉鞋"
NEW_PHONE = 730201


async def promised(stage: Stage) -> Chat:
    """A love mother of whom the morning of 6 December asks two things: a contact, and what she promised."""
    mother = stage.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.press("|.|more")
    await mother.press("follow_up|open")
    await mother.say("带一双棉鞋")
    await mother.say("12月6日")
    await mother.press("|save")
    await stage.turn(days=11, step=LONG)
    return mother


async def morning(stage: Stage, *first: Fault) -> None:
    """What it says meets these faults, and then goes on failing until they are cleared."""
    known = len(stage.world.ledger)
    stage.world.faults.add(*first, method="send*")
    stage.world.faults.last(reset(), method="send*")
    stage.clock.forward(stage.clock.now() + timedelta(hours=20, minutes=5))
    await stage.app.clockwork.tick()
    await until(lambda: any(one.name.startswith("send") for one in islice(stage.world.ledger, known, None)))


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not there():
            await asyncio.sleep(0.005)


async def goes(stage: Stage) -> None:
    """Telegram is there again."""
    stage.world.faults.clear()
    await stage.turn(minutes=5)


async def visits(mother: Chat) -> None:
    """Without a word of an answer."""
    for words in ("/visit 0601", "打电话", "开心", "保存"):
        mother.stage.world.say(mother.user, words)
    await until(lambda: not len(mother.stage.world.updates))


async def queued(stage: Stage) -> int:
    async with stage.database.reading() as tx:
        return await outbox.depth(tx)


async def test_what_was_done_meanwhile_is_not_asked_for_and_the_rest_is(any_district: Stage) -> None:
    mother = await promised(any_district)
    since = len(mother.bubbles)
    await morning(any_district)
    await visits(mother)
    assert news(mother, since) == ""
    await goes(any_district)
    heard = news(mother, since)
    assert CONTACT not in heard
    assert heard.count(PROMISE) == 1
    assert "b|due|later|" in str(keyboard_of(mother.bubbles[since]))
    await any_district.turn(days=1, step=LONG)
    assert CONTACT not in news(mother, since)


async def test_what_is_said_once_more_since_nobody_knows_whether_it_came_leaves_out_what_was_done(
    any_district: Stage,
) -> None:
    mother = await promised(any_district)
    since = len(mother.bubbles)
    await morning(any_district, reset(effect=True))
    assert news(mother, since).count(CONTACT) == 1
    await visits(mother)
    await goes(any_district)
    assert news(mother, since).count(CONTACT) == 1
    assert news(mother, since).count(PROMISE) == 2


async def test_a_child_that_is_in_other_hands_now_stands_in_it_no_more(any_district: Stage) -> None:
    mother = await promised(any_district)
    since = len(mother.bubbles)
    await morning(any_district)
    await _unpaired(any_district)
    await goes(any_district)
    assert CONTACT not in news(mother, since)
    assert news(mother, since).count(PROMISE) == 1


async def test_where_nothing_is_left_of_it_it_does_not_go(district: Stage) -> None:
    mother = await promised(district)
    since = len(mother.bubbles)
    await morning(district)
    await _unpaired(district)
    async with district.database.transaction() as tx:
        rows = await tx.rows(select(tables.follow_ups.c.id))
        await tx.run(tables.follow_ups.update().values(done_at=district.clock.now()))
    assert len(rows) == 1
    await goes(district)
    assert news(mother, since) == ""
    assert await queued(district) == 0
    await district.turn(days=1, step=LONG)
    assert news(mother, since) == ""


async def test_what_was_queued_for_a_lost_phone_waits_for_the_new_one(district: Stage) -> None:
    mother, new = await promised(district), district.chat(NEW_PHONE)
    await new.start()
    since = len(mother.bubbles)
    await morning(district)
    async with district.database.transaction() as tx:
        her = (await people.actors(tx, [MOTHER], TODAY))[MOTHER].person_id
        await people.link_chat(tx, her, NEW_PHONE, CHINESE, district.clock.now())
    await goes(district)
    assert news(mother, since) == ""
    await district.turn(days=1, step=LONG)
    assert news(mother, since) == ""
    assert new.everything.count(CONTACT) == 1


async def test_what_was_refused_because_she_had_blocked_us_is_said_once_she_is_back(any_district: Stage) -> None:
    mother = await promised(any_district)
    since = len(mother.bubbles)
    any_district.world.faults.add(says(Refused(403, "Forbidden: bot was blocked by the user")), method="send*")
    any_district.clock.forward(any_district.clock.now() + timedelta(hours=20, minutes=5))
    await any_district.app.clockwork.tick()
    await any_district.settle()
    assert CONTACT not in news(mother, since)
    await mother.say("/help")
    await any_district.turn(days=1, step=LONG)
    assert news(mother, since).count(CONTACT) == 1


async def test_what_stood_in_the_deputys_is_asked_of_who_is_back(any_district: Stage) -> None:
    mother, teacher = await promised(any_district), any_district.chat("teacher")
    await teacher.start()
    await goes_away(mother, "后天", "林小雨")
    since = len(mother.bubbles), len(teacher.bubbles)
    await morning(any_district)
    post, key = mother.find("我回来了")
    any_district.world.tap(mother.user, post.message_id, key["callback_data"])
    await until(lambda: not len(any_district.world.updates))
    await goes(any_district)
    assert CONTACT not in news(teacher, since[1])
    await any_district.turn(days=1, step=LONG)
    assert CONTACT not in news(teacher, since[1])
    assert news(mother, since[0]).count(CONTACT) == 1


async def _unpaired(stage: Stage) -> None:
    bond = tables.pairings
    mine = (bond.c.person_id == await person(stage, MOTHER), bond.c.ended_at.is_(None))
    async with stage.database.transaction() as tx:
        for row in await tx.rows(select(bond.c.id).where(*mine)):
            await pairings.unpair(tx, row.id, "operator", stage.clock.now())
