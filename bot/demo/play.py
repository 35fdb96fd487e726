"""Plays the demo: the local Bot API server, its page, the cast, and the real bot talking to it over HTTP."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.app import App, open_app, open_store
from bot.demo.cast import PHONES, seed
from bot.demo.clock import Clock
from bot.demo.rates import Throttle
from bot.demo.server import serve
from bot.demo.world import World
from bot.settings import Settings
from storage import settings as kept
from storage.database import Database
from storage.vault import new_key

TOKEN = "1000001:demo"
STEP = timedelta(minutes=1)
KEY_FILE = "seal.key"


async def play(options: Settings, *, port: int | None, keep: bool) -> None:
    """Until it is cancelled. Without `keep` the district begins anew each time."""
    folder = options.data_dir / "demo" if keep else Path(tempfile.mkdtemp(prefix="xinqiao-demo-"))
    try:
        async with stage(options, folder, options.demo_port if port is None else port) as (url, app, _):
            print(f"心桥 · Xinqiao\n\n    {url}\n\nOpen it in a browser. Stop with Ctrl+C.", flush=True)
            await app.run()
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def stage(options: Settings, folder: Path, port: int) -> AsyncIterator[tuple[str, App, World]]:
    """The page's address, the bot (not running yet) and the world of phones."""
    clock = Clock()
    world = World(TOKEN, "Xinqiao", "xinqiao_demo_bot", clock.now, phones=PHONES, time_zone=options.time_zone)
    world.throttle = Throttle()
    turner = _Turner(clock)
    async with serve(world, port=port, turn_clock=turner.turn) as url:
        chosen = _options(options, folder, url)
        async with open_store(chosen) as database:
            fresh = await _furnish(database, clock.now())
            async with open_app(chosen, database, clock.now) as app:
                turner.app = app
                if fresh:
                    _open_chats(world)
                yield url, app, world


def _options(options: Settings, folder: Path, url: str) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / KEY_FILE
    if not key.exists():
        key.write_text(new_key())
    changes = {
        "bot_token": SecretStr(TOKEN),
        "bot_api_url": url,
        "data_dir": folder,
        "seal_key": SecretStr(key.read_text().strip()),
        "database_url": f"sqlite:///{folder / 'demo.db'}",
    }
    return options.model_copy(update=changes)


async def _furnish(database: Database, now: datetime) -> bool:
    """True where the district was empty and has been filled."""
    async with database.reading() as tx:
        if await kept.get(tx, "demo"):
            return False
    await seed(database, now)
    async with database.transaction() as tx:
        await kept.set(tx, "demo", "furnished")
    return True


def _open_chats(world: World) -> None:
    """Everybody who is known has pressed Start once."""
    for phone in PHONES:
        if phone.role != "stranger":
            world.say(phone.user_id, "/start")


class _Turner:
    """The clock plays every minute between then and now, draining the courier each time: a jump would be an outage."""

    app: App | None = None

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turnstile = asyncio.Lock()

    async def turn(self, to: datetime) -> None:
        async with self._turnstile:
            await self._play(to)

    async def _play(self, to: datetime) -> None:
        while (now := self._clock.now()) < to:
            self._clock.forward(min(now + STEP, to))
            if self.app:
                await self.app.clockwork.tick()
        if self.app:
            with suppress(TimeoutError):  # at Telegram's limits a month's messages take longer; they go on arriving
                await self.app.courier.drain()
