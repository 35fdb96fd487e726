"""How large and how quick to start: the command as it is deployed, with a question waiting for it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import run
from benchmarks.district import KEY
from benchmarks.environments import bare, deployed
from benchmarks.peers_known import SQLITE
from benchmarks.phones import FIRST_CHAT, Crowd, Phone, visiting
from benchmarks.process import Child, cores, running
from benchmarks.server import Server, serve
from benchmarks.trial import workplace

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Size:
    """Seconds to the first reply; MB in memory after it, and the most seen while 50 chats talk."""

    first_reply: float
    idle: float
    loaded: float


async def measure_size(chats: int = 50, window: float = 4.0) -> Size:
    async with workplace() as folder:
        server, python = Server(), deployed()
        bot_core, harness_core = cores()
        os.sched_setaffinity(0, harness_core)
        place = await SQLITE.prepare(folder)
        async with serve(server) as address:
            heard = _ask(server)
            at = time.perf_counter()
            command = [python, "-m", "bot", "bot"]
            async with running(command, folder, _environment(address, place, folder), bot_core) as child:
                await asyncio.wait_for(heard.wait(), _PATIENCE)
                first_reply = time.perf_counter() - at
                await asyncio.sleep(3)
                return Size(first_reply, child.resident, await _under_load(server, child, chats, window))


def _environment(address: str, place: str, folder: Path) -> dict[str, str]:
    settings = {"BOT_TOKEN": "1000001:bench", "BOT_API_URL": address, "DATABASE_URL": place, "SEAL_KEY": KEY}
    arenas = {"MALLOC_ARENA_MAX": run.environment()["MALLOC_ARENA_MAX"]}
    return bare() | settings | arenas | {"PACE": "0", "DATA_DIR": str(folder), "PYTHONPATH": run.ROOT}


def _ask(server: Server) -> asyncio.Event:
    """Somebody has written before the bot was there."""
    heard, phone = asyncio.Event(), Phone(FIRST_CHAT)

    def said(method: str, _: Mapping[str, Any]) -> int:
        if method == "sendMessage":
            heard.set()
        return 1

    server.said = said
    server.offer(*visiting(phone))
    return heard


async def _under_load(server: Server, child: Child, chats: int, window: float) -> float:
    crowd = Crowd(server, chats, visiting, steps=4)
    crowd.begin()
    most = 0.0
    for _ in range(int(window / 0.1)):
        await asyncio.sleep(0.1)
        most = max(most, child.resident)
    return most
