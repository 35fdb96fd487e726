"""What is looked at again at the moment of sending: the right to it, what is still owed, the hour; and who is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.demo import faults
from bot.demo.errors import forbidden
from bot.engine.message import Message, Priority, queued
from care.access import Action
from care.people import Role
from care.text import T
from storage import outbox, people
from storage.tables import outbox as table
from storage.tables import people as people_table
from storage.tables import records
from tests.faults.seen import COORDINATOR, MOTHER, TODAY, actor_of, drafts
from tests.stage import Chat, Stage

NEWS = T("Saved.")


async def put(stage: Stage, *messages: Message) -> None:
    async with stage.database.transaction() as tx:
        await outbox.put(tx, [queued(message, stage.clock.now()) for message in messages])
    stage.app.courier.wake()


async def states(stage: Stage, about: str) -> list[tuple[str, str]]:
    async with stage.database.reading() as tx:
        found = select(table.c.state, table.c.error).where(table.c.about == about).order_by(table.c.id)
        return [(row.state, row.error or "") for row in await tx.rows(found)]


async def records_of(stage: Stage) -> int:
    async with stage.database.reading() as tx:
        return len(await tx.rows(select(records.c.id)))


async def at(stage: Stage, hour: int, minute: int = 0) -> None:
    local = stage.clock.now().astimezone(stage.settings.zone)
    then = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    stage.clock.forward(then if then > local else then + timedelta(days=1))


async def end_role(stage: Stage, chat: Chat, role: Role) -> None:
    async with stage.database.transaction() as tx:
        actors = await people.actors(tx, [COORDINATOR, chat.user], TODAY)
        by, theirs = actors[COORDINATOR], actors[chat.user].person_id
        held = next(one for one in await people.holdings(tx, by) if (one.person_id, one.role) == (theirs, role))
        await people.end_role(tx, held.role_id, by.person_id, stage.clock.now())


async def test_t53_a_volunteer_removed_amid_a_conversation_is_refused_and_what_was_queued_is_dropped(
    district: Stage, mother: Chat
) -> None:
    before = await records_of(district)
    await mother.say("/visit")
    person = (await actor_of(district, mother)).person_id
    later = district.clock.now() + timedelta(minutes=5)
    message = Message(MOTHER, text=NEWS, person_id=person, needs=Action.LOG_VISIT, about="x:1", not_before=later)
    await put(district, message, Message(MOTHER, text=NEWS, about="x:2", needs=Action.LOG_VISIT, not_before=later))
    heard = len(mother.bubbles)
    await end_role(district, mother, Role.VOLUNTEER)
    district.clock.forward(later + timedelta(minutes=1))
    await district.settle()
    assert len(mother.bubbles) == heard
    assert await states(district, "x:1") == [("cancelled", "")]
    assert await states(district, "x:2") == [("cancelled", "may not be sent any more")]
    await mother.tap("🏠")
    await mother.say("开心")
    assert await records_of(district) == before


async def test_t53_a_role_that_ends_amid_a_fan_out_gets_nothing_more(district: Stage, mother: Chat) -> None:
    """Those that were not handed to Telegram yet are looked at when their turn comes."""
    await mother.say("/help")
    heard = len(mother.bubbles)
    district.world.faults.add(faults.page(502), chat_id=MOTHER)
    await put(district, *(Message(MOTHER, text=NEWS, needs=Action.LOG_VISIT, about="x:3") for _ in range(3)))
    await district.app.courier.drain()
    await end_role(district, mother, Role.VOLUNTEER)
    district.clock.forward(district.clock.now() + timedelta(minutes=1))
    await district.settle()
    assert len(mother.bubbles) == heard
    assert {state for state, _ in await states(district, "x:3")} == {"cancelled"}


@pytest.mark.parametrize(
    ("priority", "about", "arrives"),
    [
        (Priority.ANSWER, "x:4", True),
        (Priority.URGENT, "x:4", True),
        (Priority.NUDGE, "x:4", False),
        (Priority.BROADCAST, "x:4", False),
        (Priority.BROADCAST, "emergency:7", True),
    ],
)
async def test_quiet_hours_put_off_what_can_wait_until_seven(
    district: Stage, mother: Chat, priority: Priority, about: str, arrives: bool
) -> None:
    await mother.say("/help")
    await at(district, 23, 40)
    heard = len(mother.bubbles)
    await put(district, Message(MOTHER, text=NEWS, priority=priority, about=about))
    await district.app.courier.drain()
    assert len(mother.bubbles) - heard == int(arrives)
    await mother.say("/help")  # what is put off holds up no answer
    heard = len(mother.bubbles)
    await at(district, 6, 59)
    await district.settle()
    assert len(mother.bubbles) == heard
    await at(district, 7, 1)
    await district.settle()
    assert len(mother.bubbles) - heard == int(not arrives)


async def test_what_is_put_off_beyond_its_time_expires(district: Stage, mother: Chat) -> None:
    await mother.say("/help")
    heard = len(mother.bubbles)
    await at(district, 22)
    soon = district.clock.now() + timedelta(hours=1)
    await put(district, Message(MOTHER, text=NEWS, priority=Priority.NUDGE, about="x:5", expires_at=soon))
    await district.app.courier.drain()
    await at(district, 7, 1)
    await district.app.clockwork.tick()
    await district.settle()
    assert len(mother.bubbles) == heard
    assert await states(district, "x:5") == [("expired", "quiet hours")]


async def test_a_reminder_of_what_has_been_finished_is_not_sent(district: Stage, mother: Chat) -> None:
    await mother.say("/visit")
    (draft,) = await drafts(district, mother)
    await at(district, 23)
    about = f"draft:{draft.id}"
    await put(district, Message(MOTHER, text=NEWS, priority=Priority.NUDGE, about=about))
    await district.app.courier.drain()
    for word in ("家访", "开心", "保存"):
        await mother.say(word)
    heard = len(mother.bubbles)
    await at(district, 7, 1)
    await district.settle()
    assert len(mother.bubbles) == heard
    assert await states(district, about) == [("cancelled", "not owed any more")]


@pytest.mark.parametrize("why", ["bot was blocked by the user", "user is deactivated"])
async def test_t14_who_is_gone_is_marked_shown_and_cleared_by_whatever_they_do(
    district: Stage, mother: Chat, coordinator: Chat, why: str
) -> None:
    await mother.say("/help")
    person = (await actor_of(district, mother)).person_id
    district.world.faults.add(faults.says(forbidden(why)), chat_id=MOTHER, method="send*")
    await put(district, *(Message(MOTHER, text=NEWS, person_id=person, about="x:6") for _ in range(3)))
    await district.app.courier.drain()
    assert [state for state, _ in await states(district, "x:6")] == ["failed", "cancelled", "cancelled"]
    assert (await actor_of(district, mother)).unreachable
    shown = await seen_by(district, coordinator, MOTHER)
    heard = len(mother.bubbles)
    await put(district, Message(MOTHER, text=NEWS, person_id=person, priority=Priority.NUDGE, about="x:7"))
    await district.app.courier.drain()
    assert await states(district, "x:7") == [("cancelled", "unreachable")]
    assert len(mother.bubbles) == heard
    await mother.say("/help")
    assert len(mother.bubbles) == heard + 1
    assert not (await actor_of(district, mother)).unreachable
    assert (shown, await seen_by(district, coordinator, MOTHER)) == (False, True)


async def seen_by(stage: Stage, coordinator: Chat, user: int) -> bool:
    """Whether the coordinator sees them as reachable."""
    actor = await actor_of(stage, coordinator)
    async with stage.database.reading() as tx:
        row = await tx.row(select(people_table.c.id).where(people_table.c.chat_id == user))
        assert row
        return next(one.reachable for one in await people.holdings(tx, actor) if one.person_id == row.id)


@pytest.mark.parametrize("kind", ["words", "tap", "photo", "edit"])
async def test_t14_any_sign_of_life_counts(district: Stage, mother: Chat, picture: bytes, kind: str) -> None:
    await mother.say("/visit")
    async with district.database.transaction() as tx:
        await people.unreachable(tx, MOTHER, district.clock.now())
    match kind:
        case "words":
            await mother.say("家访")
        case "tap":
            await mother.tap("🏠")
        case "photo":
            await mother.photo(picture)
        case _:
            district.world.edit(MOTHER, next(iter(district.world.chats[MOTHER].posts)), "/help")
            await district.settle()
    assert not (await actor_of(district, mother)).unreachable
