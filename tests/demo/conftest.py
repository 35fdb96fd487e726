"""A small Telegram of three people, served on a free port of this machine."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from telegram import Bot

from bot.demo.clock import Clock
from bot.demo.places import Phone
from bot.demo.server import serve
from bot.demo.world import World

TOKEN = "4242:a-demo-token"
LI, WANG, ZHAO = 101, 102, 103


class Api:
    """Calls as any HTTP client makes them, with no Telegram library between."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def answer(self, method: str, token: str = TOKEN, **params: Any) -> dict[str, Any]:
        async with self.session.post(f"{self.base}/bot{token}/{method}", json=params) as response:
            body: dict[str, Any] = await response.json()
            assert response.status == (200 if body["ok"] else body["error_code"])
            return body

    async def ok(self, method: str, **params: Any) -> Any:
        body = await self.answer(method, **params)
        assert body["ok"], body
        return body["result"]

    async def error(self, method: str, **params: Any) -> str:
        """The code and the description of a refusal."""
        body = await self.answer(method, **params)
        assert not body["ok"], body
        return f"{body['error_code']} {body['description']}"

    async def update_ids(self, offset: int = 0, **params: Any) -> list[int]:
        return [update["update_id"] for update in await self.ok("getUpdates", offset=offset, **params)]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 6, 1, 8, tzinfo=UTC))


@pytest.fixture
def world(clock: Clock) -> World:
    """Li has opened the bot; Wang and Zhao have not. The brake on hasty polls is off."""
    phones = (
        Phone(LI, "李妈妈", "volunteer"),
        Phone(WANG, "Wang <b>", "teacher", "en"),
        Phone(ZHAO, "赵奶奶", "guardian"),
    )
    world = World(TOKEN, "心桥", "xinqiao_demo_bot", clock.now, phones=phones)
    world.updates.repeat_hold = world.updates.repeat_window = 0
    world.chats[LI].opened = True
    return world


@pytest.fixture
async def base(world: World) -> AsyncIterator[str]:
    async with serve(world) as address:
        yield address


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


@pytest.fixture
def api(session: aiohttp.ClientSession, base: str) -> Api:
    return Api(session, base)


@pytest.fixture
async def bot(base: str) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
        yield bot
