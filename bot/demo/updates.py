"""The queue behind getUpdates: only an offset acknowledges, and what is old disappears."""

import asyncio
import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.demo import limits
from bot.demo.errors import conflict

_ONLY_IF_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
# An offset further ahead than this is taken for a mistake, and the queue is read from its head.
_FUTURE = 10


@dataclass(frozen=True)
class Held:
    """One update in the queue, already JSON; `expires` in unix seconds."""

    update_id: int
    kind: str
    chat_id: int | None
    body: str
    expires: float


class UpdateQueue:
    """`repeat_hold` and `repeat_window` (real seconds): Telegram's brake on asking the same offset again at once."""

    def __init__(self, now: Callable[[], datetime], first_id: int = 100_000_001) -> None:
        self.now = now
        self.next_id = first_id
        self.allowed: frozenset[str] | None = None
        self.repeat_hold = 3.0
        self.repeat_window = 0.5
        self._held: list[Held] = []
        self._waiting: asyncio.Future[None] | None = None
        self._closed = False
        self._last_asked: tuple[int, float] | None = None

    def __len__(self) -> int:
        self._drop_expired()
        return len(self._held)

    @property
    def waiting(self) -> int:
        """How many polls wait: at most one does."""
        return int(self._waiting is not None and not self._waiting.done())

    def restart(self, at: int) -> None:
        """Go on counting from `at`, lower or higher, as happens after a quiet week."""
        self.next_id = at

    def clear(self) -> None:
        self._held = []

    def allows(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed is not None else kind not in _ONLY_IF_ASKED

    def allow(self, kinds: Collection[str] | None) -> None:
        """None keeps what was said last; an empty list is the default again."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def push(self, kind: str, update: dict[str, Any], *, chat_id: int | None, expires: float) -> int:
        """Queue an update, numbering it unless it brings its own update_id; the update_id."""
        update_id = update.get("update_id")
        if not isinstance(update_id, int):
            update_id = self.next_id
        self.next_id = update_id + 1
        body = json.dumps({"update_id": update_id, **update}, separators=(",", ":"))
        self._held.append(Held(update_id, kind, chat_id, body, expires))
        self._wake()
        return update_id

    async def poll(self, offset: int, *, limit: int, patience: float) -> list[Held]:
        """At most `limit` updates, waiting up to `patience` real seconds for the first; Refused when superseded."""
        limit, patience = self._brake(offset, limit, patience)
        if offset < 0:
            self._held = self._held[offset:]
            offset = 0
        batch = self._take(offset, limit)
        if batch or patience <= 0 or self._closed:
            return batch
        await self._wait(patience)
        return self._take(offset, limit)

    def close(self) -> None:
        """Let every waiting poll go, with nothing."""
        self._closed = True
        self._wake()

    def _brake(self, offset: int, limit: int, patience: float) -> tuple[int, float]:
        at = time.monotonic()
        last, self._last_asked = self._last_asked, (offset, at)
        if last is None or last[0] != offset:
            return limit, patience
        if at < last[1] + self.repeat_hold:
            patience = max(patience, self.repeat_hold)
        return (1 if at < last[1] + self.repeat_window else limit), patience

    async def _wait(self, seconds: float) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(
                conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
            )
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            return

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _drop_expired(self) -> None:
        now = self.now().timestamp()
        self._held = [held for held in self._held if held.expires >= now]

    def _take(self, offset: int, limit: int) -> list[Held]:
        self._drop_expired()
        if 0 < offset <= self.next_id + _FUTURE:
            self._held = [held for held in self._held if held.update_id >= offset]
        batch, size = self._held[:limit], 0
        for count, held in enumerate(batch):
            size += len(held.body)
            if size > limits.UPDATES_BYTES and count:
                return batch[:count]
        return batch
