"""A short write that shares another's commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from storage import settings
from storage.database import Database, Tx

LONG = 60.0
"""Seconds; nobody here waits so long."""


def noting(name: str, told: list[str]) -> Callable[[Tx], Awaitable[Callable[[], None]]]:
    """Writes that down, and is told of the commit."""

    async def work(tx: Tx) -> Callable[[], None]:
        told.append(f"{name} written")
        await settings.set(tx, name, "kept")
        return lambda: told.append(f"{name} kept")

    return work


async def failing(tx: Tx) -> Callable[[], None]:
    await settings.set(tx, "broken", "lost")
    raise LookupError


async def aboard(database: Database, *works: Callable[[Tx], Awaitable[Callable[[], None]]]) -> list[asyncio.Task[None]]:
    rides = [asyncio.create_task(database.ride(work, LONG)) for work in works]
    await asyncio.sleep(0.01)
    return rides


async def kept(database: Database, *names: str) -> list[str]:
    async with database.reading() as tx:
        return [name for name in names if await settings.get(tx, name) == "kept"]


async def test_it_is_done_first_and_told_of_the_commit_before_anybody_else(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, commit = list[str](), Database._commit

    async def counted(database: Database, turn: Any) -> None:
        told.append("commit")
        await commit(database, turn)

    monkeypatch.setattr(Database, "_commit", counted)
    (ride,) = await aboard(database, noting("mark", told))
    assert told == []
    async with database.transaction() as tx:
        assert await settings.get(tx, "mark") == "kept"
        await settings.set(tx, "visit", "kept")
        told.append("visit")
    assert told == ["mark written", "visit", "commit", "mark kept"]
    await ride
    assert await kept(database, "mark", "visit") == ["mark", "visit"]


async def test_where_nobody_writes_it_goes_alone(database: Database) -> None:
    told = list[str]()
    await database.ride(noting("mark", told), 0.0)
    assert told == ["mark written", "mark kept"]
    assert await kept(database, "mark") == ["mark"]


async def test_its_failure_is_its_own(database: Database) -> None:
    told = list[str]()
    ride, other = await aboard(database, failing, noting("mark", told))
    async with database.transaction() as tx:
        await settings.set(tx, "visit", "kept")
    with pytest.raises(LookupError):
        await ride
    assert await kept(database, "visit", "mark", "broken") == ["visit"]
    async with database.transaction():
        pass
    await other
    assert await kept(database, "mark", "broken") == ["mark"]


async def test_after_the_failure_of_the_other_it_goes_with_the_next(database: Database) -> None:
    told = list[str]()
    (ride,) = await aboard(database, noting("mark", told))

    async def torn() -> None:
        async with database.transaction() as tx:
            await settings.set(tx, "visit", "kept")
            raise LookupError

    with pytest.raises(LookupError):
        await torn()
    assert told == ["mark written"]
    assert await kept(database, "mark", "visit") == []
    async with database.transaction():
        pass
    await ride
    assert told == ["mark written", "mark written", "mark kept"]
    assert await kept(database, "mark") == ["mark"]


async def test_a_commit_that_is_refused_keeps_nobody_from_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, commit, refusals = list[str](), Database._commit, [ConnectionError()]

    async def refusing(database: Database, turn: Any) -> None:
        if refusals:
            await turn.rollback()
            raise refusals.pop()
        await commit(database, turn)

    monkeypatch.setattr(Database, "_commit", refusing)
    (ride,) = await aboard(database, noting("mark", told))
    with pytest.raises(ConnectionError):
        async with database.transaction():
            pass
    async with database.transaction():
        pass
    await ride
    assert told == ["mark written", "mark written", "mark kept"]
    assert await kept(database, "mark") == ["mark"]


async def test_who_goes_away_before_is_left_behind(database: Database) -> None:
    told = list[str]()
    (ride,) = await aboard(database, noting("mark", told))
    ride.cancel()
    await asyncio.wait([ride])
    async with database.transaction():
        pass
    assert ride.cancelled()
    assert told == []


async def test_who_goes_away_in_the_midst_is_told_all_the_same(database: Database) -> None:
    """What was committed is so, whether anybody waits for it or not."""
    told = list[str]()
    (ride,) = await aboard(database, noting("mark", told))
    async with database.transaction():
        ride.cancel()
        await asyncio.wait([ride])
    assert told == ["mark written", "mark kept"]
    assert await kept(database, "mark") == ["mark"]


async def test_where_the_other_is_cancelled_in_its_commit_it_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, commit, begun = list[str](), Database._commit, asyncio.Event()

    async def slow(database: Database, turn: Any) -> None:
        begun.set()
        await asyncio.sleep(0.02)
        await commit(database, turn)

    monkeypatch.setattr(Database, "_commit", slow)
    (ride,) = await aboard(database, noting("mark", told))

    async def other() -> None:
        async with database.transaction():
            pass

    task = asyncio.create_task(other())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    await ride
    assert told == ["mark written", "mark kept"]


async def test_whose_patience_ends_aboard_makes_no_transaction_of_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, commit = list[object](), Database._commit

    async def counted(database: Database, turn: Any) -> None:
        commits.append(turn)
        await commit(database, turn)

    monkeypatch.setattr(Database, "_commit", counted)
    ride = asyncio.create_task(database.ride(noting("mark", []), 0.01))
    await asyncio.sleep(0)
    async with database.transaction():
        await asyncio.sleep(0.05)
    await ride
    assert len(commits) == 1
    assert await kept(database, "mark") == ["mark"]
