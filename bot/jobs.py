"""Runs the jobs that were asked for, one after the other, beside the Turns: nobody waits for a page to be set.

A job is taken from the table and leaves it in the transaction that stores its result; a restart begins it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.engine.job import Job, Made, Means
from bot.engine.message import Message, queued
from bot.engine.registry import Registry
from storage import documents, jobs, outbox
from storage.database import Database, Tx, unavailable
from storage.jobs import Asked

log = structlog.get_logger()
MOST_ATTEMPTS = 3
_LONGEST = 120.0
_PAUSE = timedelta(seconds=30)
_LOOK_AGAIN = 5.0
_AT_ONCE = 4


class Workshop:
    """`run()` until cancelled; `wake()` after each commit."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        means: Means,
        now: Callable[[], datetime],
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._means, self._now, self._committed = database, means, now, committed
        self._jobs = {job.name: job for job in registry.jobs}
        self._woken, self._bench = asyncio.Event(), asyncio.Lock()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.drain()
            except Exception as error:
                if not unavailable(error):
                    raise
                log.warning("jobs wait for the database", error=type(error).__name__)
            try:
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def drain(self) -> None:
        """Until no job is due; those put off are not."""
        async with self._bench:
            while asked := await self._due():
                for one in asked:
                    await self._do(one)

    async def _due(self) -> list[Asked]:
        async with self._database.reading() as tx:
            return await jobs.due(tx, self._now(), _AT_ONCE)

    async def _do(self, asked: Asked) -> None:
        job = self._jobs.get(asked.kind)
        try:
            if job is None:
                raise LookupError(asked.kind)
            async with asyncio.timeout(_LONGEST):
                made = await job.run(self._means, asked.body)
        except Exception as error:  # noqa: BLE001 a job that fails must not stop the others
            await self._failed(asked, job, type(error).__name__)
            return
        await self._store(asked, made)

    async def _store(self, asked: Asked, made: Made) -> None:
        now = self._now()
        async with self._database.transaction() as tx:
            if await jobs.done(tx, asked.id, now):
                await documents.add(tx, made.documents, now)
                await _put(tx, asked, made.messages, now)
        self._committed()

    async def _failed(self, asked: Asked, job: Job | None, error: str) -> None:
        log.error("job failed", job=asked.kind, error=error)
        now = self._now()
        async with self._database.transaction() as tx:
            if job and asked.attempts + 1 < MOST_ATTEMPTS:
                await jobs.put_off(tx, asked, error, now + _PAUSE)
                return
            await jobs.give_up(tx, asked, error, now)
            if job:
                await _put(tx, asked, job.sorry(asked.body), now)
        self._committed()


async def _put(tx: Tx, asked: Asked, messages: Sequence[Message], now: datetime) -> None:
    keyed = [one._replace(key=one.key or f"job:{asked.id}:{place}") for place, one in enumerate(messages)]
    await outbox.put(tx, [queued(one, now) for one in keyed])
