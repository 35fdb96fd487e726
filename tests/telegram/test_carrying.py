"""Answers handed to the courier as they are committed: each goes out once, in the order of its chat."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.demo import faults
from bot.demo.bot_api import refusal
from bot.demo.clock import Clock
from bot.demo.errors import Refused, too_many_requests
from bot.demo.params import Params
from bot.demo.world import World
from bot.engine.i18n import Languages
from bot.engine.message import Button, Message, Parcel, Priority, Verb, parcel
from bot.telegram import courier
from bot.telegram.courier import Courier, Stay
from bot.telegram.http import Api
from bot.telegram.pace import Pacer, Rates
from care.access import Action
from care.text import T
from storage import cards, outbox
from storage.cards import NewCard
from storage.database import Database, Tx, open_database
from storage.outbox import Due

from .conftest import LI, WANG
from .desk import Desk, number, running, texts, voice_of

ZH = "zh_Hans_CN"


async def committed(tx: Tx, desk: Desk, *messages: Message) -> list[Parcel]:
    """Puts them in as the gateway does."""
    await cards.add(tx, [NewCard(one.card, one.chat_id, "k", desk.clock.now()) for one in messages if one.card])
    rows = [desk.row(message) for message in messages]
    await outbox.put(tx, rows)
    found = [parcel(message, row) for message, row in zip(messages, rows, strict=True)]
    return [one for one in found if one]


async def hand(desk: Desk, *messages: Message) -> None:
    async with desk.database.transaction() as tx:
        parcels = await committed(tx, desk, *messages)
    desk.courier.carry(parcels, more=len(parcels) < len(messages))


async def rename(database: Database, name: str, to: str) -> None:
    """Without its table the outbox fails as it would on a damaged disk."""
    async with database.transaction() as tx:
        await tx.run(text(f"ALTER TABLE {name} RENAME TO {to}"))


async def spoil(tx: Tx) -> None:
    """Its commit will be refused."""
    await tx.run(text("PRAGMA defer_foreign_keys = ON"))
    nobodys = "INSERT INTO roles (id, person_id, role, starts_on) VALUES ('r', '-', 'x', '2026-01-01')"
    await tx.run(text(nobodys))


async def quiet(desk: Desk) -> None:
    await desk.courier.drain()


def calls(world: World) -> list[str]:
    return [entry.name for entry in world.ledger if entry.kind == "call"]


class Looks:
    """Counts how often the outbox was read for what is due, by what a review is shown."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, tx: Tx, due: Sequence[Due]) -> dict[int, None]:
        self.seen += [one.key for one in due]
        return {}


