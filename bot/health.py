"""The bot's health, on a port of this machine: /healthz for supervisors, /metrics for Prometheus. Figures only.

Nothing is counted here: the parts of the App keep their figures, and both pages look at them when they are asked for.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.app import App, registry
from storage import health
from storage.database import Database, unavailable
from storage.health import Stock
from storage.soundness import has_wal_reset_bug

HOST = "127.0.0.1"
POLL_LIMIT = 120.0
DUE_LIMIT = 900.0
TICK_LIMIT = 600.0
_TICK = 60.0
_PATIENCE = 5.0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class State:
    """One look at a running district; ages in seconds. `stock` is None where the database gave no answer."""

    bot: str
    poll_age: float
    poll_failures: int
    updates: int
    sends: Mapping[str, int]
    engine: str
    version: str
    stock: Stock | None
    due_age: float
    tick_late: Mapping[str, float]
    clock_moved: int = 0
    """Minutes by which the machine's clock was last moved since the start, within a day."""

    @property
    def ills(self) -> list[str]:
        """Why it is not well; empty where it is."""
        found = []
        if self.poll_age > POLL_LIMIT:
            found.append(f"no good poll for {self.poll_age:.0f} s ({self.poll_failures} failures since)")
        if self.stock is None:
            found.append("the database gives no answer")
        if self.due_age > DUE_LIMIT:
            found.append(f"a message has been due for {self.due_age:.0f} s")
        return found

    @property
    def warnings(self) -> list[str]:
        """What somebody should look at in time."""
        late = (rule for rule, seconds in self.tick_late.items() if seconds > TICK_LIMIT)
        found = [f"rule {rule} is late by {self.tick_late[rule]:.0f} s" for rule in late]
        if self.clock_moved:
            found.append(f"the clock of this machine was moved by {self.clock_moved} min")
        if self.has_wal_reset_bug:
            found.append(wal_reset_warning(self.version))
        if self.stock and (stuck := sum(self.stock.kept.values()) + sum(self.stock.dead.values())):
            found.append(f"{stuck} updates and messages wait for run.py check")
        return found

    @property
    def has_wal_reset_bug(self) -> bool:
        return self.engine == "sqlite" and has_wal_reset_bug(self.version)


def wal_reset_warning(version: str) -> str:
    return f"SQLite {version} has the WAL-reset bug: 3.51.3 and later are free of it"


class Health:
    """Looks at a running App."""

    def __init__(self, app: App, now: Callable[[], datetime]) -> None:
        self._app, self._now = app, now
        self._rules = [rule.name for rule in registry().rules]
        self._version = ""

    async def look(self) -> State:
        app, now = self._app, self._now()
        stock = await self._ask(app.database, now)
        since = stock.due_since if stock else None
        ticks = stock.ticks if stock else {}
        return State(
            bot=app.channel.username,
            poll_age=time.monotonic() - app.intake.last_poll,
            poll_failures=app.intake.failures,
            updates=app.intake.taken,
            sends=dict(app.courier.outcomes),
            engine="sqlite" if app.database.is_sqlite else "postgresql",
            version=self._version,
            stock=stock,
            due_age=max(0.0, (now - since).total_seconds()) if since else 0.0,
            tick_late={
                rule: max(0.0, (now - ticks[rule]).total_seconds() - _TICK) for rule in self._rules if rule in ticks
            },
            clock_moved=self._moved(now),
        )

    def _moved(self, now: datetime) -> int:
        move = self._app.clockwork.moved
        return move.minutes if move and abs(now - (move.to if move.believed else move.at)) < _DAY else 0

    async def _ask(self, database: Database, now: datetime) -> Stock | None:
        try:
            async with asyncio.timeout(_PATIENCE), database.reading() as tx:
                self._version = self._version or await health.version(tx, database.is_sqlite)
                return await health.look(tx, now)
        except Exception as error:
            if unavailable(error):
                return None
            raise


def report(state: State) -> tuple[int, dict[str, object]]:
    """The status and body of /healthz."""
    ills = state.ills
    body: dict[str, object] = {
        "well": not ills,
        "bot": state.bot,
        "reasons": ills,
        "warnings": state.warnings,
        "poll_age_seconds": round(state.poll_age, 1),
        "queued": state.stock.queued if state.stock else None,
        "due_age_seconds": round(state.due_age, 1),
        "database": f"{state.engine} {state.version}".strip(),
    }
    return HTTPStatus.SERVICE_UNAVAILABLE if ills else HTTPStatus.OK, body


def exposition(state: State) -> bytes:
    """The body of /metrics, by a registry of its own."""
    own = CollectorRegistry()
    ProcessCollector(registry=own)
    own.register(_Figures(state))
    return generate_latest(own)


class _Figures:
    """What prometheus_client calls a collector."""

    def __init__(self, state: State) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state
        yield _gauge("poll_age_seconds", "Since the last good poll.", state.poll_age)
        yield _gauge("poll_failures", "Polls and commits that failed since the last success.", state.poll_failures)
        yield CounterMetricFamily("xinqiao_updates", "Updates taken in and committed.", value=state.updates)
        yield _by(CounterMetricFamily("xinqiao_sends", "Attempts, by outcome.", labels=["outcome"]), state.sends)
        yield _by(
            GaugeMetricFamily("xinqiao_tick_late_seconds", "Beyond the minute between ticks.", labels=["rule"]),
            state.tick_late,
        )
        yield _gauge("clock_moved_minutes", "By how much the machine's clock was last moved.", state.clock_moved)
        yield _gauge("database_up", "Whether the database answers.", state.stock is not None)
        yield _which(state)
        yield _gauge("sqlite_wal_reset_bug", "Whether this SQLite has it.", state.has_wal_reset_bug)
        if state.stock:
            yield from _stock(state.stock, state.due_age)


def _stock(stock: Stock, due_age: float) -> Iterator[Metric]:
    yield _gauge("outbox_queued", "Messages waiting, due or not.", stock.queued)
    yield _gauge("outbox_due", "Messages that are due.", stock.due)
    yield _gauge("outbox_due_age_seconds", "How long the oldest due message has been due.", due_age)
    dead = GaugeMetricFamily("xinqiao_outbox_dead", "Messages that could not be sent.", labels=["state"])
    yield _by(dead, {"failed": 0, "unknown": 0} | dict(stock.dead))
    kept = GaugeMetricFamily("xinqiao_updates_kept", "Updates kept for repair.", labels=["state"])
    yield _by(kept, {"failed": 0, "unparsable": 0} | dict(stock.kept))


def _which(state: State) -> Metric:
    family = GaugeMetricFamily("xinqiao_database", "Which one, and its version.", labels=["engine", "version"])
    family.add_metric([state.engine, state.version or "?"], 1)
    return family


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"xinqiao_{name}", about, value=value)


def _by(family: CounterMetricFamily | GaugeMetricFamily, figures: Mapping[str, float]) -> Metric:
    for label, value in sorted(figures.items()):
        family.add_metric([label], value)
    return family


@asynccontextmanager
async def serve_health(health: Health, port: int) -> AsyncIterator[str]:
    """Serves until left; yields the base address. Port 0 takes any free one. Raises OSError where it is taken."""

    async def healthz(_: web.Request) -> web.Response:
        status, body = report(await health.look())
        return web.Response(status=status, text=json.dumps(body) + "\n", content_type="application/json")

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=exposition(await health.look()), headers={"Content-Type": CONTENT_TYPE_LATEST})

    pages = web.Application()
    pages.add_routes([web.get("/healthz", healthz), web.get("/metrics", metrics)])
    runner = web.AppRunner(pages, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
