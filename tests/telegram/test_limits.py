"""The pacer and the courier at Telegram's limits, which the demo's server enforces; time is scaled, on both sides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo import faults
from bot.demo.clock import Clock
from bot.demo.errors import too_many_requests
from bot.demo.places import Phone
from bot.demo.rates import Throttle
from bot.demo.world import World
from bot.engine.i18n import Languages
from bot.engine.message import Message, Priority
from bot.telegram.courier import Courier
from bot.telegram.http import Api
from bot.telegram.pace import Pacer, Rates
from bot.telegram.second import Second
from care.text import T
from storage.database import Database

from .conftest import LI, WANG, ZHAO
from .desk import Desk, number, running, texts

SCALE = 10


def courier_at(database: Database, api: Api, languages: Languages, clock: Clock, pace: Pacer) -> Desk:
    return Desk(database, clock, Courier(database, api, languages, clock.now, pace=pace))


@pytest.fixture
def desk(database: Database, api: Api, languages: Languages, clock: Clock, world: World) -> Desk:
    world.throttle = Throttle(SCALE)
    return courier_at(database, api, languages, clock, Pacer(Rates(scale=SCALE)))


def people(world: World, count: int) -> list[int]:
    chats = list(range(2001, 2001 + count))
    for chat_id in chats:
        world.add_phone(Phone(chat_id, f"{chat_id}"))
        world.chats[chat_id].opened = True
    return chats


def delivered(world: World) -> list[int]:
    return [entry.chat_id or 0 for entry in world.ledger if entry.name == "sendMessage" and entry.outcome == "ok"]


async def all_sent(desk: Desk, world: World, count: int) -> None:
    async with asyncio.timeout(20):
        while len(delivered(world)) < count:
            await asyncio.sleep(0.01)
    await desk.courier.drain()


async def test_t32_a_broadcast_reaches_everybody_by_name_and_delays_no_answer(desk: Desk, world: World) -> None:
    everybody = people(world, 500)
    await desk.put(*(number(1, chat, priority=Priority.BROADCAST) for chat in everybody), wake=False)
    behind: list[int] = []
    async with running(desk.courier):
        for turn in range(6):
            await asyncio.sleep(0.1)
            before = len(delivered(world))
            await desk.put(number(turn, LI))
            async with asyncio.timeout(5):
                while delivered(world).count(LI) <= turn:
                    await asyncio.sleep(0.001)
            behind.append(delivered(world).index(LI, before) - before)
        await all_sent(desk, world, 506)
    assert Counter(delivered(world)) == Counter(everybody) | Counter({LI: 6})
    assert world.throttle
    assert world.throttle.refused == 0
    assert sorted(behind)[2] <= 30  # of 500: a tenth of a second's worth
    assert await desk.states() == ["sent"] * 506


async def test_answers_go_before_urgent_before_nudges_before_broadcasts(desk: Desk, world: World) -> None:
    chats = people(world, 40)
    ranks = {chat: Priority(3 - place // 10) for place, chat in enumerate(chats)}
    await desk.put(*(number(1, chat, priority=rank) for chat, rank in ranks.items()), wake=False)
    async with running(desk.courier):
        await all_sent(desk, world, 40)
    places = [(place, ranks[chat]) for place, chat in enumerate(delivered(world))]
    # Those that are made up for go together, and may arrive in any order.
    assert all(10 * rank - 8 <= place < 10 * rank + 18 for place, rank in places)


async def test_in_a_chat_five_go_at_once_and_then_one_a_second_in_order(desk: Desk, world: World) -> None:
    await desk.put(*(number(n, LI) for n in range(12)), *(number(n, WANG) for n in range(3)))
    async with running(desk.courier):
        await all_sent(desk, world, 15)
    assert texts(world) == [f"第{n}号" for n in range(12)]
    assert world.throttle
    assert world.throttle.refused == 0
    assert delivered(world)[:8].count(WANG) == 3  # who was quicker holds up nobody
    assert set(await desk.states()) == {"sent"}


async def test_in_a_group_20_a_minute(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    world.throttle = Throttle(100)
    group = world.group("g", "supergroup")
    world.chats[group].bot_status = "member"
    desk = courier_at(database, api, languages, clock, Pacer(Rates(scale=100)))
    await desk.put(*(number(n, group) for n in range(25)))
    async with running(desk.courier):
        await all_sent(desk, world, 25)
    assert world.throttle.refused == 0
    assert texts(world, group) == [f"第{n}号" for n in range(25)]


async def test_the_pacer_is_even_and_lets_the_urgent_go_first() -> None:
    loop = asyncio.get_running_loop()
    pacer, went = Pacer(Rates(scale=10)), list[tuple[float, int]]()

    async def go(chat_id: int, urgency: int) -> None:
        if not await pacer.turn(chat_id, urgency):
            went.append((loop.time(), urgency))
            pacer.answered(chat_id)

    tasks = [asyncio.create_task(go(n, 3)) for n in range(40)]
    await asyncio.sleep(0.02)
    tasks += [asyncio.create_task(go(100 + n, 0)) for n in range(5)]
    await asyncio.gather(*tasks)
    assert len(went) == 45
    moments = [moment for moment, _ in went]
    assert all(later - early > 0.095 for early, later in zip(moments, moments[30:], strict=False))
    urgent = [place for place, (_, urgency) in enumerate(went) if urgency == 0]
    assert urgent[-1] - urgent[0] == 4


@given(st.integers(0, 300), st.lists(st.integers(0, 400), min_size=50, max_size=50))
def test_however_unevenly_calls_arrive_no_second_of_the_server_holds_too_many(way: int, delays: Sequence[int]) -> None:
    """In milliseconds: each call takes the way and its own delay, half of it there. All that may go goes at once."""
    second, now, arrived = Second(30, 1.0), 0.0, list[float]()
    answers: list[tuple[float, int]] = []
    for chat_id, delay in enumerate([*[0] * 8, *delays]):  # first it is seen how long the way is
        while True:
            for at, who in [one for one in answers if one[0] <= now]:
                second.leave(who, at)
                answers.remove((at, who))
            if not (wait := second.full(now)):
                break
            now += wait
        second.enter(chat_id, now)
        arrived.append(now + (way / 2 + delay) / 1000)
        answers.append((now + (way + delay) / 1000, chat_id))
        answers.sort()
        if chat_id < 8:
            now += 0.5
    arrived = sorted(arrived[8:])
    assert all(later - early > 0.999 for early, later in zip(arrived, arrived[30:], strict=False))


def test_a_long_way_costs_nothing_and_who_is_not_answered_does_not_stop_the_others() -> None:
    second, now = Second(30, 1.0), 0.0
    for chat_id in range(300):
        while wait := second.full(now):
            now += wait
        second.enter(chat_id, now)
        second.leave(chat_id - 10, now)  # a third of a second later
        now += 1 / 30
    assert now < 300 / 30 * 1.03
    for chat_id in range(30):
        second.enter(1000 + chat_id, now)
    assert second.full(now)
    assert not second.full(now + 3)


async def test_the_pacer_tells_how_long_a_chat_must_wait_and_holds_up_nobody_by_it() -> None:
    pacer = Pacer(Rates())
    assert [await pacer.turn(LI, 0) for _ in range(5)] == [0.0] * 5
    assert 0.5 < await pacer.turn(LI, 0) <= 1.0
    assert await pacer.turn(LI, 0, counts=False) == 0.0
    assert await pacer.turn(WANG, 0) == 0.0
    assert 2.0 < [await pacer.turn(-7, 0) for _ in range(6)][-1] <= 4.0


async def test_an_answer_does_not_wait_for_the_flow_but_for_room_in_the_second() -> None:
    loop = asyncio.get_running_loop()
    pacer = Pacer(Rates(overall=2.0, permitted=6.0))
    begun = loop.time()
    broadcast = [asyncio.create_task(pacer.turn(n, 3)) for n in range(3)]
    await asyncio.sleep(0)
    answers = [asyncio.create_task(pacer.turn(100 + n, 0)) for n in range(5)]
    await asyncio.gather(*answers)
    assert loop.time() - begun < 0.2
    sixth = asyncio.create_task(pacer.turn(200, 0))
    for n in range(5):
        pacer.answered(100 + n)
    pacer.answered(0)
    assert await sixth == 0.0
    assert loop.time() - begun > 0.9
    pacer.release()
    assert await asyncio.gather(*broadcast) == [0.0, *[pytest.approx(0.002)] * 2]


async def test_who_waits_is_let_go_at_the_end() -> None:
    pacer = Pacer(Rates(scale=0.01, permitted=1))
    assert await pacer.turn(1, 0) == 0.0
    waiting = asyncio.create_task(pacer.turn(2, 0))
    await asyncio.sleep(0)
    pacer.release()
    assert await waiting > 0


async def test_t12_what_several_chats_hear_is_meant_for_the_bot() -> None:
    pacer = Pacer()
    pacer.told_to_wait(LI, 60)
    pacer.told_to_wait(LI, 60)
    pacer.told_to_wait(LI, 60)
    assert pacer.shut() == 0
    assert await pacer.turn(WANG, 0) == 0.0
    pacer.told_to_wait(WANG, 30)
    pacer.told_to_wait(ZHAO, 3600)
    assert 3590 < pacer.shut() <= 3600
    assert await pacer.turn(999, 0) > 3590
    other = Pacer()
    other.told_to_wait(0, 5)
    assert 0 < other.shut() <= 5


async def test_t12_after_a_429_it_goes_slower_for_a_while() -> None:
    loop = asyncio.get_running_loop()
    calm, told = Pacer(Rates(scale=5)), Pacer(Rates(scale=5))
    told.told_to_wait(0, 0)
    took = []
    for pacer in (calm, told):
        begun = loop.time()
        for n in range(12):
            assert await pacer.turn(n, 3) == 0.0
        took.append(loop.time() - begun)
    assert took[1] > took[0] * 1.3


@pytest.mark.parametrize(("seconds", "many"), [(1, 12), (5, 60), (60, 60), (3600, 60)])
async def test_t12_a_429_amid_a_broadcast_drops_and_reorders_nothing(
    desk: Desk, world: World, clock: Clock, seconds: int, many: int
) -> None:
    """The others are told within these seconds, on a busy machine too: so they are few where it is one."""
    everybody = people(world, many)
    unlucky = everybody[many // 3]
    world.faults.add(*[faults.says(too_many_requests(seconds))] * 2, method="sendMessage", chat_id=unlucky)
    both = [number(n, chat, priority=Priority.BROADCAST) for n in (1, 2) for chat in everybody]
    await desk.put(*both, wake=False)
    async with running(desk.courier):
        await all_sent(desk, world, 2 * many - 2)
        assert unlucky not in delivered(world)
        for _ in range(2):
            await desk.send(Message(unlucky, text=T("Got it")))
            clock.jump(clock.now() + timedelta(seconds=seconds + 1))
            await desk.courier.drain()
        await all_sent(desk, world, 2 * many + 2)
    assert texts(world, unlucky) == ["第1号", "第2号", "知道了", "知道了"]
    assert set(await desk.states()) == {"sent"}


async def test_t12_told_to_be_quiet_by_all_it_is_quiet_to_all_and_then_goes_on(desk: Desk, world: World) -> None:
    everybody = people(world, 30)
    for chat in everybody[:3]:
        world.faults.add(faults.says(too_many_requests(1)), chat_id=chat)
    await desk.put(*(number(1, chat) for chat in everybody))
    async with running(desk.courier):
        await all_sent(desk, world, 30)
    assert Counter(delivered(world)) == Counter(everybody)
    refused = [place for place, entry in enumerate(world.ledger) if entry.outcome.startswith("429")]
    assert len(refused) == 3
    assert refused[-1] - refused[0] < 10


async def test_t05_a_stop_does_not_wait_for_permits(
    database: Database, api: Api, languages: Languages, clock: Clock, world: World
) -> None:
    desk = courier_at(database, api, languages, clock, Pacer(Rates(scale=0.01, permitted=1)))
    await desk.put(*(number(1, chat) for chat in people(world, 5)))
    async with running(desk.courier), asyncio.timeout(5):
        while not delivered(world):
            await asyncio.sleep(0.005)
        await desk.courier.stop()
    assert sorted(await desk.states()) == ["queued"] * 4 + ["sent"]
