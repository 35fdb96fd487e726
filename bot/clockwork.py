"""The clockwork: each minute, rule by rule, what fell due. APScheduler wakes it; what is due is in the database.

Each rule has a transaction and a last tick of its own: one that fails is logged and tried again, and the others go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.engine.duty import Duty, Rule, Tick
from bot.engine.keepers import coordinators
from bot.engine.message import Message, Priority, queued
from bot.engine.nudging import deliver
from bot.engine.registry import Registry
from bot.steady import Move
from care.calendar import Calendar
from care.text import T
from storage import calendar, outbox, ticks
from storage.database import Database, Tx

log = structlog.get_logger()
BEAT = 5.0
"""Seconds between two looks at what moves faster than once a minute."""


CLOCK_MOVED = T(
    "⏱ The clock of my computer was moved from {before} to {after}. What I say may come early or late. Please tell "
    "whoever looks after it."
)
CLOCK_WRONG = T(
    "⏱ The clock of my computer is wrong: it says {after}. I go on as if it were {before}. Please tell whoever looks "
    "after it."
)


class Clockwork:
    def __init__(
        self,
        database: Database,
        registry: Registry,
        zone: tzinfo,
        now: Callable[[], datetime],
        committed: Callable[[], None] = lambda: None,
        moves: Callable[[], Sequence[Move]] = tuple,
    ) -> None:
        self._moves = moves
        self.moved: Move | None = None
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
        """Duties first, then what only tidies up, and last what gathers what the duties left for it."""
        for move in self._moves():
            log.error("the clock has moved", minutes=move.minutes, believed=move.believed)
            self.moved = move
            await self._guarded("clock", self._tell(move))
        await self._guarded("clockwork", self._go_round())

    async def _go_round(self) -> None:
        self._committed()  # the clock may have been turned to where something that waited is due
        days = await self._days()
        rules = self._registry.rules
        first, last = [rule for rule in rules if not rule.last], [rule for rule in rules if rule.last]
        for rule in first:
            await self._guarded(rule.name, self._run(rule, days))
        for duty in self._registry.duties:
            await self._guarded(duty.name, self._run_duty(duty, days))
        for rule in last:
            await self._guarded(rule.name, self._run(rule, days))

    async def _days(self) -> Calendar:
        """As it stands when the round begins; who changes it meanwhile is heard in the next."""
        async with self._database.reading() as tx:
            return await calendar.load(tx)

    async def beat(self) -> None:
        """Only rules in which something moves; where nothing does, a look costs no write."""
        for rule in self._registry.rules:
            await self._guarded(rule.name, self._look(rule))

    async def _guarded(self, name: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 a failing rule must not stop the others
            log.error("rule failed", rule=name, error=type(error).__name__)

    async def _tell(self, move: Move) -> None:
        """The coordinators know who looks after the machine. Nothing else hangs on it: every key is said once."""
        now = self._now()
        text = (CLOCK_MOVED if move.believed else CLOCK_WRONG)(before=move.at, after=move.to)
        async with self._database.transaction() as tx:
            messages = [
                Message(
                    one.chat_id,
                    text=text,
                    person_id=one.person_id,
                    priority=Priority.NUDGE,
                    key=f"clock:{move.at:%Y%m%dT%H%M%S}:{one.person_id}",
                )
                for one in await coordinators(tx)
            ]
            await outbox.put(tx, [queued(message, now) for message in messages])
        self._committed()

    async def _look(self, rule: Rule) -> None:
        if rule.astir is None:
            return
        async with self._database.reading() as tx:
            moves = await rule.astir(tx, self._now())
        if moves:
            await self._run(rule, await self._days())

    async def _run(self, rule: Rule, days: Calendar) -> None:
        now = self._now()
        async with self._database.transaction() as tx:
            since = await ticks.last(tx, rule.name) or now
            messages = await rule.run(tx, self._moment(since, now, days))
            await outbox.put(tx, [queued(message, now) for message in messages])
            await ticks.set(tx, rule.name, now)
        if (
            messages or rule.astir is not None
        ):  # one in which something moves may have put some in by a statement of its own
            self._committed()

    async def _run_duty(self, duty: Duty, days: Calendar) -> None:
        now = self._now()
        async with self._database.transaction() as tx:
            tick = self._moment(await self._since(tx, duty, now), now, days)
            new = await deliver(tx, await duty.due(tx, tick), tick)
            await ticks.set(tx, duty.name, now)
        if new:
            self._committed()

    async def _since(self, tx: Tx, duty: Duty, now: datetime) -> datetime:
        """The last tick, as far as the duty reaches; on a sweep all that it reaches, but never before it began."""
        names = (duty.name, f"{duty.name}:first", f"{duty.name}:sweep")
        known = await ticks.known(tx, names)
        last, first, asked = map(known.get, names)
        if last is None or first is None:
            await ticks.set(tx, f"{duty.name}:first", now)
            return now
        if (asked and asked >= last) or self._night_between(last, now):
            return max(first, now - duty.reach)
        return max(last, now - duty.reach)

    def _night_between(self, last: datetime, now: datetime) -> bool:
        """Facts are often learned late: each night every duty looks at what it may have missed."""
        three = now.astimezone(self._zone).replace(hour=3, minute=0, second=0, microsecond=0)
        return last < three <= now

    def _moment(self, since: datetime, now: datetime, days: Calendar) -> Tick:
        return Tick(since, now, self._zone, self._registry.flows, days, self._registry.duties)
