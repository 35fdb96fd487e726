"""From the outbox to the chats: the demo's Bot API server over HTTP, a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.demo.bot_api import refusal
from bot.demo.clock import Clock
from bot.demo.errors import Refused, bad, forbidden, too_many_requests
from bot.demo.params import Params
from bot.demo.server import serve
from bot.demo.world import World
from bot.engine.i18n import Languages
from bot.engine.message import Button, Message, Priority, Verb
from bot.telegram.courier import Courier, Stay
from bot.telegram.http import AiohttpRequest, Api
from care.text import T, words
from storage import cards
from storage.database import Database, Tx
from storage.outbox import Due
from storage.tables import people

from .conftest import LI, TOKEN, WANG, ZHAO
from .desk import Desk, number, running, texts, voice_of


class Weather:
    """Answers the sends to one chat with these failures, in turn."""

    def __init__(self, world: World, *failures: Refused | web.StreamResponse, chat_id: int = LI) -> None:
        self.failures, self.chat_id = list(failures), chat_id
        world.before.append(self)

    async def __call__(self, method: str, params: Params) -> web.StreamResponse | None:
        if not self.failures or params.number("chat_id") != self.chat_id:
            return None
        failure = self.failures.pop(0)
        return refusal(failure) if isinstance(failure, Refused) else failure


def sends(world: World) -> list[tuple[int | None, Any]]:
    return [(entry.chat_id, entry.params.get("text")) for entry in world.ledger if entry.name.startswith("send")]


async def test_a_message_is_said_in_the_language_of_its_reader(desk: Desk, world: World) -> None:
    await desk.send(number(1), number(2, WANG, language="en"))
    assert (texts(world), texts(world, WANG)) == (["第1号"], ["No. 2"])
    assert await desk.rows() == [("sent", 1, ""), ("sent", 1, "")]


async def test_order_holds_within_a_chat_while_chats_go_side_by_side(desk: Desk, world: World) -> None:
    inside, most = 0, 0

    async def slowly(method: str, params: Params) -> None:
        nonlocal inside, most
        inside, most = inside + 1, max(most, inside + 1)
        await asyncio.sleep(0.002)
        inside -= 1

    world.before.append(slowly)
    both = [number(n, chat) for n in range(30) for chat in (LI, WANG)]
    await desk.send(*both[:40])
    await desk.send(*both[40:])
    expected = [f"第{n}号" for n in range(30)]
    assert (texts(world), texts(world, WANG)) == (expected, expected)
    assert len(sends(world)) == 60
    assert most == 2


async def test_an_answer_goes_before_a_broadcast(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    courier = Courier(database, api, languages, clock.now, at_once=1)
    desk = Desk(database, clock, courier)
    await desk.put(number(1, WANG, priority=Priority.BROADCAST), number(2, ZHAO, priority=Priority.NUDGE), number(3))
    async with running(courier):
        await courier.drain()
    assert [chat for chat, _ in sends(world)] == [LI, ZHAO, WANG]


async def test_a_card_is_edited_where_it_stands(desk: Desk, world: World) -> None:
    button = ((Button(T("Got it"), data="k"),),)
    await desk.send(number(1, card="c1", buttons=button), number(2))
    await desk.send(number(3, verb=Verb.EDIT, card="c1", buttons=button))
    assert texts(world) == ["第3号", "第2号"]
    await desk.send(Message(LI, Verb.STRIP, card="c1"))
    first = next(iter(world.chats[LI].posts.values()))
    assert "reply_markup" not in first.payload
    assert await desk.states() == ["sent"] * 4


async def test_a_card_may_be_made_and_changed_at_one_time(desk: Desk, world: World) -> None:
    await desk.put(number(1, card="c1"), number(2), wake=False)
    await desk.send(Message(LI, Verb.STRIP, card="c1"))
    assert [entry.name for entry in world.ledger] == ["sendMessage", "sendMessage", "editMessageReplyMarkup"]


async def test_a_lost_card_is_sent_anew_and_lives_on(desk: Desk, world: World) -> None:
    await desk.send(number(1, card="c1"))
    (lost,) = world.chats[LI].posts
    world.unsend(LI, lost)
    await desk.send(number(2, verb=Verb.EDIT, card="c1"))
    await desk.send(number(3, verb=Verb.EDIT, card="c1"))
    assert texts(world) == ["第3号"]
    async with desk.database.reading() as tx:
        assert await cards.message_ids(tx, ["c1"]) == {"c1": lost + 1}


async def test_what_is_already_so_is_done(desk: Desk, world: World) -> None:
    await desk.send(number(1, card="c1"))
    await desk.send(number(1, verb=Verb.EDIT, card="c1"))
    world.say(LI, "a secret")
    await desk.send(Message(LI, Verb.DELETE, message_id=2), Message(LI, Verb.DELETE, message_id=2))
    outcomes = [entry.outcome for entry in world.ledger if entry.kind == "call" and entry.outcome != "ok"]
    assert len(outcomes) == 2
    assert await desk.rows() == [("sent", 1, "")] * 4


async def test_the_menu_is_set_for_the_chat(desk: Desk, world: World) -> None:
    await desk.send(Message(WANG, Verb.MENU, menu=(("visit", T("Got it")),)))
    assert world.commands_for(WANG) == [{"command": "visit", "description": "知道了"}]
    assert world.commands_for(LI) == []


async def test_t12_a_429_holds_that_chat_in_order_and_no_other(desk: Desk, world: World) -> None:
    Weather(world, too_many_requests(1), too_many_requests(1))
    await desk.send(number(1), number(2), number(1, WANG))
    assert (texts(world), texts(world, WANG)) == ([], ["第1号"])
    await desk.send(number(3))
    assert texts(world) == []
    desk.clock.jump(desk.clock.now() + timedelta(seconds=2))
    await desk.courier.drain()
    assert texts(world) == []
    desk.clock.jump(desk.clock.now() + timedelta(seconds=2))
    await desk.courier.drain()
    assert texts(world) == ["第1号", "第2号", "第3号"]
    assert set(await desk.states()) == {"sent"}


async def test_t13_t11_an_unclear_answer_is_tried_again_later(desk: Desk, world: World) -> None:
    Weather(world, web.Response(status=502, text="<html>"), web.Response(text='{"ok":tru'))
    await desk.send(number(1), number(2))
    for _ in range(2):
        assert texts(world) == []
        desk.clock.jump(desk.clock.now() + timedelta(seconds=10))
        await desk.courier.drain()
    assert texts(world) == ["第1号", "第2号"]
    assert [attempts for _, attempts, _ in await desk.rows()] == [3, 1]


async def test_t13_nothing_is_tried_for_ever(desk: Desk, world: World) -> None:
    Weather(world, *[Refused(500, "Internal Server Error")] * 12)
    await desk.send(number(1), number(2))
    for _ in range(12):
        desk.clock.jump(desk.clock.now() + timedelta(seconds=301))
        await desk.courier.drain()
    assert texts(world) == ["第2号"]
    assert (await desk.rows())[0] == ("failed", 12, "NetworkError: Internal Server Error")


async def test_t14_who_blocked_us_is_left_alone_until_they_write(desk: Desk, world: World) -> None:
    async with desk.database.transaction() as tx:
        row = {"id": "p1", "name": b"", "chat_id": LI, "created_at": desk.clock.now()}
        await tx.run(people.insert(), row)
    world.block(LI)
    await desk.send(number(1, person_id="p1"), number(2, person_id="p1"), number(1, WANG))
    states = await desk.rows()
    assert [state for state, _, _ in states] == ["failed", "cancelled", "sent"]
    assert "blocked" in states[0][2]
    assert len([chat for chat, _ in sends(world) if chat == LI]) == 1
    async with desk.database.reading() as tx:
        (since,) = [row.unreachable_since for row in await tx.rows(select(people.c.unreachable_since))]
    assert since is not None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (bad("chat not found"), "BadRequest: Chat not found"),
        (bad('can\'t parse entities: unsupported start tag "小禾" at byte offset 3'), "…"),
        (bad("message is too long"), "too long"),
        (forbidden("user is deactivated"), "deactivated"),
    ],
)
async def test_t15_what_cannot_be_sent_is_a_dead_letter(desk: Desk, world: World, answer: Refused, error: str) -> None:
    Weather(world, answer)
    await desk.send(number(1))
    ((state, attempts, why),) = await desk.rows()
    assert (state, attempts) == ("failed", 1)
    assert error in why
    assert "小禾" not in why


async def test_one_dead_letter_holds_up_nobody(desk: Desk, world: World) -> None:
    await desk.send(Message(LI, text=words("\u2066\x00")), number(2))
    assert await desk.states() == ["failed", "sent"]


async def test_what_came_too_late_is_not_said(desk: Desk, world: World) -> None:
    soon = desk.clock.now() + timedelta(minutes=1)
    await desk.put(number(1, not_before=soon, expires_at=soon + timedelta(minutes=1)), wake=False)
    await desk.courier.drain()
    assert sends(world) == []
    desk.clock.jump(soon + timedelta(minutes=5))
    await desk.courier.drain()
    assert sends(world) == []


async def test_t53_the_right_to_it_is_looked_at_again(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    async def review(tx: Tx, found: Sequence[Due]) -> Mapping[int, Stay]:
        return {due.id: Stay("no more") for due in found if due.chat_id == LI}

    courier = Courier(database, api, languages, clock.now, review=review)
    desk = Desk(database, clock, courier)
    async with running(courier):
        await desk.send(number(1), number(1, WANG))
    assert [chat for chat, _ in sends(world)] == [WANG]
    assert await desk.states() == ["cancelled", "sent"]


async def test_a_voice_note_is_passed_on(desk: Desk, world: World, api: Api) -> None:
    await desk.send(Message(WANG, text=T("Got it"), media=await voice_of(api, world), protect=True))
    (post,) = world.chats[WANG].posts.values()
    assert post.payload["caption"] == "知道了"
    assert post.payload["has_protected_content"] is True


async def test_t11_a_file_whose_fate_is_unknown_is_not_sent_twice(desk: Desk, world: World, api: Api) -> None:
    voice = await voice_of(api, world)
    Weather(world, web.Response(status=504))
    await desk.send(Message(LI, media=voice), number(2))
    assert texts(world) == ["第2号"]
    assert await desk.states() == ["unknown", "sent"]


async def test_a_file_behind_a_429_is_sent_once_it_may(desk: Desk, world: World, api: Api) -> None:
    voice = await voice_of(api, world)
    Weather(world, too_many_requests(1))
    await desk.send(number(1), Message(LI, media=voice))
    assert await desk.states() == ["queued", "queued"]
    desk.clock.jump(desk.clock.now() + timedelta(seconds=2))
    await desk.courier.drain()
    assert await desk.states() == ["sent", "sent"]


async def test_a_file_behind_a_bug_of_ours_is_sent_later(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    def bug() -> bool:
        raise LookupError

    async with running(Courier(database, api, languages, clock.now, polls_fail=bug)) as courier:
        desk = Desk(database, clock, courier)
        voice = await voice_of(api, world)
        Weather(world, web.Response(status=502))
        await desk.send(number(1), Message(LI, media=voice))
        assert await desk.states() == ["queued", "queued"]
        clock.jump(clock.now() + timedelta(minutes=2))
        await courier.drain()
        assert await desk.states() == ["sent", "sent"]


async def test_a_file_in_flight_at_the_end_is_unknown_at_the_next_start(
    desk: Desk, world: World, api: Api, database: Database, languages: Languages, clock: Clock
) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang(method: str, params: Params) -> None:
        reached.set()
        await never.wait()

    voice = await voice_of(api, world)
    first = Courier(database, api, languages, clock.now)
    await desk.courier.stop()
    desk.courier = first
    task = asyncio.create_task(first.run())
    world.before.append(hang)
    await desk.put(Message(LI, media=voice), number(1, WANG))
    await asyncio.wait_for(reached.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    world.before.clear()
    never.set()
    async with running(Courier(database, api, languages, clock.now)) as second:
        await second.drain()
    assert await desk.states() == ["unknown", "sent"]


async def test_t19_messages_wait_for_the_server(
    database: Database, languages: Languages, clock: Clock, world: World
) -> None:
    async with serve(world) as address:
        port = int(address.rpartition(":")[2])
    async with AiohttpRequest(trust_env=False) as request:
        courier = Courier(database, Api(TOKEN, address, request), languages, clock.now)
        desk = Desk(database, clock, courier)
        async with running(courier):
            await desk.put(number(1), number(2))
            with pytest.raises(TimeoutError):
                await courier.drain(0.2)
            async with serve(world, port=port):
                clock.jump(clock.now() + timedelta(minutes=10))
                await courier.drain()
                assert texts(world) == ["第1号", "第2号"]
    assert [attempts for _, attempts, _ in await desk.rows()] == [2, 1]


async def test_t05_a_stop_finishes_what_is_in_hand(desk: Desk, world: World) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def hold(method: str, params: Params) -> None:
        reached.set()
        await go_on.wait()

    world.before.append(hold)
    await desk.put(number(1), number(2))
    await asyncio.wait_for(reached.wait(), 5)
    stopping = asyncio.create_task(desk.courier.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert await desk.states() == ["sent", "queued"]


async def test_t43_a_long_text_arrives_whole(desk: Desk, world: World) -> None:
    await desk.send(Message(LI, text=words("\n".join(["<b>&" * 20] * 200)), card="c1"))
    assert len(texts(world)) > 1
    assert "\n".join(texts(world)) == "\n".join(["<b>&" * 20] * 200)
    async with desk.database.reading() as tx:
        assert await cards.message_ids(tx, ["c1"]) == {"c1": len(texts(world))}
