"""One writer, a snapshot beside it, nothing half-done."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from storage import settings
from storage.database import Database, open_database, unavailable
from storage.vault import Vault


async def test_what_is_committed_can_be_read_and_what_raised_cannot(database: Database) -> None:
    async with database.transaction() as tx:
        await settings.set(tx, "one", "kept")

    async def leave() -> None:
        async with database.transaction() as tx:
            await settings.set(tx, "two", "lost")
            raise SystemExit

    with pytest.raises(SystemExit):
        await leave()
    async with database.reading() as tx:
        assert await settings.get(tx, "one") == "kept"
        assert await settings.get(tx, "two") is None


async def test_after_a_commit_that_was_refused_the_next_one_can_write(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.run(text("CREATE TABLE above (id INTEGER PRIMARY KEY)"))
        referring = "INTEGER REFERENCES above (id) DEFERRABLE INITIALLY DEFERRED"
        await tx.run(text(f"CREATE TABLE below (above {referring})"))

    async def refused() -> None:
        async with database.transaction() as tx:
            await settings.set(tx, "one", "lost")
            await tx.run(text("INSERT INTO below VALUES (7)"))

    with pytest.raises(IntegrityError):
        await refused()
    async with database.transaction() as tx:
        assert await settings.get(tx, "one") is None
        await settings.set(tx, "two", "kept")
        if database.is_sqlite:  # the new connection is told what the old one was
            assert await tx.row(text("PRAGMA synchronous")) == (2,)
    async with database.reading() as tx:
        assert await settings.get(tx, "two") == "kept"


async def test_a_connection_that_cannot_even_roll_back_is_left_to_itself(sqlite_url: str, vault: Vault) -> None:
    database = open_database(sqlite_url, vault)

    async def torn() -> None:
        async with database.transaction() as tx:
            await settings.set(tx, "one", "lost")
            tx._raw.close()
            raise LookupError

    with pytest.raises(ProgrammingError):
        await torn()
    async with database.transaction() as tx:
        assert await settings.get(tx, "one") is None
    await database.close()


async def test_what_was_closed_opens_again_for_who_writes(database: Database) -> None:
    for value in ("one", "two"):
        async with database.transaction() as tx:
            await settings.set(tx, "what", value)
        await database.close()
    async with database.reading() as tx:
        assert await settings.get(tx, "what") == "two"


async def test_two_processes_writing_at_once_lose_nothing(database: Database, database_url: str, vault: Vault) -> None:
    other = open_database(database_url, vault)

    async def count(where: Database) -> None:
        for _ in range(10):
            async with where.transaction() as tx:
                seen = int(await settings.get(tx, "count") or 0)
                await asyncio.sleep(0)
                await settings.set(tx, "count", str(seen + 1))

    await asyncio.gather(count(database), count(other), count(database))
    await other.close()
    async with database.reading() as tx:
        assert await settings.get(tx, "count") == "30"


async def test_a_reader_neither_waits_for_the_writer_nor_sees_its_work_before_the_commit(database: Database) -> None:
    async with database.transaction() as tx:
        await settings.set(tx, "one", "old")
    async with database.transaction() as tx, database.reading() as reader:
        await settings.set(tx, "one", "new")
        assert await settings.get(reader, "one") == "old"


async def test_cancelled_at_any_moment_all_or_nothing_stays_and_the_next_can_write(database: Database) -> None:
    async def write(value: str) -> None:
        async with database.transaction() as tx:
            await settings.set(tx, "one", value)
            await settings.set(tx, "two", value)

    outcomes = set()
    for moment in range(30):
        task = asyncio.create_task(write(str(moment)))
        for _ in range(moment):
            await asyncio.sleep(0.0002)
        task.cancel()
        await asyncio.wait({task})
        async with database.transaction() as tx:
            one, two = await settings.get(tx, "one"), await settings.get(tx, "two")
            await settings.set(tx, "three", str(moment))
        assert one == two
        assert task.cancelled() or one == str(moment)
        outcomes.add(one == str(moment))
    assert outcomes == {False, True}


async def test_a_database_that_cannot_be_reached_is_told_from_a_bug(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = tmp_path_factory.mktemp("gone") / "no" / "such" / "folder" / "district.db"
    for url in (f"sqlite:///{nowhere}", "postgresql://nobody@/none?host=" + str(nowhere.parent)):
        gone = open_database(url, Vault("0001:" + "A" * 43 + "="))
        with pytest.raises(Exception) as caught:  # noqa: PT011
            async with gone.transaction():
                pass
        assert unavailable(caught.value)
        await gone.close()
    while any("_connection_worker" in thread.name for thread in threading.enumerate()):
        await asyncio.sleep(0.01)  # the driver's thread still answers to this loop