async def test_it_goes_out_without_being_read_again(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    looks = Looks()
    courier = Courier(database, api, languages, clock.now, review=looks)
    async with running(courier):
        desk = Desk(database, clock, courier)
        await quiet(desk)
        await hand(desk, number(1, language=ZH), number(2, WANG, language="en"))
        await quiet(desk)
        assert (texts(world), texts(world, WANG)) == (["第1号"], ["No. 2"])
        assert looks.seen == []
        assert await desk.rows() == [("sent", 1, ""), ("sent", 1, "")]


async def test_a_look_amid_errands_begets_no_other(desk: Desk, world: World) -> None:
    """Each chat that was being served during a look was looked at again, while the next was being served: for ever."""

    async def slow(*_: object) -> object:
        await asyncio.sleep(0.06)
        return None

    await quiet(desk)
    world.before.append(slow)
    async with desk.database.engine.connect() as connection:
        wrapped: Any = (await connection.get_raw_connection()).dbapi_connection
    heard: list[str] = []
    wrapped.raw.set_trace_callback(heard.append)
    for n in range(14):
        await hand(desk, number(n, (LI, WANG)[n % 2], language=ZH))
        if n == 1:
            desk.courier.wake()
        await asyncio.sleep(0.05)
    wrapped.raw.set_trace_callback(None)
    looks = [said for said in heard if "ORDER BY outbox.priority" in said]
    assert len(looks) <= 3  # one that was asked for, one a second
    assert len(heard) > 14
    await quiet(desk)


async def test_what_became_of_it_is_written_with_the_next_batch(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody else is being answered. One commit for both, and the chat is free for the answer in it: nothing is
    looked for in the outbox."""
    monkeypatch.setattr(courier, "_PATIENCE", 60.0)
    desk.courier._review = looks = Looks()
    commits, commit = list[object](), Database._commit

    async def counted(database: Database, turn: Any) -> None:
        commits.append(turn)
        await commit(database, turn)

    async def slow(_: str, params: Params) -> None:
        if params.number("chat_id") == WANG:
            await asyncio.sleep(0.5)

    await quiet(desk)
    monkeypatch.setattr(Database, "_commit", counted)
    world.before.append(slow)
    await hand(desk, number(0, WANG, language=ZH), number(0, language=ZH))
    for n in range(1, 5):
        await asyncio.sleep(0.05)
        await hand(desk, number(n, language=ZH))
    await asyncio.sleep(0.05)
    assert len(commits) == 5
    assert texts(world) == [f"第{n}号" for n in range(5)]
    assert await desk.states() == ["queued", "sent", "sent", "sent", "sent", "queued"]
    monkeypatch.setattr(courier, "_PATIENCE", 0.0)
    await hand(desk, number(5, language=ZH))
    await quiet(desk)
    assert looks.seen == []
    assert await desk.states() == ["sent"] * 7


async def test_found_by_a_look_in_between_it_still_goes_out_once(desk: Desk, world: World, sqlite_url: str) -> None:
    """A moment after the commit the writer still holds its turn: then others can read, but not write."""
    beside = open_database(sqlite_url, desk.database.vault)
    await quiet(desk)
    for n in range(5):
        async with desk.database._turnstile:
            async with beside.transaction() as tx:
                parcels = await committed(tx, desk, number(n, language=ZH), number(n, WANG, language=ZH))
            desk.courier.wake()
            await asyncio.sleep(0.03)
            assert len(texts(world)) == n + 1  # found, and sent, but not marked yet
        desk.courier.carry(parcels, more=False)
        await quiet(desk)
    await beside.close()
    assert texts(world) == texts(world, WANG) == [f"第{n}号" for n in range(5)]
    assert await desk.states() == ["sent"] * 10


async def test_many_at_once_keep_the_order_of_each_chat(desk: Desk, world: World) -> None:
    for n in range(40):
        await hand(desk, number(n, language=ZH), number(n, WANG, language=ZH))
        await asyncio.sleep(0.001 * (n % 3))
    await quiet(desk)
    assert texts(world) == texts(world, WANG) == [f"第{n}号" for n in range(40)]
    assert len([name for name in calls(world) if name == "sendMessage"]) == 80


async def test_what_waits_for_another_attempt_holds_it_up(desk: Desk, world: World, api: Api) -> None:
    left = [too_many_requests(1)]

    async def stormy(_: str, params: Params) -> object:
        return refusal(left.pop()) if left and params.number("chat_id") == LI else None

    world.before.append(stormy)
    await desk.send(number(1, language=ZH))
    assert await desk.states() == ["queued"]
    await hand(desk, number(2, language=ZH))
    await quiet(desk)
    assert texts(world) == []
    desk.clock.jump(desk.clock.now() + timedelta(seconds=2))
    await asyncio.sleep(1.1)
    await quiet(desk)
    assert texts(world) == ["第1号", "第2号"]


async def test_so_it_does_after_a_new_start(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    left = [too_many_requests(3600)]

    async def stormy(_: str, params: Params) -> object:
        return refusal(left.pop()) if left and params.number("chat_id") == LI else None

    world.before.append(stormy)
    for n in (1, 2):
        courier = Courier(database, api, languages, clock.now)
        async with running(courier):
            desk = Desk(database, clock, courier)
            desk.count = n
            await quiet(desk)
            await hand(desk, number(n, language=ZH))
            await quiet(desk)
    assert texts(world) == []
    assert await desk.states() == ["queued", "queued"]


async def test_a_card_is_edited_where_its_number_is_known_and_looked_up_where_not(desk: Desk, world: World) -> None:
    await quiet(desk)
    await hand(desk, number(1, language=ZH, card="c1"))
    await quiet(desk)
    await hand(desk, number(2, language=ZH, card="c1", verb=Verb.EDIT))
    await quiet(desk)
    assert texts(world) == ["第2号"]
    desk.courier._handover.forget_cards()
    await hand(desk, number(3, language=ZH, card="c1", verb=Verb.EDIT))
    await quiet(desk)
    assert texts(world) == ["第3号"]
    assert calls(world).count("editMessageText") == 2


async def test_only_plain_answers_are_handed(desk: Desk, world: World) -> None:
    """What may lose its right or its point, or is in a language to be looked up, is read when it goes."""
    await quiet(desk)
    later = desk.clock.now() + timedelta(hours=1)
    bound = (
        number(1),
        number(2, language=ZH, priority=Priority.NUDGE),
        number(3, language=ZH, needs=Action.SEE_CHILD),
        number(4, language=ZH, about="duty:1"),
        number(5, language=ZH, not_before=later),
        number(6, language=ZH, expires_at=later),
        number(7, language=ZH, key="once"),
        Message(LI, Verb.EDIT, buttons=((Button(T("Got it"), "b|x"),),), message_id=1),
        Message(LI, Verb.MENU, menu=(("help", T("Got it")),)),
    )
    assert [parcel(message, desk.row(message)) for message in bound] == [None] * len(bound)
    plain = (number(8, language=ZH), Message(LI, Verb.STRIP, card="c"), Message(LI, Verb.DELETE, message_id=1))
    assert None not in [parcel(message, desk.row(message)) for message in plain]


async def test_after_a_failed_start_nothing_goes_before_what_waited(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    courier = Courier(database, api, languages, clock.now)
    desk = Desk(database, clock, courier)
    await desk.put(number(1), wake=False)
    await rename(database, "outbox", "gone")
    async with running(courier):
        await asyncio.sleep(0.1)
        await rename(database, "gone", "outbox")
        await hand(desk, number(2, language=ZH))
        await quiet(desk)
    assert texts(world) == ["第1号", "第2号"]
    assert await desk.states() == ["sent", "sent"]


async def test_after_a_failed_mark_the_next_one_waits_and_nothing_is_said_twice(desk: Desk, world: World) -> None:
    async def away(_: str, params: Params) -> object:
        if params.number("chat_id") == LI and not texts(world):
            await rename(desk.database, "outbox", "gone")
        return None

    await quiet(desk)
    world.before.append(away)
    await hand(desk, number(1, language=ZH))
    await asyncio.sleep(0.2)
    assert texts(world) == ["第1号"]
    await rename(desk.database, "gone", "outbox")
    await hand(desk, number(2, language=ZH))
    await quiet(desk)
    assert texts(world) == ["第1号", "第2号"]
    assert await desk.states() == ["sent", "sent"]


async def test_what_a_failed_round_had_taken_goes_before_what_is_handed_meanwhile(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    """The look at the second message stands in the transaction that marks the first, and its commit is refused."""
    spoils, answered = [True], asyncio.Event()

    async def spoiling(tx: Tx, due: Sequence[Due]) -> dict[int, Stay]:
        if spoils and any(one.chat_id == WANG for one in due):
            spoils.clear()
            await spoil(tx)
        return {}

    async def slow(_: str, params: Params) -> object:
        if params.number("chat_id") == LI:
            await answered.wait()
        return None

    world.before.append(slow)
    courier = Courier(database, api, languages, clock.now, review=spoiling, at_once=1)
    async with running(courier):
        desk = Desk(database, clock, courier)
        await quiet(desk)
        await hand(desk, number(1, language=ZH))
        await desk.put(number(2, WANG, language=ZH))
        await asyncio.sleep(0.05)
        answered.set()
        await asyncio.sleep(0.1)
        assert not spoils
        await hand(desk, number(3, WANG, language=ZH))
        await quiet(desk)
    assert (texts(world), texts(world, WANG)) == (["第1号"], ["第2号", "第3号"])
    assert await desk.states() == ["sent"] * 3


async def test_what_is_held_where_a_chat_has_moved_to_holds_up_what_is_carried_there(desk: Desk, world: World) -> None:
    await quiet(desk)
    moved = Refused(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": WANG})
    world.faults.add(faults.says(moved), chat_id=LI)
    world.faults.add(faults.says(too_many_requests(2)), chat_id=WANG)
    await hand(desk, number(1, language=ZH))
    await quiet(desk)
    await hand(desk, number(2, WANG, language=ZH))
    await quiet(desk)
    assert texts(world, WANG) == []
    desk.clock.jump(desk.clock.now() + timedelta(seconds=3))
    await asyncio.sleep(1.1)
    await quiet(desk)
    assert texts(world, WANG) == ["第1号", "第2号"]


async def test_files_whose_claim_failed_in_appearance_only_are_sent(
    desk: Desk, world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks just after the commit, as a network can."""
    commit, breaks = Database._commit, [True]

    async def breaking(database: Database, turn: Any) -> None:
        await commit(database, turn)
        if breaks and await desk.states() == ["sending"]:
            breaks.clear()
            raise ConnectionError

    voice = await voice_of(api, world)
    monkeypatch.setattr(Database, "_commit", breaking)
    await desk.send(Message(LI, media=voice))
    assert not breaks
    assert await desk.states() == ["sent"]


async def test_a_commit_that_failed_in_appearance_only_is_found_in_the_outbox(desk: Desk, world: World) -> None:
    await quiet(desk)
    async with desk.database.transaction() as tx:
        await committed(tx, desk, number(1, language=ZH))
    desk.courier.carry([], more=True)
    await quiet(desk)
    await hand(desk, number(2, language=ZH))
    await quiet(desk)
    assert texts(world) == ["第1号", "第2号"]
    assert await desk.states() == ["sent", "sent"]


async def test_a_look_that_takes_longer_than_answers_come_is_not_in_vain(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    """On a busy machine a look at what waits can take so long that meanwhile the same people are answered again."""

    async def slow(tx: Tx, due: Sequence[Due]) -> dict[int, Stay]:
        await asyncio.sleep(0.2)
        return {}

    courier = Courier(database, api, languages, clock.now, review=slow)
    async with running(courier):
        desk = Desk(database, clock, courier)
        for n in range(40):
            await hand(desk, number(n, language=ZH), number(n, WANG, language=ZH))
            await asyncio.sleep(0.02)
        assert texts(world)
        await quiet(desk)
    assert texts(world) == texts(world, WANG) == [f"第{n}号" for n in range(40)]


@pytest.mark.parametrize("pacer", [Pacer(), Pacer(Rates(scale=100))], ids=["no limits", "limits"])
async def test_what_falls_due_in_a_steady_stream_does_not_wait_for_its_end(
    pacer: Pacer, database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    courier = Courier(database, api, languages, clock.now, pace=pacer)
    async with running(courier):
        desk = Desk(database, clock, courier)
        await quiet(desk)
        soon = clock.now() + timedelta(seconds=0.5)
        await desk.put(number(0, WANG, language="en", not_before=soon, priority=Priority.URGENT), wake=False)
        for n in range(30):
            await hand(desk, number(n, language=ZH))
            await asyncio.sleep(0.08)
        assert texts(world, WANG) == ["No. 0"]
        await quiet(desk)
        assert texts(world) == [f"第{n}号" for n in range(30)]
