"""The server fails as it is told to; its ledger holds what really happened."""

import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest

from bot.demo import faults
from bot.demo.clock import Clock
from bot.demo.errors import Refused, bad, forbidden, too_many_requests
from bot.demo.world import World
from tests.demo.conftest import LI, TOKEN, WANG, Api

# The texts of reliability.md, section 1.
TEXTS = [
    (too_many_requests(17), "429 Too Many Requests: retry after 17"),
    (forbidden("bot was blocked by the user"), "403 Forbidden: bot was blocked by the user"),
    (forbidden("user is deactivated"), "403 Forbidden: user is deactivated"),
    (bad("chat not found"), "400 Bad Request: chat not found"),
    (bad("message to delete not found"), "400 Bad Request: message to delete not found"),
    (
        bad("query is too old and response timeout expired or query ID is invalid"),
        "400 Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    (Refused(401, "Unauthorized"), "401 Unauthorized"),
    (Refused(404, "Not Found"), "404 Not Found"),
    (Refused(500, "Internal Server Error"), "500 Internal Server Error"),
    (Refused(504, "Gateway Timeout"), "504 Gateway Timeout"),
]


async def raw(api: Api, chat_id: int = LI, method: str = "sendMessage") -> tuple[int, str]:
    form = {"chat_id": chat_id, "text": "t"}
    async with api.session.post(f"{api.base}/bot{TOKEN}/{method}", json=form) as response:
        return response.status, await response.text()


def said(world: World) -> int:
    return len(world.chats[LI].posts)


@pytest.mark.parametrize(("refused", "words"), TEXTS)
async def test_errors_in_telegrams_words(api: Api, world: World, refused: Refused, words: str) -> None:
    world.faults.add(faults.says(refused))
    assert await api.error("sendMessage", chat_id=LI, text="t") == words
    assert world.ledger[-1].outcome == words
    assert said(world) == 0
    assert await api.ok("sendMessage", chat_id=LI, text="t")


async def test_pages_and_strangers_answer_in_its_place(api: Api, world: World) -> None:
    world.faults.add(
        faults.page(502), faults.page(504, effect=True), faults.empty(), faults.foreign(), faults.foreign('["x"]')
    )
    assert [(await raw(api))[0] for _ in range(5)] == [502, 504, 204, 200, 200]
    assert said(world) == 1
    assert [(one.outcome, one.answer) for one in world.ledger[:2]] == [
        ("a page with 502", "a page with 502"),
        ("ok", "a page with 504"),
    ]


async def test_half_an_answer(api: Api, world: World) -> None:
    world.faults.add(faults.cut_short())
    status, text = await raw(api)
    assert status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert said(world) == 1


@pytest.mark.parametrize("effect", [False, True])
async def test_the_connection_breaks_before_or_after(api: Api, world: World, effect: bool) -> None:
    world.faults.add(faults.reset(effect=effect))
    with pytest.raises(aiohttp.ClientError):
        await raw(api)
    assert said(world) == int(effect)
    assert world.ledger[-1].outcome == ("ok" if effect else "reset")


async def test_a_slow_answer(api: Api, world: World) -> None:
    world.faults.add(faults.slow(0.05))
    waiting = asyncio.create_task(raw(api))
    async with asyncio.timeout(5):
        while not said(world):
            await asyncio.sleep(0.001)
    assert not waiting.done()
    assert json.loads((await waiting)[1])["ok"]


async def test_a_script_for_one_chat_one_method_and_the_nth_call(api: Api, world: World) -> None:
    world.chats[WANG].opened = True
    world.faults.add(faults.page(500), faults.page(501), method="send*", chat_id=LI, after=1)
    assert [(await raw(api))[0] for _ in range(4)] == [200, 500, 501, 200]
    world.faults.add(faults.page(500), method="getUpdates")
    assert (await raw(api))[0] == (await raw(api, WANG))[0] == 200
    assert (await raw(api, method="getUpdates"))[0] == 500


async def test_an_outage_for_a_time(api: Api, world: World, clock: Clock) -> None:
    world.faults.last(faults.page(502), method="getUpdates", until=clock.now() + timedelta(minutes=30))
    for minutes, status in ((1, 502), (28, 502), (2, 200)):
        clock.forward(clock.now() + timedelta(minutes=minutes))
        assert (await raw(api, method="getUpdates"))[0] == status
    world.faults.last(faults.page(502))
    assert (await raw(api))[0] == 502
    world.faults.clear()
    assert (await raw(api))[0] == 200
