"""Slow work: its result is stored once, a crash repeats it, what always fails is given up with a word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.app import registry
from bot.engine.i18n import Languages
from bot.engine.job import Job, Made, Means
from bot.engine.message import Message
from bot.engine.registry import Registry, check
from bot.jobs import MOST_ATTEMPTS, Workshop
from care.records.fields import Media, MediaKind
from care.text import words
from storage import documents, jobs, outbox
from storage.database import Database, open_database
from storage.documents import Document
from storage.vault import Vault, new_key

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


@dataclass
class Time:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Work:
    """A job that counts how often it was begun."""

    begun: list[str] = field(default_factory=list)
    fails: int = 0

    async def run(self, means: Means, asked: Mapping[str, Any]) -> Made:
        self.begun.append(asked["what"])
        if len(self.begun) <= self.fails:
            raise ValueError("something private")
        media = Media(kind=MediaKind.FILE, file_id="", document="doc" + asked["what"])
        return Made([Message(7, text=words("there"), media=media)], [Document("doc" + asked["what"], "a.pdf", b"%PDF")])

    def sorry(self, asked: Mapping[str, Any]) -> list[Message]:
        return [Message(7, text=words("sorry"))]


@pytest.fixture
async def database(database_url: str) -> Any:
    opened = open_database(database_url, Vault(new_key()))
    yield opened
    await opened.close()


async def nothing(media: Media) -> bytes:
    return b""


def workshop(
    database: Database, work: Work, now: Callable[[], datetime], languages: Languages | None = None
) -> Workshop:
    known: Registry = check([], [], [], (), [Job("page", work.run, work.sorry)])
    return Workshop(database, known, Means(languages, nothing), now)  # type: ignore[arg-type]


async def said(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return [due.body["text"]["t"] for due in await outbox.due(tx, NOW + timedelta(hours=1), 99)]


async def ask(database: Database, *what: str) -> None:
    async with database.transaction() as tx:
        for one in what:
            await jobs.ask(tx, "page", {"what": one}, NOW)


async def test_what_was_asked_for_is_sent_once(database: Database) -> None:
    work = Work()
    await ask(database, "1", "2", "3", "4", "5")
    await asyncio.gather(workshop(database, work, Time()).drain(), workshop(database, Work(), Time()).drain())
    await workshop(database, work, Time()).drain()
    assert await said(database) == ["there"] * 5
    async with database.transaction() as tx:
        assert await documents.one(tx, "doc3") == Document("doc3", "a.pdf", b"%PDF")
        assert await documents.forget(tx, NOW + timedelta(days=8)) == 5
        assert await documents.one(tx, "doc3") is None


async def test_a_crash_before_the_result_is_stored_begins_it_again(database: Database) -> None:
    await ask(database, "1")
    started = asyncio.Event()

    async def endless(means: Means, asked: Mapping[str, Any]) -> Made:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    running: Callable[..., Awaitable[Made]] = endless
    known = check([], [], [], (), [Job("page", running, Work().sorry)])
    first = asyncio.create_task(Workshop(database, known, Means(None, nothing), Time()).run())  # type: ignore[arg-type]
    await started.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    work = Work()
    await workshop(database, work, Time()).drain()
    assert work.begun == ["1"]
    assert await said(database) == ["there"]


async def test_what_fails_is_tried_again_later(database: Database) -> None:
    work, time = Work(fails=1), Time()
    await ask(database, "1")
    await workshop(database, work, time).drain()
    assert await said(database) == []
    time.now += timedelta(minutes=1)
    await workshop(database, work, time).drain()
    assert await said(database) == ["there"]


async def test_what_always_fails_is_given_up_with_a_word(database: Database) -> None:
    work, time = Work(fails=99), Time()
    await ask(database, "1")
    for _ in range(MOST_ATTEMPTS + 2):
        await workshop(database, work, time).drain()
        time.now += timedelta(minutes=1)
    assert len(work.begun) == MOST_ATTEMPTS
    assert await said(database) == ["sorry"]


def test_the_bot_has_jobs() -> None:
    assert "monthly_report" in [job.name for job in registry().jobs]
