"""kill -9 and SIGTERM in the middle of it all. Long runs: `python3 run.py bench --kills 500`."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from storage.migrations import migrate
from tests.cluster import Server
from tests.kill import FEW, Books, Ordeal, ordeal, plan
from tests.mortal import NAMED
from tests.stage import TOKEN

KILLS = int(os.environ.get("KILLS", "5"))
"""On each database; .ci/run does more."""
SINCE = {"sqlite": 0, "postgresql": len(NAMED) // 2}
SEED = 18
ROUNDS = 8


async def endured(url: str, folder: Path, *ends: str) -> Books:
    async with ordeal(url, folder, seed=SEED) as set_up:
        books = await set_up.run(ends)
        log = set_up.log()
    assert TOKEN not in log
    assert not any(mark in log for marks in books.marks.values() for mark in marks)
    return books


@pytest.mark.slow
@pytest.mark.timeout(60 + 20 * KILLS)
async def test_t01_killed_again_and_again_nothing_is_lost_and_nothing_counts_twice(
    database_url: str, tmp_path: Path
) -> None:
    ends = plan(KILLS, random.Random(SEED), since=SINCE[database_url.partition(":")[0]])
    books = await endured(database_url, tmp_path, *ends)
    assert books.starts == len(ends) + 1
    assert books.visits >= len(books.marks)
    assert (books.lost, books.twice, books.unsaid, books.stuck, books.kept) == (0, 0, 0, 0, 0)
    assert books.sound is not False
    assert all(sorted(books.stored[who]) == sorted(books.marks[who]) for who in books.marks)
    assert books.doubled == books.in_flight[-1]
    fresh = [later - before for before, later in pairwise((0, *books.in_flight))]
    assert max(fresh) <= FEW * len(books.marks)


def test_t03_twenty_kills_on_each_database_come_by_every_named_point() -> None:
    ends = [end for since in SINCE.values() for end in plan(20, random.Random(SEED), since=since)]
    assert {end.partition(":")[0] for end in ends} == {*NAMED, "random"}


@pytest.mark.slow
async def test_t05_stopped_under_load_it_ends_in_time_and_doubles_nothing(sqlite_url: str, tmp_path: Path) -> None:
    books = await endured(sqlite_url, tmp_path, "term", "term")
    assert books.spotless
    assert books.doubled == 0


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(180)
async def test_t04_postgresql_is_killed_under_load_and_nothing_is_lost(own_postgres: Server, tmp_path: Path) -> None:
    """Acknowledged is only what its log holds; the bot ends, and its next start goes on where it was."""
    url = f"postgresql://postgres@/postgres?host={own_postgres.home}"

    async def outage() -> None:
        await asyncio.to_thread(own_postgres.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(own_postgres.start_again)

    await migrate(url)
    async with ordeal(url, tmp_path, seed=SEED) as set_up:
        set_up.outage = outage
        books = await set_up.run(["outage", "outage"])
    assert books.spotless
    assert books.starts == 3
    assert books.visits >= len(books.marks)
    assert books.doubled == books.in_flight[-1]


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL that may be killed."""
    folder = Path(tempfile.mkdtemp(prefix="xinqiao-own-"))  # not below a folder that only root may enter
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize(("bot", "end"), [("tests.mortal", "batch.after:2"), ("tests.stock", "batch.after:40")])
async def test_t01_with_ptbs_own_polling_one_kill_loses_what_ours_does_not(
    bot: str, end: str, sqlite_url: str, tmp_path: Path
) -> None:
    """Ours takes up to a hundred updates in one batch, PTB's one by one: so both die with most of it before them."""
    async with ordeal(sqlite_url, tmp_path, seed=SEED) as set_up:
        set_up.bot = bot
        write_ahead(set_up)
        books = await set_up.run([end])
    assert books.starts == 2
    assert books.offered >= 5 * ROUNDS * len(books.marks)
    if bot == "tests.mortal":
        assert books.spotless
    else:
        assert books.lost > 0
        assert not books.spotless
        assert books.offered - books.seen >= 100, "what one poll had brought and the next one acknowledged"


def write_ahead(set_up: Ordeal) -> None:
    """Everybody has told some visits while the bot was away, and tells no more."""
    for number in range(ROUNDS):
        for writer in set_up.writers:
            mark = f"第{number}回，{writer.user}写的"
            writer.written.append(mark)
            for words in ("/visit", "家访", "开心", mark, "保存"):
                set_up.world.say(writer.user, words)
    set_up.over = True
