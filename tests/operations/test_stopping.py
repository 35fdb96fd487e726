"""SIGTERM, a stalled poll, a lost hold: how the process ends, and what it leaves behind."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from bot.app import HoldLost, open_app, open_store
from bot.demo.clock import Clock
from bot.demo.places import Phone
from bot.demo.server import serve
from bot.demo.world import World
from bot.telegram.http import AiohttpRequest, Api
from bot.telegram.intake import Handle, Intake
from bot.watchdog import watching
from tests.databases import ENDING
from tests.operations.process import ROOT, at_work, said
from tests.stage import TOKEN, settings

CROWD = range(5000, 5060)


def answered(world: World) -> list[int]:
    """Each reply of the bot, by whom it reached."""
    return [chat for chat in CROWD for post in world.chats[chat].posts.values() if post.by_bot]


async def until(world: World, number: int) -> None:
    async with asyncio.timeout(30):
        while len(answered(world)) < number:
            await asyncio.sleep(0.01)


async def test_sigterm_under_load_finishes_in_ten_seconds_and_nobody_is_forgotten_or_answered_twice(
    tmp_path: Path,
) -> None:
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", Clock().now)
    for user in CROWD:
        world.add_phone(Phone(user, f"Stranger {user}"))
    async with serve(world) as url:
        async with at_work(tmp_path, BOT_API_URL=url, HEALTH_PORT=str(health := free_port())) as process:
            for user in CROWD:
                world.start(user)
                await asyncio.sleep(0)
            await until(world, 3)
            async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{health}/healthz") as page:
                assert page.status == 200
            process.send_signal(signal.SIGTERM)
            code, told = await said(process, 10.0)
        assert code == 0, told
        assert "cut off" not in told
        with socket.create_server(("127.0.0.1", 0)) as taken:  # no reason not to do the work
            port = str(taken.getsockname()[1])
            async with at_work(tmp_path, BOT_API_URL=url, HEALTH_PORT=port) as process:
                await until(world, len(CROWD))
                async with asyncio.timeout(10):
                    while len(world.updates):
                        await asyncio.sleep(0.01)
                process.send_signal(signal.SIGTERM)
                code, told = await said(process, 10.0)
        assert code == 0
        assert f"HEALTH_PORT {port} cannot be had" in told
    assert sorted(answered(world)) == list(CROWD)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def test_a_process_whose_polling_has_stalled_ends_by_itself_and_says_so(tmp_path: Path) -> None:
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", Clock().now)
    async with serve(world) as url, at_work(tmp_path, BOT_API_URL=url, WATCHDOG_SECONDS="1") as process:
        code, told = await said(process)  # nobody writes, so the first long poll is silent for fifty seconds
    assert code == 1
    assert "polling has stalled for 1 s" in told
    assert "Traceback" not in told


def test_what_hangs_is_cut_off() -> None:
    hanging = "import time\nfrom bot.watchdog import end_within\nend_within(0.1)\ntime.sleep(50)"
    done = subprocess.run([sys.executable, "-c", hanging], cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "cut off" in done.stderr


@pytest.mark.postgres
async def test_when_the_hold_on_the_district_is_lost_the_bot_ends(postgresql_url: str, tmp_path: Path) -> None:
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", Clock().now)
    world.add_phone(Phone(CROWD[0], "Stranger"))
    async with serve(world) as url:
        options = settings(postgresql_url, tmp_path, url)
        async with open_store(options) as database, open_app(options, database, world.now) as app:
            running = asyncio.create_task(app.run())
            await asyncio.wait_for(app.intake.caught_up.wait(), 10)
            await _end_sessions_that_hold(postgresql_url)
            with pytest.raises(HoldLost):
                await asyncio.wait_for(running, 12)
        world.start(CROWD[0])
        assert len(world.updates) == 1  # nobody takes it


async def _end_sessions_that_hold(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(ENDING)
    finally:
        await connection.close()


class Guard:
    """The real intake under the watchdog."""

    def __init__(self, api: Api, handle: Handle, long_poll: int = 0) -> None:
        self.intake = Intake(api, handle, long_poll=long_poll)
        self.barked = asyncio.Event()

    async def watch(self, limit: float, seconds: float) -> bool:
        """Whether it was stopped within this time."""
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(self.intake.run())
        with watching(self.intake, limit, lambda: loop.call_soon_threadsafe(self.barked.set)) as stalled:
            try:
                await asyncio.wait_for(self.barked.wait(), seconds)
            except TimeoutError:
                assert not stalled.is_set()
        self.intake.stop()
        task.cancel()
        await asyncio.wait({task})
        return self.barked.is_set()


async def ignore(batch: object) -> None:
    return None


async def fail(batch: object) -> None:
    raise OSError("disk full")


async def test_a_network_that_is_away_is_no_stall() -> None:
    async with AiohttpRequest(trust_env=False) as request:
        guard = Guard(Api(TOKEN, "http://127.0.0.1:9", request), ignore)
        assert not await guard.watch(0.2, 0.9)
    assert guard.intake.failures


async def test_a_database_that_is_away_is_no_stall_but_a_commit_that_never_ends_is() -> None:
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", Clock().now)
    world.add_phone(Phone(CROWD[0], "Stranger"))
    world.updates.repeat_hold = world.updates.repeat_window = 0
    world.start(CROWD[0])
    never = asyncio.Event()

    async def hang(batch: object) -> None:
        await never.wait()

    async with serve(world) as url, AiohttpRequest(trust_env=False) as request:
        api = Api(TOKEN, url, request)
        assert not await Guard(api, fail).watch(0.2, 0.9)
        stuck = Guard(api, hang)
        asyncio.get_running_loop().call_later(0.8, never.set)
        assert await stuck.watch(0.3, 5.0)
