"""What the server may answer to a send, and what becomes of the message: the table of errors, row by row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select, text

from bot.demo import faults
from bot.demo.bot_api import refusal
from bot.demo.errors import Refused, bad, forbidden, too_many_requests
from bot.demo.faults import Fault
from bot.demo.params import Params
from bot.demo.places import Phone
from bot.demo.world import World
from bot.engine.i18n import Languages
from bot.engine.message import Button, Message, Verb
from bot.telegram.courier import Courier
from bot.telegram.http import Api
from care.text import T
from storage import cards
from storage.cards import NewCard
from storage.tables import conversations, people
from storage.tables import outbox as table

from .conftest import LI, WANG
from .desk import Desk, number, running, texts, voice_of

BUTTON = ((Button(T("Got it"), data="k"),),)
LOST = [faults.reset(effect=True), faults.cut_short(), faults.page(504, effect=True), faults.slow(0.05)]


async def later(desk: Desk, seconds: float = 10) -> None:
    desk.clock.jump(desk.clock.now() + timedelta(seconds=seconds))
    await desk.courier.drain()


def calls(world: World, name: str) -> int:
    """How often it had its effect."""
    return len([entry for entry in world.ledger if entry.name == name and entry.outcome == "ok"])


@pytest.mark.parametrize("fault", LOST[:3], ids=lambda fault: fault.name)
async def test_t11_an_answer_that_was_lost_is_sent_again_and_reads_the_same(
    desk: Desk, world: World, fault: Fault
) -> None:
    world.faults.add(fault)
    await desk.send(number(1), number(2))
    await later(desk)
    assert texts(world) == ["第1号", "第1号", "第2号"]


@pytest.mark.parametrize("fault", LOST[:3], ids=lambda fault: fault.name)
async def test_t11_an_edit_is_repeated_and_seen_once(desk: Desk, world: World, fault: Fault) -> None:
    await desk.send(number(1, card="c1", buttons=BUTTON))
    world.faults.add(fault, method="edit*")
    await desk.send(number(2, verb=Verb.EDIT, card="c1", buttons=BUTTON))
    await later(desk)
    assert texts(world) == ["第2号"]
    assert await desk.states() == ["sent", "sent"]


async def test_t11_a_strip_a_deletion_and_a_menu_are_repeated_and_done(desk: Desk, world: World) -> None:
    await desk.send(number(1, card="c1", buttons=BUTTON))
    theirs = world.say(LI, "secret")
    for method in ("editMessageReplyMarkup", "deleteMessage", "setMyCommands"):
        world.faults.add(faults.reset(effect=True), method=method)
    await desk.send(
        Message(LI, Verb.STRIP, card="c1"),
        Message(LI, Verb.DELETE, message_id=theirs),
        Message(LI, Verb.MENU, menu=(("visit", T("Got it")),)),
    )
    for _ in range(3):
        await later(desk)
    assert await desk.states() == ["sent"] * 4
    assert world.chats[LI].post(theirs) is None


async def test_t11_a_file_is_not_sent_twice_and_named_by_the_check(desk: Desk, world: World, api: Api) -> None:
    voice = await voice_of(api, world)
    world.faults.add(faults.reset(effect=True), method="sendVoice")
    await desk.send(Message(WANG, media=voice), number(2, WANG))
    await later(desk, 400)
    assert calls(world, "sendVoice") == 1
    assert await desk.states() == ["unknown", "sent"]


@pytest.mark.parametrize(
    "fault",
    [
        faults.says(Refused(500, "Internal Server Error")),
        faults.says(Refused(502, "Bad Gateway")),
        faults.page(502),
        faults.page(504),
        faults.page(200),
        faults.empty(204),
        faults.cut_short(effect=False),
        faults.reset(),
        faults.foreign(),
        faults.foreign('["ok"]'),
        faults.foreign('{"status":"ok"}'),
        faults.foreign('{"ok":true}'),
        faults.foreign("null"),
        faults.says(Refused(404, "Not Found")),
    ],
    ids=lambda fault: fault.name,
)
async def test_t13_bad_answers_are_waited_out_in_order(desk: Desk, world: World, fault: Fault) -> None:
    world.faults.add(fault, fault, chat_id=LI)
    await desk.send(number(1), number(2), number(1, WANG))
    assert texts(world, WANG) == ["第1号"]
    for _ in range(2):
        assert texts(world) == []
        await later(desk)
    assert texts(world) == ["第1号", "第2号"]
    assert [state for state, _, _ in await desk.rows()] == ["sent"] * 3


@pytest.mark.parametrize("fault", [faults.page(502), faults.reset(), faults.foreign()], ids=lambda fault: fault.name)
async def test_t13_in_a_storm_no_message_is_to_blame(desk: Desk, world: World, fault: Fault) -> None:
    chats = [3000 + n for n in range(8)]
    for chat in chats:
        world.add_phone(Phone(chat, "x"))
        world.chats[chat].opened = True
    world.faults.last(fault)
    await desk.put(*(number(n, chat) for n in range(3) for chat in chats), wake=False)
    for _ in range(60):
        desk.courier.wake()
        desk.clock.jump(desk.clock.now() + timedelta(minutes=25))
        try:
            await desk.courier.drain(0.02)
        except TimeoutError:
            continue
    assert {state for state, _, _ in await desk.rows()} == {"queued"}
    tried = len([entry for entry in world.ledger if entry.name == "sendMessage"])
    assert tried < 8 + 2 * 60  # one at a time: each may double
    world.faults.clear()
    for _ in range(3):
        await later(desk, 400)
    assert [texts(world, chat) for chat in chats] == [["第0号", "第1号", "第2号"]] * 8


async def test_t13_one_message_that_always_fails_is_given_up_and_the_others_go_on(desk: Desk, world: World) -> None:
    world.faults.last(faults.page(500), chat_id=LI)
    await desk.send(number(1))
    for n in range(14):
        await desk.send(number(n, WANG))
        await later(desk, 301)
    assert (await desk.rows())[0][0] == "failed"
    world.faults.clear()
    await desk.send(number(2))
    assert texts(world) == ["第2号"]
    assert len(texts(world, WANG)) == 14


async def since(desk: Desk) -> object:
    async with desk.database.reading() as tx:
        (row,) = await tx.rows(select(people.c.unreachable_since).where(people.c.id == "p1"))
    return row.unreachable_since


async def add_person(desk: Desk) -> None:
    async with desk.database.transaction() as tx:
        row = {"id": "p1", "name": b"", "chat_id": LI, "created_at": desk.clock.now()}
        await tx.run(people.insert(), row)


@pytest.mark.parametrize(
    "refused",
    [
        forbidden("bot was blocked by the user"),
        forbidden("user is deactivated"),
        forbidden("bot can't initiate conversation with a user"),
        bad("chat not found"),
        bad("user not found"),
        bad("PEER_ID_INVALID"),
    ],
    ids=lambda refused: refused.description,
)
async def test_t14_t15_nobody_is_there(desk: Desk, world: World, refused: Refused) -> None:
    await add_person(desk)
    world.faults.add(faults.says(refused))
    await desk.send(*(number(n, person_id="p1") for n in range(14)))
    rows = await desk.rows()
    assert [state for state, _, _ in rows] == ["failed"] + ["cancelled"] * 13
    assert {why for _, _, why in rows[1:]} == {"unreachable"}
    assert await since(desk) is not None
    assert len([entry for entry in world.ledger if entry.chat_id == LI]) == 1
    await desk.send(number(1, WANG))
    assert texts(world, WANG) == ["第1号"]


async def test_t14_who_has_written_meanwhile_is_there(desk: Desk, world: World) -> None:
    """Their answer was queued while the call that found nobody was under way."""
    await add_person(desk)

    async def meanwhile(_: str, params: Params) -> web.StreamResponse | None:
        if params.text("text") != "第2号":
            return None
        desk.clock.jump(desk.clock.now() + timedelta(seconds=1))
        await desk.put(number(3, person_id="p1"), wake=False)
        return refusal(forbidden("bot was blocked by the user"))

    world.before.append(meanwhile)
    await desk.put(number(1, person_id="p1"), number(2, person_id="p1"))
    await desk.courier.drain()
    assert await desk.states() == ["sent", "failed", "sent"]
    assert await since(desk) is None


@pytest.mark.parametrize(
    ("verb", "refused", "state"),
    [
        (Verb.EDIT, bad("message is not modified: specified new message content and …"), "sent"),
        (Verb.DELETE, bad("message to delete not found"), "sent"),
        (Verb.DELETE, bad("message can't be deleted for everyone"), "sent"),
        (Verb.STRIP, bad("message to edit not found"), "sent"),
        (Verb.STRIP, bad("message can't be edited"), "sent"),
        (Verb.SEND, bad("query is too old and response timeout expired or query ID is invalid"), "sent"),
        (Verb.SEND, bad("message is too long"), "failed"),
        (Verb.SEND, bad("MESSAGE_TOO_LONG"), "failed"),
        (Verb.SEND, bad("message text is empty"), "failed"),
        (Verb.SEND, bad("BUTTON_DATA_INVALID"), "failed"),
        (Verb.SEND, bad('can\'t parse entities: Unsupported start tag "小禾" at byte offset 3'), "failed"),
        (Verb.SEND, bad("something new"), "failed"),
    ],
)
async def test_t15_each_400_has_its_meaning_and_is_not_tried_again(
    desk: Desk, world: World, caplog: pytest.LogCaptureFixture, verb: Verb, refused: Refused, state: str
) -> None:
    await desk.send(number(1, card="c1", buttons=BUTTON))
    world.faults.add(faults.says(refused))
    what = Message(LI, verb, text=T("Got it"), card="c1" if verb is not Verb.SEND else "", message_id=1)
    await desk.send(what, number(2))
    assert await desk.states() == ["sent", state, "sent"]
    assert texts(world)[-1] == "第2号"
    assert ("dead letter" in caplog.text) == (state == "failed")
    assert "小禾" not in caplog.text + "".join(why for _, _, why in await desk.rows())


@pytest.mark.parametrize("lost", ["message to edit not found", "there is no text in the message to edit"])
async def test_t15_a_card_that_is_gone_is_sent_anew(desk: Desk, world: World, lost: str) -> None:
    await desk.send(number(1, card="c1"))
    world.faults.add(faults.says(bad(lost)), method="editMessageText")
    await desk.send(number(2, verb=Verb.EDIT, card="c1"))
    assert texts(world) == ["第1号", "第2号"]


async def test_t16_a_group_that_moved_is_followed_once_and_for_all(desk: Desk, world: World) -> None:
    group = world.group("g")
    world.chats[group].bot_status = "member"
    await desk.send(number(1, group, card="c1"))
    new = world.upgrade(group)
    await desk.put(number(5, group, not_before=desk.clock.now() + timedelta(hours=1)), wake=False)
    await desk.send(number(2, group), number(3, group, verb=Verb.EDIT, card="c1"))
    assert texts(world, new) == ["第2号", "第3号"]
    assert [entry.chat_id for entry in world.ledger if entry.name == "sendMessage"] == [group, group, new, new]
    await later(desk, 3601)
    assert texts(world, new)[-1] == "第5号"
    async with desk.database.reading() as tx:
        assert {row.chat_id for row in await tx.rows(select(table.c.chat_id))} == {new}
        assert await cards.of_message(tx, new, world.chats[new].last_message_id - 1) == "c1"


async def test_t16_conversations_and_people_move_too_and_twice_is_enough(desk: Desk, world: World) -> None:
    await add_person(desk)
    async with desk.database.transaction() as tx:
        now = desk.clock.now()
        row = {"id": "k", "person_id": "p1", "chat_id": LI, "flow": "f", "version": 1, "state": "open", "body": b""}
        await tx.run(conversations.insert(), row | {"started_at": now, "touched_at": now})
        await cards.add(tx, [NewCard("c9", LI, "k", now)])
    moved = Refused(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": WANG})
    world.faults.add(faults.says(moved), chat_id=LI)
    world.faults.add(faults.says(moved), chat_id=WANG)
    await desk.send(number(1), number(2))
    assert await desk.states() == ["failed", "sent"]
    async with desk.database.reading() as tx:
        for name in ("people", "conversations", "cards"):
            assert [found.chat_id for found in await tx.rows(text(f"SELECT chat_id FROM {name}"))] == [WANG]


async def test_order_holds_through_all_of_it(desk: Desk, world: World) -> None:
    world.faults.add(
        faults.says(too_many_requests(3)),
        faults.reset(),
        faults.page(502),
        faults.foreign(),
        faults.says(too_many_requests(1)),
        faults.cut_short(effect=False),
        chat_id=LI,
    )
    for n in range(6):
        await desk.send(number(n))
    for _ in range(8):
        await later(desk, 40)
    assert texts(world) == [f"第{n}号" for n in range(6)]


async def test_what_waits_for_the_server_holds_its_place_over_a_restart(
    desk: Desk, world: World, api: Api, languages: Languages
) -> None:
    """An attempt that was nobody's fault is one all the same."""
    world.faults.add(faults.says(too_many_requests(60)))
    await desk.send(number(1))
    await desk.courier.stop()
    async with running(Courier(desk.database, api, languages, desk.clock.now)) as second:
        desk.courier = second
        await desk.send(number(2))
        assert texts(world) == []
        await later(desk, 61)
    assert texts(world) == ["第1号", "第2号"]
