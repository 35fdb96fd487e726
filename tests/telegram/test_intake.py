"""Polling: nothing is acknowledged before it was committed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.demo.bot_api import refusal
from bot.demo.clock import Clock
from bot.demo.errors import Refused, bad, conflict
from bot.demo.params import Params
from bot.demo.server import serve
from bot.demo.world import World
from bot.engine.turn import Heard
from bot.telegram import intake as module
from bot.telegram.http import AiohttpRequest, Api
from bot.telegram.intake import Intake, TokenRefused, parsing
from bot.telegram.parse import Raw

from .conftest import LI, TOKEN, WANG


class Gateway:
    """Commits to a list. `broken` says how often it fails first."""

    def __init__(self, clock: Clock) -> None:
        self.words: list[str] = []
        self.kept: list[int] = []
        self.batches: list[int] = []
        self.broken = 0
        self.handle = parsing(self.take, self.keep, clock.now)

    async def take(self, batch: Sequence[Heard]) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("disk full while a child said something")
        self.batches.append(len(batch))
        self.words += [one.turn.words or one.turn.tap or one.turn.kind for one in batch]

    async def keep(self, update_id: int, raw: Raw) -> None:
        self.kept.append(update_id)


@pytest.fixture
def gateway(clock: Clock) -> Gateway:
    return Gateway(clock)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits after failures are short."""
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.05)


@asynccontextmanager
async def polling(intake: Intake) -> AsyncIterator[Intake]:
    task = asyncio.create_task(intake.run())
    try:
        yield intake
    finally:
        intake.stop()
        await asyncio.wait_for(task, 5)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_what_waits_arrives_in_order_and_is_acknowledged(api: Api, world: World, gateway: Gateway) -> None:
    for number in range(250):
        world.say(LI, f"{number}")
    async with polling(Intake(api, gateway.handle, long_poll=2)) as intake:
        await until(lambda: len(world.updates) == 0)
        assert intake.caught_up.is_set()
        world.say(WANG, "later")
        await until(lambda: "later" in gateway.words)
    assert gateway.words == [*map(str, range(250)), "later"]
    assert max(gateway.batches) == 100
    asked = next(entry.params["allowed_updates"] for entry in world.ledger if entry.name == "getUpdates")
    assert asked == '["message", "edited_message", "callback_query", "my_chat_member"]'


