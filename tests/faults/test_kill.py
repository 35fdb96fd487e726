"""kill -9 and SIGTERM in the middle of it all. The long runs are `python -m tests.kill`."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.kill import FEW, Books, ordeal
from tests.stage import TOKEN

KILLS = {
    "sqlite": ("batch.after:2", "random", "send.after:9", "record.after:2"),
    "postgresql": ("commit.after:4", "random"),
}


async def endured(url: str, folder: Path, *plan: str) -> Books:
    async with ordeal(url, folder, seed=18) as set_up:
        books = await set_up.run(plan)
        log = set_up.log()
    assert TOKEN not in log
    assert not any(mark in log for marks in books.marks.values() for mark in marks)
    return books


@pytest.mark.slow
async def test_t01_killed_again_and_again_nothing_is_lost_and_nothing_counts_twice(
    database_url: str, tmp_path: Path
) -> None:
    plan = KILLS[database_url.partition(":")[0]]
    books = await endured(database_url, tmp_path, *plan)
    assert books.starts == len(plan) + 1
    assert books.visits >= len(books.marks)
    assert (books.lost, books.twice, books.unsaid, books.stuck, books.kept) == (0, 0, 0, 0, 0)
    assert books.sound
    assert all(sorted(books.stored[who]) == sorted(books.marks[who]) for who in books.marks)
    assert books.doubled == books.in_flight[-1]
    fresh = [later - before for before, later in pairwise((0, *books.in_flight))]
    assert max(fresh) <= FEW * len(books.marks)


@pytest.mark.slow
async def test_t05_stopped_under_load_it_ends_in_time_and_doubles_nothing(sqlite_url: str, tmp_path: Path) -> None:
    books = await endured(sqlite_url, tmp_path, "term", "term")
    assert books.spotless
    assert books.doubled == 0
