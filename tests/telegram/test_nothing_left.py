"""Handed, put in and served at random: without the look once a second everything goes out, once and in order."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from bot.demo.clock import Clock
from bot.demo.world import World
from bot.engine.i18n import Languages
from bot.engine.message import Message, Priority
from bot.telegram import courier as module
from bot.telegram.courier import Courier
from bot.telegram.http import Api
from bot.telegram.pace import Pacer, Rates
from storage.database import Database

from .conftest import LI, WANG, ZHAO
from .desk import Desk, number, running, texts
from .test_carrying import hand

CHATS = (LI, WANG, ZHAO)
URGENCIES = (*[Priority.ANSWER] * 18, Priority.URGENT, Priority.BROADCAST)


def some(rnd: Random, first: int) -> list[Message]:
    """Plain answers, and some that are not: those without a language or of another priority are not handed."""
    how_many = rnd.choice([1, 1, 1, 2, 4, 15])
    return [
        number(n, rnd.choice(CHATS), language=rnd.choice(["en"] * 9 + [""]), priority=rnd.choice(URGENCIES))
        for n in range(first, first + how_many)
    ]


@pytest.mark.parametrize(("at_once", "pace"), [(192, None), (2, None), (192, Pacer(Rates(scale=40)))])
async def test_nothing_is_left_lying(
    database: Database,
    api: Api,
    languages: Languages,
    clock: Clock,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
    pace: Pacer | None,
) -> None:
    monkeypatch.setattr(module, "_LOOK_AGAIN", 1000.0)
    rnd, asked = Random(at_once), list[Message]()

    async def slow(*_: object) -> object:
        await asyncio.sleep(rnd.choice([0, 0.001, 0.01, 0.03]))
        return None

    world.before.append(slow)
    courier = Courier(database, api, languages, clock.now, pace=pace, at_once=at_once)
    async with running(courier):
        desk = Desk(database, clock, courier)
        await courier.drain()
        for _ in range(60):
            new = some(rnd, len(asked))
            asked += new
            await (hand if rnd.random() < 0.6 else Desk.put)(desk, *new)
            await asyncio.sleep(rnd.choice([0, 0, 0.002, 0.01, 0.02]))
        async with asyncio.timeout(10):
            while set(await desk.states()) != {"sent"}:
                await asyncio.sleep(0.02)
    for chat_id in CHATS:
        ours = [str(place) for place, one in enumerate(asked) if one.chat_id == chat_id]
        assert ["".join(filter(str.isdigit, said)) for said in texts(world, chat_id)] == ours
