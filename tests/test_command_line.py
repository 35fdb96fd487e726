"""The command line, as the operator has it: each command in a process of its own, against the demo's Bot API server.

Some are started by the interpreter, as the operator does it; the others are spared the second that their imports take
(tests/forked.py).
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import uuid
from pathlib import Path

import pytest

from bot.demo.clock import Clock
from bot.demo.server import serve
from bot.demo.world import World
from storage.vault import new_key
from tests.forked import born

ROOT = Path(__file__).parent.parent
TOKEN = "1000001:operator"
HOMES = "code,name,built_in\nA1,Willow School,2026\n"
CHILDREN = "code,short_name,home,consent\nA101,Pea,A1,2026-09-01\n"


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR") if name in os.environ}
    return kept | {"DATA_DIR": str(folder), "SEAL_KEY": new_key(), "PYTHONPATH": str(ROOT)} | more


async def run(folder: Path, environment: dict[str, str], *words: str) -> tuple[int, str]:
    """The exit code, and all it wrote."""
    log = folder / f"{uuid.uuid4()}.log"
    process = born("bot", *words, env=environment, log=log, folder=folder, alone=True)
    return await asyncio.wait_for(process.wait(), 40), log.read_text("utf-8")


async def run_from_scratch(folder: Path, environment: dict[str, str], *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await asyncio.wait_for(process.communicate(), 40)
    return process.returncode or 0, told.decode()


async def test_without_a_token_one_line_says_what_to_do(tmp_path: Path) -> None:
    code, told = await run_from_scratch(tmp_path, surroundings(tmp_path), "bot")
    assert code == 1
    assert "BOT_TOKEN" in told
    assert len(told.strip().splitlines()) == 1


async def test_without_a_key_one_line_says_so(tmp_path: Path) -> None:
    code, told = await run(tmp_path, surroundings(tmp_path, BOT_TOKEN=TOKEN, SEAL_KEY=""), "bot")
    assert code == 1
    assert "SEAL_KEY" in told
    assert len(told.strip().splitlines()) == 1


async def test_a_district_is_loaded_twice_without_harm_and_not_at_all_with_a_bad_row(tmp_path: Path) -> None:
    environment = surroundings(tmp_path)
    (tmp_path / "homes.csv").write_text(HOMES)
    (tmp_path / "children.csv").write_text(CHILDREN)
    (tmp_path / "bad.csv").write_text(CHILDREN + "A102,Bean,NOWHERE,\n")
    code, told = await run(tmp_path, environment, "load", "homes.csv", "bad.csv")
    assert code == 1
    assert "bad.csv" in told
    assert "NOWHERE" in told
    for added in ("1", "0"):
        code, told = await run(tmp_path, environment, "load", "homes.csv", "children.csv")
        assert code == 0, told
        assert added in told


async def test_the_first_coordinator_comes_in_by_the_operators_link(tmp_path: Path) -> None:
    clock = Clock()
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", clock.now)
    async with serve(world) as url:
        environment = surroundings(tmp_path, BOT_TOKEN=TOKEN, BOT_API_URL=url)
        code, told = await run(tmp_path, environment, "invite", "--coordinator", "--name", "Wheat")
        assert code == 0, told
        token = re.search(r"start=([A-Za-z0-9_-]{22})\b", told)
        assert token
        assert TOKEN.partition(":")[2] not in told
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "bot", cwd=tmp_path, env=environment
        )
        try:
            from bot.demo.places import Phone

            world.add_phone(Phone(42, "Wheat", language_code="en"))
            world.start(42, token[1])
            async with asyncio.timeout(20):
                while not any(
                    "coordinator" in str(post.payload.get("text")) for post in world.chats[42].posts.values()
                ):
                    await asyncio.sleep(0.05)
            code, busy = await run(tmp_path, environment, "bot")
            assert code == 1
            assert len(busy.strip().splitlines()) == 1, busy
        finally:
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 15) == 0
        code, told = await run(tmp_path, environment, "check")
        assert code == 0, told
        assert "stuck" in told


@pytest.mark.parametrize("wrong", ["TIME_ZONE=Nowhere/At_All", "DEMO_PORT=99999", "SEAL_KEY=xx"])
async def test_a_wrong_setting_is_named(tmp_path: Path, wrong: str) -> None:
    name, _, value = wrong.partition("=")
    code, told = await run(tmp_path, surroundings(tmp_path, BOT_TOKEN=TOKEN) | {name: value}, "bot")
    assert code == 1
    assert "Traceback" not in told
    assert name in told or "sealing key" in told
