"""The courier: takes what is due from the outbox and sends it, chats side by side, in order within a chat.

What became of the messages is written in batches, one transaction for many chats; a chat is free for its next messages
only once that is committed. So a crash can double what was in flight and no more.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta

from bot.engine.i18n import Languages
from bot.telegram.errand import Errand, Means, Pace, sends_media
from bot.telegram.http import Api
from bot.telegram.verdict import patience
from storage import outbox, people
from storage.database import Database, Tx
from storage.outbox import Due, Result

_LOG = logging.getLogger(__name__)
_LOOK_AGAIN = 1.0
_AHEAD = 4
_IN_A_ROW = 10
_AFTER_A_BUG = timedelta(minutes=1)

Refused = Callable[[Tx, Sequence[Due]], Awaitable[Collection[int]]]
"""Looks at due messages just before they are sent: the ids of those that may not be sent any more."""


class Courier:
    """`run()` until `stop()`. `wake()` after each commit; without it the outbox is looked at once a second.

    `outcomes` counts what became of the attempts, by state ('queued': put off).
    """

    def __init__(
        self,
        database: Database,
        api: Api,
        languages: Languages,
        now: Callable[[], datetime],
        *,
        refused: Refused | None = None,
        pace: Pace | None = None,
        at_once: int = 64,
    ) -> None:
        self._database, self._now, self._refused, self._at_once = database, now, refused, at_once
        self._means = Means(api, languages, now, self._report, pace)
        self.outcomes: Counter[str] = Counter()
        self._woken, self._idle, self._stopped = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._stopping, self._asked = False, True
        self._errands: dict[int, Errand] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._results: list[Result] = []
        self._over: list[Errand] = []
        self._held: dict[int, datetime] = {}
        self._misses = 0
        self._offline_until: datetime | None = None

    def wake(self) -> None:
        """Something was committed to the outbox."""
        self._asked = True
        self._woken.set()

    async def run(self) -> None:
        """Cancellation leaves what was in flight to the next start."""
        self._stopped.clear()
        try:
            await self._persist(self._recover)
            while self._goes_on():
                self._woken.clear()
                await self._persist(self._round)
                if not self._asked and self._goes_on():
                    await self._rest()
        finally:
            for task in self._tasks.values():
                task.cancel()
            self._stopped.set()

    async def drain(self, seconds: float = 10.0) -> None:
        """Waits until nothing is due and nothing in flight; what was put off is not due. Raises TimeoutError."""
        self._idle.clear()
        self.wake()
        await asyncio.wait_for(self._idle.wait(), seconds)

    async def stop(self, seconds: float = 10.0) -> None:
        """Takes nothing new and waits for what is in hand. Raises TimeoutError. Only for a courier that runs."""
        self._stopping = True
        for errand in self._errands.values():
            errand.recalled = True
        self.wake()
        await asyncio.wait_for(self._stopped.wait(), seconds)

    def _goes_on(self) -> bool:
        return bool(not self._stopping or self._tasks or self._results)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_AGAIN):
                await self._woken.wait()
        except TimeoutError:
            self._asked = True

    async def _persist(self, step: Callable[[], Awaitable[int]]) -> int:
        """A database that is gone or full is waited out: what is known stays in hand and is written when it is back."""
        try:
            return await step()
        except Exception as error:  # noqa: BLE001 its text may quote people, so only its kind is logged
            _LOG.error("the outbox could not be reached (%s)", type(error).__name__)
            await asyncio.sleep(_LOOK_AGAIN)
            self._asked = True
            return 0

    async def _recover(self) -> int:
        async with self._database.transaction() as tx:
            unknown = await outbox.recover(tx)
        if unknown:
            _LOG.warning("%d files were on their way at the last end: whether they arrived is not known", len(unknown))
        return len(unknown)

    def _report(self, result: Result) -> None:
        self.outcomes[result.state] += 1
        self._results.append(result)
        self._woken.set()

    async def _round(self) -> int:
        """Writes what is known and takes what is due; how many errands were started. Looks only where asked to."""
        results, over = self._results[:], self._over[:]
        for errand in over:
            self._settle(errand)
        finished = {errand.chat_id for errand in over}
        if results or over:
            taken = await self._write(results, over, finished)
        else:
            taken = await self._look() if self._asked else {}
        del self._results[: len(results)], self._over[: len(over)]
        for chat_id in finished:
            del self._tasks[chat_id], self._errands[chat_id]
        for chat_id, items in taken.items():
            self._start(chat_id, items)
        self._note_idle(len(taken))
        return len(taken)

    def _settle(self, errand: Errand) -> None:
        if errand.held_until is not None:
            self._held[errand.chat_id] = errand.held_until
        if not errand.offline:
            self._misses, self._offline_until = 0, None
        elif self._offline_until is None:
            self._offline_until = self._now() + timedelta(seconds=patience(self._misses))
            self._misses += 1

    def _note_idle(self, started: int) -> None:
        quiet = not (started or self._tasks or self._results or self._asked or self._woken.is_set())
        if quiet and self._offline_until is None:
            self._idle.set()

    async def _write(
        self, results: Sequence[Result], over: Sequence[Errand], finished: set[int]
    ) -> dict[int, list[Due]]:
        now = self._now()
        async with self._database.transaction() as tx:
            await outbox.mark(tx, results, now)
            for errand in over:
                if errand.unreachable:
                    await people.unreachable(tx, errand.chat_id, now)
            return await self._take(tx, finished)

    async def _look(self) -> dict[int, list[Due]]:
        """A look costs no write; only files must be claimed before they are sent."""
        async with self._database.reading() as tx:
            taken = await self._take(tx, set(), claiming=False)
        if not any(sends_media(due) for items in taken.values() for due in items):
            return taken
        async with self._database.transaction() as tx:
            return await self._take(tx, set())

    async def _take(self, tx: Tx, finished: set[int], *, claiming: bool = True) -> dict[int, list[Due]]:
        """What to start with now, by chat. `finished` are chats whose errand is just being written down."""
        now, self._asked = self._now(), False
        self._held = {chat_id: until for chat_id, until in self._held.items() if until > now}
        busy = (self._tasks.keys() - finished) | self._held.keys()
        free = self._at_once - len(self._tasks.keys() - finished)
        if self._offline_until is not None and self._offline_until <= now:
            self._offline_until = None
        if self._stopping or free <= 0 or self._offline_until is not None:
            return {}
        due = await outbox.due(tx, now, free * _AHEAD, busy)
        self._asked = self._asked or len(due) == free * _AHEAD
        taken = _by_chat(await self._allowed(tx, due), free)
        if claiming:
            files = [due.id for items in taken.values() for due in items if sends_media(due)]
            if files:
                await outbox.claim(tx, files)
        return taken

    async def _allowed(self, tx: Tx, found: Sequence[Due]) -> Sequence[Due]:
        if self._refused is None or not found:
            return found
        refused = set(await self._refused(tx, found))
        for due in found:
            if due.id in refused:
                self._report(Result(due.id, "cancelled", error="may not be sent any more", attempts=due.attempts))
        return [due for due in found if due.id not in refused]

    def _start(self, chat_id: int, items: Sequence[Due]) -> None:
        errand = self._errands[chat_id] = Errand(chat_id, items, self._means, recalled=self._stopping)
        self._tasks[chat_id] = asyncio.create_task(self._carry_out(errand))

    async def _carry_out(self, errand: Errand) -> None:
        try:
            await errand.run()
        except Exception as error:  # noqa: BLE001 as above
            _LOG.error("the messages of one chat could not be sent (%s)", type(error).__name__)
            errand.held_until = self._now() + _AFTER_A_BUG
        finally:
            self._over.append(errand)
            self._woken.set()


def _by_chat(found: Sequence[Due], most: int) -> dict[int, list[Due]]:
    """The most urgent chats, each with the first of its messages in order."""
    chats: defaultdict[int, list[Due]] = defaultdict(list)
    for due in found:
        if due.chat_id in chats or len(chats) < most:
            chats[due.chat_id].append(due)
    return {chat_id: items[:_IN_A_ROW] for chat_id, items in chats.items()}
