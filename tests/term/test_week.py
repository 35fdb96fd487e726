"""A week of the summer vacation, played with the real bot in a process of its own, which is stopped and killed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.term.books import Books
from tests.term.checker import check
from tests.term.district import CHINA, furnish
from tests.term.outcome import differences, outcome
from tests.term.people import Habits
from tests.term.play import Wanted, play
from tests.term.weather import RESTARTS, STORM, Blow

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]  # real processes, on a machine that may be busy
HOMES = ("H10",)


def july(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 7, day, hour, minute, tzinfo=CHINA)


WEEK = Wanted(july(17, 17), july(21, 9, 30), homes=HOMES)
"""From Friday: the safety notice in the evening and all that asks for its answer, the check-in of Saturday to its last
rung, the day before the report is due."""


async def played(url: str, folder: Path, wanted: Wanted) -> Books:
    await furnish(url, wanted.since, wanted.seed, wanted.homes)
    books, _ = await play(url, folder, wanted)
    return books


async def test_a_week_with_restarts_ends_as_one_without(
    sqlite_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    calm = tmp_path_factory.mktemp("calm")
    other = f"sqlite:///{calm / 'district.db'}"
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), calm / "district.db")
    await played(other, calm, WEEK)
    books = await played(sqlite_url, tmp_path, replace(WEEK, weather=RESTARTS))
    assert {one.why for one in books.away} == {"killed", "stopped"}
    assert await check(books) == []
    assert list(differences(await outcome(other), await outcome(sqlite_url))) == []


@pytest.mark.postgres
async def test_stormy_days_keep_their_promises(postgresql_url: str, tmp_path: Path) -> None:
    blows = (
        Blow(july(17, 18, 40), "cut", july(17, 20, 10)),
        Blow(july(18, 9, 30), "down", july(18, 13, 15)),
        Blow(july(18, 17), "limited"),
        Blow(july(19, 8), "midst"),
        Blow(july(19, 18, 30), "down", july(20, 7, 40)),
        Blow(july(20, 8), "midst"),
    )
    books = await played(postgresql_url, tmp_path, replace(WEEK, until=july(20, 15), weather=STORM, blows=blows))
    assert len(books.away) == 5
    assert await check(books) == []


NIGHT = (Blow(july(18, 9), "down", july(18, 18, 40)),)
"""After an outage families are asked in the evening, and the second question falls into the night."""
MUTANTS: dict[str, tuple[Wanted, str | tuple[str, ...]]] = {
    "lost_key": (replace(WEEK, since=july(21, 6, 30), until=july(22, 8, 30)), "said twice"),
    "wrong_period": (replace(WEEK, since=july(21, 6, 30), until=july(22, 9, 30)), "not said in time: [report due]"),
    "no_quiet_hours": (
        replace(WEEK, since=july(18, 6, 30), until=july(18, 23, 40), blows=NIGHT),
        "said in the quiet hours",
    ),
    "no_cancel": (
        replace(WEEK, until=july(20, 8, 30), habits=Habits(later=0.95)),
        ("said after its answer", "names "),
    ),
}
"""When it shows, and how the checker's line begins. Where nothing is cancelled, a love mother hears of a child whom she
has handed over."""


@pytest.mark.parametrize("name", MUTANTS)
async def test_a_bot_with_one_mistake_is_caught(sqlite_url: str, tmp_path: Path, name: str) -> None:
    span, says = MUTANTS[name]
    books = await played(sqlite_url, tmp_path, replace(span, mutant=name))
    found = await check(books)
    assert any(line.startswith(says) for line in found), found
