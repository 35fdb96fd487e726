"""The clockwork: each minute, rule by rule, what fell due. APScheduler wakes it; what is due is in the database.

Each rule has a transaction and a last tick of its own: one that fails is logged and tried again, and the others go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.engine.duty import Rule, Tick
from bot.engine.message import queued
from bot.engine.registry import Registry
from storage import outbox, ticks
from storage.database import Database

log = structlog.get_logger()
BEAT = 5.0
"""Seconds between two looks at what moves faster than once a minute."""


class Clockwork:
    def __init__(
        self,
        database: Database,
        registry: Registry,
        zone: tzinfo,
        now: Callable[[], datetime],
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._zone = zone
        self._now = now
        self._committed = committed
        self._scheduler = AsyncIOScheduler(timezone=str(zone))

    def start(self) -> None:
        """A tick each minute from now on; late ones run late, missed ones as one."""
        self._scheduler.add_job(
            self.tick, "interval", minutes=1, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.add_job(
            self.beat, "interval", seconds=BEAT, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        for rule in self._registry.rules:
            await self._try(rule, self._run)

    async def beat(self) -> None:
        """Only rules in which something moves; where nothing does, a look costs no write."""
        for rule in self._registry.rules:
            await self._try(rule, self._look)

    async def _try(self, rule: Rule, work: Callable[[Rule], Awaitable[None]]) -> None:
        try:
            await work(rule)
        except Exception as error:  # noqa: BLE001 a failing rule must not stop the others
            log.error("rule failed", rule=rule.name, error=type(error).__name__)

    async def _look(self, rule: Rule) -> None:
        if rule.astir is None:
            return
        async with self._database.reading() as tx:
            moves = await rule.astir(tx, self._now())
        if moves:
            await self._run(rule)

    async def _run(self, rule: Rule) -> None:
        now = self._now()
        async with self._database.transaction() as tx:
            since = await ticks.last(tx, rule.name) or now
            messages = await rule.run(tx, Tick(since, now, self._zone, self._registry.flows))
            await outbox.put(tx, [queued(message, now) for message in messages])
            await ticks.set(tx, rule.name, now)
        if messages:
            self._committed()
