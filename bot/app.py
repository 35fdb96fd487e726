"""The composition root: builds everything, hands it on by argument, holds nothing global."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path

import bot.duties
import bot.flows
import bot.handlers
import bot.reports
from bot.clockwork import Clockwork
from bot.engine.i18n import Languages
from bot.engine.job import Means
from bot.engine.pending import Pending
from bot.engine.registry import Registry, gather
from bot.gateway import Gateway
from bot.jobs import Workshop
from bot.outage import Outages
from bot.review import review_of
from bot.settings import Settings
from bot.steady import Move
from bot.telegram.bot import Channel, connect, hide_token
from bot.telegram.courier import Courier
from bot.telegram.intake import Intake, parsing
from bot.telegram.media import fetch
from bot.telegram.pace import Pacer, Rates
from storage import settings, soundness
from storage.database import Database, open_database, unavailable
from storage.hold import Hold, hold_district
from storage.migrations import migrate
from storage.vault import Vault

LOCALES = Path(__file__).parent.parent / "locales"
_LOG = logging.getLogger(__name__)
_TO_FINISH = 10.0
_BETWEEN_MARKS = 60.0


class HoldLost(Exception):
    """Another process may run the district from now on."""

    def __init__(self) -> None:
        super().__init__("The hold on the district was lost (the PostgreSQL session ended): the process ends.")


@cache
def registry() -> Registry:
    """Everything the bot can do; raises Unsound where a declaration is wrong."""
    return gather((bot.flows, bot.handlers, bot.duties, bot.reports))


@dataclass(frozen=True, slots=True)
class App:
    """A running district."""

    database: Database
    languages: Languages
    gateway: Gateway
    clockwork: Clockwork
    workshop: Workshop
    courier: Courier
    intake: Intake
    channel: Channel
    hold: Hold
    outages: Outages

    async def run(self) -> None:
        """Until one of its parts ends or it is cancelled; what is in hand is finished, for ten seconds at most.

        Raises TokenRefused and HoldLost.
        """
        work = (
            self.courier.run(),
            self.intake.run(),
            self._tick(),
            self.workshop.run(),
            self._until_lost(),
            self._leave_marks(),
        )
        parts = [asyncio.create_task(part) for part in work]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            self.clockwork.stop()
            self.intake.stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(_TO_FINISH):
                    await self._finish(parts[0], parts[1])
            await _end(parts)

    async def _tick(self) -> None:
        """The clock starts when Telegram has nothing more for us: answers may be waiting there."""
        await self.intake.caught_up.wait()
        await self.clockwork.tick()
        self.clockwork.start()
        await asyncio.Event().wait()

    async def _until_lost(self) -> None:
        await self.hold.lost.wait()
        raise HoldLost

    async def _leave_marks(self) -> None:
        """By which the next start knows that nothing was taken away from the database."""
        while True:
            await asyncio.sleep(_BETWEEN_MARKS)
            try:
                await soundness.note(self.database)
            except Exception as error:
                if not unavailable(error):
                    raise
                _LOG.warning("no mark could be left (%s)", type(error).__name__)

    async def _finish(self, courier: asyncio.Task[None], intake: asyncio.Task[None]) -> None:
        await asyncio.wait((intake,))
        if self.intake.caught_up.is_set():
            await self.outages.leave()
        if not courier.done():
            await self.courier.stop(_TO_FINISH)


async def _end(parts: Sequence[asyncio.Task[None]]) -> None:
    """One that does not end at once, since its database hangs, is left to the end of the process."""
    for part in parts:
        part.cancel()
    done, _ = await asyncio.wait(parts, timeout=1.0)
    for part in done:
        if not part.cancelled() and isinstance(error := part.exception(), Exception):
            _LOG.debug("ended with %s", type(error).__name__)


@asynccontextmanager
async def open_store(options: Settings) -> AsyncIterator[Database]:
    """The district's database, whole (Unsound), migrated to this version, with the key it was sealed with."""
    vault = Vault(options.seal_key.get_secret_value())
    options.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(options.database, vault)
    try:
        await soundness.inspect(database.file)
        await migrate(options.database)
        async with database.transaction() as tx:
            await settings.check_key(tx, vault)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_app(
    options: Settings, database: Database, now: Callable[[], datetime], moves: Callable[[], Sequence[Move]] = tuple
) -> AsyncIterator[App]:
    """The district as one process: a second one on the same database is refused (DistrictBusy). `moves`: how the
    clock was moved since it was last asked."""
    token = options.bot_token.get_secret_value()
    hide_token(token)
    abilities = registry()
    languages = Languages(LOCALES, options.zone, now)
    menus = {"" if name == "zh_Hans_CN" else name[:2]: _strangers_menu(languages, name) for name in languages.names}
    async with await hold_district(database) as hold, connect(token, options.bot_api_url, menus) as channel:
        await soundness.note(database)
        review = review_of(abilities, now, options.zone)
        courier = Courier(
            database,
            channel.api,
            languages,
            now,
            review=review,
            pace=_pacer(options),
            polls_fail=lambda: intake.failures > 0,
        )
        means = Means(languages, partial(fetch, channel.api))
        workshop = Workshop(database, abilities, means, now, committed=courier.wake)

        def committed(done: Pending) -> None:
            courier.carry(done.at_hand, more=done.more)
            if done.work:
                workshop.wake()

        gateway = Gateway(
            database,
            abilities,
            languages,
            options.zone,
            now,
            bot_username=channel.username,
            committed=committed,
        )
        clockwork = Clockwork(database, abilities, options.zone, now, committed=courier.wake, moves=moves)
        outages = Outages(database, abilities, languages, options.zone, now, committed=courier.wake)
        intake = Intake(channel.api, parsing(gateway.take, gateway.keep, now), heard=outages.heard)
        gc.freeze()
        yield App(database, languages, gateway, clockwork, workshop, courier, intake, channel, hold, outages)


def _strangers_menu(languages: Languages, language: str) -> list[tuple[str, str]]:
    """Before we know somebody: how to begin, and the language."""
    abilities = registry().commands
    return [
        (name, languages.render(about, language)) for name in ("help", "language") if (about := abilities[name].about)
    ]


def _pacer(options: Settings) -> Pacer:
    return Pacer(Rates(scale=options.pace) if options.pace else None)
