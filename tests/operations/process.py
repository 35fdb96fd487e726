"""The bot in a process of its own, on the command line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.stage import KEY, TOKEN

ROOT = Path(__file__).parents[2]


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ours = {"DATA_DIR": str(folder), "SEAL_KEY": KEY, "BOT_TOKEN": TOKEN, "PYTHONPATH": str(ROOT), "HEALTH_PORT": "0"}
    return kept | ours | more


async def start(folder: Path, *words: str, **more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=folder,
        env=surroundings(folder, **more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def said(process: asyncio.subprocess.Process, seconds: float = 40.0) -> tuple[int, str]:
    """Its exit code and all it wrote, once it has ended."""
    told, _ = await asyncio.wait_for(process.communicate(), seconds)
    return process.returncode or 0, told.decode()


@asynccontextmanager
async def at_work(folder: Path, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, until left; it is killed there if it still runs."""
    process = await start(folder, "bot", **more)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
