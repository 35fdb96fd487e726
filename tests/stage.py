"""A Stage: the whole bot on a real database, talking over HTTP to the demo's Bot API server; and a Chat: one person's
phone.

Nothing of ours is mocked. The district is the demo's cast, seeded once per run and copied for each test.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.app import App, open_app, open_store
from bot.demo.cast import PHONES, seed
from bot.demo.clock import Clock
from bot.demo.server import serve
from bot.demo.world import World
from bot.settings import Settings
from bot.steady import SteadyClock
from storage.database import Database
from storage.vault import Vault

KEY = "00ff:" + "QUJD" * 10 + "QUI="
TOKEN = "1000001:stage"
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""Tuesday, 24 November 2026, 12:00 in China."""
PATIENCE = 10.0
_TAGS = re.compile(r"<[^>]+>")


def settings(database_url: str, folder: Any, bot_api_url: str = "") -> Settings:
    return Settings(
        _env_file=None,
        bot_token=SecretStr(TOKEN),
        bot_api_url=bot_api_url,
        database_url=database_url,
        data_dir=folder,
        pace=0,
        seal_key=SecretStr(KEY),
    )


async def furnish(database_url: str) -> None:
    """Fill a migrated database with the demo's district, as of NOON."""
    from storage.database import open_database

    database = open_database(database_url, Vault(KEY))
    try:
        await seed(database, NOON)
    finally:
        await database.close()


@dataclass
class Stage:
    world: World
    clock: Clock
    settings: Settings
    watch: SteadyClock | None = None
    """Stands between the clock and the bot where it is set; it takes a turned clock for a broken one."""
    app: App = field(init=False)
    database: Database = field(init=False)
    _stack: AsyncExitStack = field(init=False)
    _running: asyncio.Task[None] = field(init=False)

    async def up(self) -> None:
        self._stack = AsyncExitStack()
        self.database = await self._stack.enter_async_context(open_store(self.settings))
        now, moves = (self.watch.now, self.watch.moves) if self.watch else (self.clock.now, tuple)
        self.app = await self._stack.enter_async_context(open_app(self.settings, self.database, now, moves))
        self._running = asyncio.create_task(self.app.run())

    async def down(self) -> None:
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        await self._stack.aclose()

    async def restart(self) -> None:
        """Stop the bot, and start it anew on the same database and the same phones."""
        await self.down()
        await self.up()

    def chat(self, who: int | str) -> Chat:
        """By user id, or the first of a role."""
        known = {phone.user_id for phone in PHONES}
        if isinstance(who, int):
            if who not in known:
                self.world.add_phone(_stranger(who))
            return Chat(self, who)
        return Chat(self, next(phone.user_id for phone in PHONES if phone.role == who))

    async def settle(self) -> None:
        """Until every update is acknowledged and everything that is due has been sent."""
        async with asyncio.timeout(PATIENCE):
            while len(self.world.updates):
                await asyncio.sleep(0.002)
        await self.app.workshop.drain()
        await self.app.courier.drain(PATIENCE)

    async def turn(self, *, step: float = 30, **forward: float) -> None:
        """Turn the clock by a timedelta, minute by minute, as the demo does."""
        target = self.clock.now() + timedelta(**forward)
        while self.clock.now() < target:
            self.clock.forward(min(self.clock.now() + timedelta(minutes=step), target))
            await self.app.clockwork.tick()
        await self.settle()


def _stranger(user_id: int) -> Any:
    from bot.demo.places import Phone

    return Phone(user_id, f"Stranger {user_id}", "stranger", "en")


@dataclass
class Chat:
    """What a person does on the phone, and what they see there."""

    stage: Stage
    user: int
    taps: int = 0

    @property
    def _posts(self) -> list[Any]:
        return [post for post in self.stage.world.chats[self.user].posts.values() if not post.deleted]

    @property
    def bubbles(self) -> list[Any]:
        """The bot's messages in the chat, oldest first."""
        return [post for post in self._posts if _from_bot(post)]

    @property
    def heard(self) -> str:
        """The last bubble's words."""
        return words_of(self.bubbles[-1]) if self.bubbles else ""

    @property
    def everything(self) -> str:
        return "\n".join(words_of(post) for post in self.bubbles)

    @property
    def own(self) -> list[str]:
        return [words_of(post) for post in self._posts if not _from_bot(post)]

    @property
    def buttons(self) -> list[str]:
        """The labels under the last bubble that has any."""
        return [button["text"] for button in self._keys()]

    @property
    def data(self) -> list[str]:
        return [button["callback_data"] for button in self._keys() if "callback_data" in button]

    def _keys(self, post: Any = None) -> list[dict[str, Any]]:
        post = post or next((post for post in reversed(self.bubbles) if keyboard_of(post)), None)
        return [button for row in keyboard_of(post) for button in row] if post else []

    async def say(self, text: str, **more: Any) -> str:
        self.stage.world.say(self.user, text, **more)
        await self.stage.settle()
        return self.heard

    async def tap(self, label: str) -> str:
        """Tap the newest button whose label contains this."""
        post, button = self.find(label)
        self.taps += 1
        self.stage.world.tap(self.user, post.message_id, button["callback_data"])
        await self.stage.settle()
        return self.heard

    async def press(self, part: str) -> str:
        """Tap the newest button that carries this."""
        for post in reversed(self.bubbles):
            for button in self._keys(post):
                if part in button.get("callback_data", ""):
                    self.taps += 1
                    return await self.tap_data(button["callback_data"], post.message_id)
        raise AssertionError(f"no button carries {part!r} among {self.data}; heard: {self.heard!r}")

    def find(self, label: str) -> tuple[Any, dict[str, Any]]:
        for post in reversed(self.bubbles):
            for button in self._keys(post):
                if label in button["text"]:
                    return post, button
        raise AssertionError(f"no button {label!r} among {self.buttons}; heard: {self.heard!r}")

    async def tap_data(self, data: str | bytes, message_id: int | None = None) -> str:
        """Forge a tap."""
        self.stage.world.tap(self.user, message_id or self.bubbles[-1].message_id, data)
        await self.stage.settle()
        return self.heard

    async def photo(self, *pictures: bytes, caption: str = "") -> str:
        self.stage.world.photos(self.user, list(pictures), caption)
        await self.stage.settle()
        return self.heard

    async def start(self, payload: str = "") -> str:
        self.stage.world.start(self.user, payload)
        await self.stage.settle()
        return self.heard


def _from_bot(post: Any) -> bool:
    return bool(post.by_bot)


def words_of(post: Any) -> str:
    return str(post.payload.get("text") or post.payload.get("caption") or "")


def keyboard_of(post: Any) -> list[list[dict[str, Any]]]:
    return (post.payload.get("reply_markup") or {}).get("inline_keyboard", [])


@asynccontextmanager
async def stage(database_url: str, folder: Any, start: datetime = NOON) -> AsyncIterator[Stage]:
    clock = Clock(start)
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", clock.now, phones=PHONES)
    world.updates.repeat_hold = world.updates.repeat_window = 0
    async with serve(world) as url:
        set_up = Stage(world, clock, settings(database_url, folder, url))
        await set_up.up()
        try:
            yield set_up
        finally:
            await set_up.down()
    assert not world.refused, world.refused
