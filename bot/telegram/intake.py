"""The polling loop: an update is acknowledged only after `handle` has committed it.

Telegram deletes what lies below the offset of the next poll, and nothing else acknowledges. So the offset moves after
the commit, and whatever happens before it brings the same updates again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.engine.turn import Heard
from bot.telegram.http import Api, told_to_wait
from bot.telegram.parse import ALLOWED_UPDATES, Raw, Unparsable, parse, update_id

_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)
_LONGEST_WAIT = 30.0
_ANSWERS_AT_ONCE = 64
_REFUSALS = 3
_MANY = 8
_GATHERING = 0.003
"""After the commit of a batch of many, the next one is given so many seconds to grow: half the commits, and nobody
alone waits for it. Sending the answers takes some of that time already."""

HeardFrom = Callable[[bool], Awaitable[None]]
Handle = Callable[[Sequence[Raw]], Awaitable[None]]
"""Commits a batch of raw updates (1 to 100). Whatever it raises: nothing is acknowledged, and the batch comes again."""


class TokenRefused(Exception):
    """The server does not know this token. One plain line, without the token."""

    def __init__(self) -> None:
        super().__init__("Telegram does not know this BOT_TOKEN: check it, or ask @BotFather for a new one.")


def parsing(
    take: Callable[[Sequence[Heard]], Awaitable[None]],
    keep: Callable[[int, Raw], Awaitable[None]],
    now: Callable[[], datetime],
) -> Handle:
    """A Handle that gives the readable ones to `take`, together, and each unreadable one to `keep`."""

    async def handle(batch: Sequence[Raw]) -> None:
        heard, received = [], now()
        for raw in batch:
            try:
                turn = parse(raw, received)
            except Unparsable as error:
                _LOG.warning("update %d could not be read and is kept", error.update_id)
                await keep(error.update_id, _storable(raw))
                continue
            if turn is not None:
                heard.append(Heard(turn, raw))
        if heard:
            await take(heard)

    return handle


def _storable(raw: Any) -> Raw:
    """The same, as an object that can be written as UTF-8: half surrogate pairs are replaced."""
    tame = json.loads(json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace"))
    return tame if isinstance(tame, dict) else {"update": tame}


class Intake:
    """`run()` until `stop()` or cancellation, either of which finishes the batch in hand.

    `last_poll` is the moment (time.monotonic) of the last good poll. `caught_up` is set once Telegram had nothing more,
    and cleared when the connection is lost: answers may wait there. `failures` counts those since the last success;
    `next_try` is when the wait after the last one ends. `taken` counts the updates. `pause` is awaited before each
    further poll. `heard` is told of each good poll that left nothing behind: True after a failure, and the first time.
    """

    def __init__(
        self,
        api: Api,
        handle: Handle,
        *,
        long_poll: int = 50,
        pause: Callable[[], Awaitable[None]] | None = None,
        heard: HeardFrom | None = None,
    ) -> None:
        self.last_poll = self.next_try = time.monotonic()
        self.caught_up = asyncio.Event()
        self.taken = 0
        self._api, self._handle, self._long_poll, self._pause = api, handle, long_poll, pause
        self._heard = heard
        self._stopping = asyncio.Event()
        self._offset = self._refusals = 0
        self._dealt_with = 0.0
        self.failures = 0
        self._taps = deque[str]()
        self._answers: set[asyncio.Future[Any]] = set()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Raises TokenRefused where the server goes on not knowing the token; anything else is waited out."""
        try:
            while not self._stopping.is_set():
                batch = await self._poll()
                if batch is not None:
                    await self._take(batch)
        finally:
            await self._finish_answers()

    async def _take(self, batch: list[Raw]) -> None:
        if batch:
            if not await self._commit(batch):
                return
            self.taken += len(batch)
            self._offset = next((number + 1 for raw in reversed(batch) if (number := update_id(raw))), self._offset)
        if len(batch) < 100:
            if not await self._tell():
                return
            self.caught_up.set()
        self.failures = 0
        if len(batch) >= _MANY:
            await asyncio.sleep(self._dealt_with + _GATHERING - time.monotonic())
        if self._pause is not None:
            await self._pause()

    async def _tell(self) -> bool:
        """False where it could not be told; then it is told again, in the same way."""
        if self._heard is None:
            return True
        try:
            await self._heard(not self.caught_up.is_set())
        except Exception as error:  # noqa: BLE001 the database may be away
            self.caught_up.clear()
            await self._wait_after(error, "looking back")
            return False
        return True

    async def _poll(self) -> list[Raw] | None:
        """None where there was no good answer, after a wait."""
        try:
            batch = await self._unless_stopped(self._ask())
        except Exception as error:  # noqa: BLE001 polling ends by one error only; what it was is logged
            self._refusals += isinstance(error, InvalidToken)
            if self._refusals > _REFUSALS:
                _LOG.critical("Telegram does not know the token: the process ends")
                raise TokenRefused from None
            self.caught_up.clear()
            await self._wait_after(error, "poll")
            return None
        if batch is None:
            return None
        self.last_poll, self._refusals = time.monotonic(), 0
        return batch

    async def _ask(self) -> list[Raw]:
        patience = self._long_poll if self.caught_up.is_set() else 0
        query = {"offset": self._offset, "timeout": patience, "limit": 100, "allowed_updates": ALLOWED_UPDATES}
        answer = await self._api.call("getUpdates", query, seconds=self._long_poll + 10.0)
        if not isinstance(answer, list):
            raise TelegramError("getUpdates gave no list")
        if answer and not any(update_id(raw) for raw in answer):
            raise TelegramError("no update has a number")
        return answer

    async def _commit(self, batch: list[Raw]) -> bool:
        """False where it was not committed. A cancellation is passed on after the commit.

        Taps are answered as soon as that waits for something, be it for the disk.
        """
        work = asyncio.ensure_future(self._deal_with(batch))
        asyncio.get_running_loop().call_soon(self._answer_taps, batch)  # behind the beginning of a commit
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            if not work.cancelled():
                await asyncio.gather(work, return_exceptions=True)
            raise
        except Exception as error:  # noqa: BLE001 nothing was acknowledged, so the batch comes again
            self.caught_up.clear()
            await self._wait_after(error, "commit")
            return False
        return True

    async def _deal_with(self, batch: list[Raw]) -> None:
        await self._handle(batch)
        self._dealt_with = time.monotonic()

    async def _wait_after(self, error: Exception, what: str) -> None:
        """Growing waits with jitter. An error's text may quote people: it is not logged."""
        self.failures += 1
        wait = min(_LONGEST_WAIT, 0.5 * 2**self.failures) * random.uniform(0.6, 1.0)
        if isinstance(error, RetryAfter):
            wait = max(wait, told_to_wait(error))
        self.next_try = time.monotonic() + wait
        why = "another process polls with this token" if isinstance(error, Conflict) else type(error).__name__
        _LOG.warning("%s failed (%s), the %d. time; again in %.1f s", what, why, self.failures, wait)
        await self._unless_stopped(asyncio.sleep(wait))

    async def _unless_stopped(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """None where `stop()` came first: then the work is cancelled."""
        task, stop = asyncio.ensure_future(work), asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            stop.cancel()
            task.cancel()

    def _answer_taps(self, batch: Sequence[Any]) -> None:
        """Soon, empty, and beside everything else: a tap that is not answered keeps turning on the phone."""
        for raw in batch:
            tap = raw.get("callback_query") if isinstance(raw, dict) else None
            if isinstance(tap, dict) and isinstance(tap.get("id"), str):
                self._taps.append(tap["id"])
        self._answer_some()

    def _answer_some(self) -> None:
        """One try each: an answer that comes too late is refused, and by then nobody waits for it."""
        while self._taps and len(self._answers) < _ANSWERS_AT_ONCE:
            answer = self._api.tell("answerCallbackQuery", {"callback_query_id": self._taps.popleft()}, seconds=10.0)
            self._answers.add(answer)
            answer.add_done_callback(self._answered)

    def _answered(self, answer: asyncio.Future[Any]) -> None:
        self._answers.discard(answer)
        if not answer.cancelled() and (error := answer.exception()):
            _LOG.debug("a tap was not answered (%s)", type(error).__name__)
        self._answer_some()

    async def _finish_answers(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                while self._answers:
                    await asyncio.wait(self._answers)
        self._taps.clear()
        for answer in list(self._answers):
            answer.cancel()
