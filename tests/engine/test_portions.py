"""Between two portions of a great deal of work others get their turn."""

from __future__ import annotations

import asyncio

from bot.engine.portions import portions


async def test_everything_comes_in_order_and_others_have_their_turn() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    found = [list(some) async for some in portions(range(25), 10)]
    task.cancel()
    assert found == [list(range(10)), list(range(10, 20)), list(range(20, 25))]
    assert turns == 2


async def test_nothing_is_no_portion() -> None:
    assert [some async for some in portions([])] == []
