"""A small Telegram on this machine, a database of its own, and two languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.demo.clock import Clock
from bot.demo.places import Phone
from bot.demo.server import serve
from bot.demo.world import World
from bot.engine.i18n import Languages
from bot.telegram.courier import Courier
from bot.telegram.http import AiohttpRequest, Api
from storage.database import Database, open_database
from storage.vault import Vault, new_key

from .desk import LI, WANG, ZHAO, Desk, running

__all__ = ["LI", "TOKEN", "WANG", "ZHAO"]

TOKEN = "4242:a-secret-token-of-tests"

_HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
_CATALOGS = {
    "zh_Hans_CN": {"Saved.": "<b>已保存</b>。", "Got it": "知道了", "No. {n}": "第{n}号"},
    "en": {"Saved.": "<b>Saved</b>.", "No. {n}": "No. {n}"},
}


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 6, 1, 8, tzinfo=UTC))


@pytest.fixture
def languages(tmp_path: Path, clock: Clock) -> Languages:
    for name, sentences in _CATALOGS.items():
        body = "\n".join(f'msgid "{english}"\nmsgstr "{said}"\n' for english, said in sentences.items())
        path = tmp_path / "locales" / name / "LC_MESSAGES" / "bot.po"
        path.parent.mkdir(parents=True)
        path.write_text(_HEAD + body, "utf-8")
    return Languages(tmp_path / "locales", ZoneInfo("Asia/Shanghai"), clock.now)


@pytest.fixture
def world(clock: Clock) -> World:
    """Everybody has opened the bot. The server's brake on hasty polls is off."""
    cast = ((LI, "李妈妈", "volunteer"), (WANG, "Wang <b>", "teacher"), (ZHAO, "赵奶奶", "guardian"))
    phones = tuple(Phone(*one) for one in cast)
    world = World(TOKEN, "心桥", "xinqiao_demo_bot", clock.now, phones=phones)
    world.updates.repeat_hold = world.updates.repeat_window = 0
    for chat_id in (LI, WANG, ZHAO):
        world.chats[chat_id].opened = True
    return world


@pytest.fixture
async def base(world: World) -> AsyncIterator[str]:
    async with serve(world) as address:
        yield address
    assert not world.refused


@pytest.fixture
async def api(base: str) -> AsyncIterator[Api]:
    async with AiohttpRequest(trust_env=False) as request:
        yield Api(TOKEN, base, request)


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = open_database(sqlite_url, Vault(new_key()))
    yield database
    await database.close()


@pytest.fixture
def courier(database: Database, api: Api, languages: Languages, clock: Clock) -> Courier:
    return Courier(database, api, languages, clock.now)


@pytest.fixture
async def desk(database: Database, clock: Clock, courier: Courier) -> AsyncIterator[Desk]:
    async with running(courier):
        yield Desk(database, clock, courier)