async def test_t09_a_bad_update_among_good_ones_is_kept_and_the_others_go_on(
    api: Api, world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.say(LI, "one")
    bad_id = world.raw({"message": {"message_id": "x", "text": "a child said something"}})
    world.raw({"poll": {"id": "1"}})
    world.raw({"message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "senderless"}})
    world.raw({"of_next_year": {}})
    world.say(LI, "two")
    async with polling(Intake(api, gateway.handle, long_poll=1)):
        await until(lambda: len(world.updates) == 0)
    assert gateway.words == ["one", "two"]
    assert gateway.kept == [bad_id]
    assert "a child said" not in caplog.text


async def test_t22_a_commit_that_fails_acknowledges_nothing(
    api: Api, world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    world.say(LI, "one")
    world.say(LI, "two")
    gateway.broken = 3
    async with polling(Intake(api, gateway.handle, long_poll=1)):
        await until(lambda: gateway.broken == 1)
        assert len(world.updates) == 2
        await until(lambda: gateway.words)
        await until(lambda: len(world.updates) == 0)
    assert gateway.words == ["one", "two"]
    assert "OSError" in caplog.text
    assert "a child said" not in caplog.text


async def test_a_restart_reads_again_what_was_not_acknowledged(api: Api, world: World, gateway: Gateway) -> None:
    world.say(LI, "one")

    async def committed_and_gone(batch: Sequence[Raw]) -> None:
        await gateway.handle(batch)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Intake(api, committed_and_gone, long_poll=1).run()
    assert len(world.updates) == 1
    async with polling(Intake(api, gateway.handle, long_poll=1)):
        await until(lambda: len(gateway.words) == 2 and len(world.updates) == 0)
    assert gateway.words == ["one", "one"]


async def test_cancelling_finishes_the_batch_in_hand(api: Api, world: World, gateway: Gateway) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(batch: Sequence[Raw]) -> None:
        begun.set()
        await go_on.wait()
        await gateway.handle(batch)

    world.say(LI, "one")
    task = asyncio.create_task(Intake(api, slow, long_poll=1).run())
    await asyncio.wait_for(begun.wait(), 5)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gateway.words == ["one"]


async def test_a_stop_does_not_wait_for_the_long_poll(api: Api, gateway: Gateway) -> None:
    intake = Intake(api, gateway.handle, long_poll=50)
    async with asyncio.timeout(5), polling(intake):
        await intake.caught_up.wait()


async def test_t08_numbers_that_begin_again_lower_are_read(api: Api, world: World, gateway: Gateway) -> None:
    world.say(LI, "one")
    async with polling(Intake(api, gateway.handle, long_poll=1)):
        await until(lambda: len(world.updates) == 0)
        world.updates.restart(500)
        world.say(LI, "two")
        world.say(LI, "three")
        await until(lambda: len(gateway.words) == 3 and len(world.updates) == 0)
    assert gateway.words == ["one", "two", "three"]


async def test_taps_are_answered_at_once_and_empty(api: Api, world: World, gateway: Gateway) -> None:
    gateway.broken = 1
    card = (await api.call("sendMessage", {"chat_id": LI, "text": "?"}))["message_id"]
    tapped = world.tap(LI, card, "v:1")
    world.raw({"callback_query": {"id": "77", "from": world.phones[LI].user(), "chat_instance": "1"}})
    async with polling(Intake(api, gateway.handle, long_poll=1)):
        await until(lambda: len(world.updates) == 0)
    assert gateway.words == ["v:1", "tap"]
    answers = [entry for entry in world.ledger if entry.name == "answerCallbackQuery"]
    assert {entry.params["callback_query_id"] for entry in answers} == {tapped, "77"}
    assert all(set(entry.params) == {"callback_query_id"} for entry in answers)
    assert {"ok"} < {entry.outcome for entry in answers}


class Prompt(Api):
    """Has the answer to every call already."""

    __slots__ = ("called",)

    async def call(self, method: str, payload: dict[str, Any], seconds: float = 0.0) -> Any:
        self.called = [*getattr(self, "called", []), payload.get("callback_query_id")]


async def test_taps_that_come_just_as_all_others_are_answered_are_answered_too(gateway: Gateway) -> None:
    async with AiohttpRequest(trust_env=False) as request:
        api = Prompt(TOKEN, "http://nowhere", request)
        intake = Intake(api, gateway.handle)
        for batch in (range(64), range(64, 128)):
            intake._answer_taps([{"callback_query": {"id": str(number)}} for number in batch])
            await asyncio.sleep(0)
    assert api.called == [str(number) for number in range(128)]


class Weather:
    """Fails getUpdates in turn with what is given, then lets it through."""

    def __init__(self, *failures: web.Response | Exception) -> None:
        self.failures = list(failures)

    async def __call__(self, method: str, params: Params) -> web.StreamResponse | None:
        if method != "getUpdates" or not self.failures:
            return None
        failure = self.failures.pop(0)
        if isinstance(failure, Refused):
            return refusal(failure)
        assert isinstance(failure, web.Response)
        return failure


async def test_t13_t18_bad_weather_is_waited_out(api: Api, world: World, gateway: Gateway) -> None:
    weather = Weather(
        web.Response(status=502, text="<html>bad gateway</html>"),
        web.Response(text='{"ok":true,"result":[{"update_id'),
        web.Response(status=204),
        web.json_response({"ok": True, "result": {}}),
        web.json_response({"ok": True, "result": [{"message": {}}, None]}),
        conflict("terminated by other getUpdates request; make sure that only one bot instance is running"),
        bad("something new"),
        Refused(500, "Internal Server Error"),
    )
    world.before.append(weather)
    world.say(LI, "one")
    async with polling(Intake(api, gateway.handle, long_poll=1)) as intake:
        before = intake.last_poll
        await until(lambda: gateway.words == ["one"])
        assert intake.last_poll > before
    assert weather.failures == []


async def test_t17_an_unknown_token_stops_the_intake(base: str, world: World, gateway: Gateway) -> None:
    async with AiohttpRequest(trust_env=False) as request:
        with pytest.raises(TokenRefused):
            await asyncio.wait_for(Intake(Api(TOKEN + "x", base, request), gateway.handle).run(), 5)


async def test_t19_a_server_that_is_away_comes_back(world: World, gateway: Gateway) -> None:
    async with serve(world) as address:
        port = int(address.rpartition(":")[2])
    async with (
        AiohttpRequest(trust_env=False) as request,
        polling(Intake(Api(TOKEN, address, request), gateway.handle, long_poll=1)) as intake,
    ):
        world.say(LI, "one")
        await until(lambda: intake.failures > 1)
        assert gateway.words == []
        world.updates._closed = False
        async with serve(world, port=port):
            await until(lambda: len(world.updates) == 0)
    assert gateway.words == ["one"]
