"""The pacer: when the next call may go. Overall an even flow, in each chat one a second after a short burst.

Telegram counts real seconds, so the pacer does: its moments are those of the event loop, whatever clock the district
has. A limiter with a burst on top of its rate lets twice as many through in its first second. Here the flow may make
up for a moment in which the process was busy, and an answer need not wait for it, but never beyond what the server's
own second holds. The permit comes first: who waits for one is let through by urgency, not by when they came.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from bot.telegram.second import Second

_LATE: Final = 0.002
"""Seconds by which timers of the event loop come late."""
_MADE_UP: Final = 0.25
"""Of Telegram's seconds in which nothing could go, so much is made up for."""
_LOOK_AHEAD: Final = 0.25
_LONGEST_TURN: Final = 1.0
_ALARMING: Final = 3
_AT_ONE_TIME: Final = 10.0
_CALMS_DOWN: Final = 30.0
_SLOWED: Final = 0.05
"""So much slower, answers wait for the flow as well."""
_MOST_CHATS: Final = 4096


@dataclass(frozen=True, slots=True)
class Rates:
    """Calls per second over all chats and in one, after a burst of so many; and per minute in a group. `permitted`:
    what the server lets through in a second of its own, where `overall` is how evenly we use it.

    `scale` makes each of these seconds that much shorter, for tests and benches.
    """

    overall: float = 29.5
    permitted: float = 30.0
    per_chat: float = 1.0
    burst: int = 5
    per_group_minute: float = 20.0
    scale: float = 1.0

    @property
    def interval(self) -> float:
        """Real seconds between two calls."""
        return 1 / (self.overall * self.scale)

    def interval_in(self, chat_id: int) -> float:
        """Real seconds between two calls in one chat. In a group the burst is part of the minute's allowance."""
        every = 60 / (self.per_group_minute - self.burst) if chat_id < 0 else 1 / self.per_chat
        return every / self.scale


@dataclass(slots=True)
class Pacer:
    """Without `rates` nothing waits, but for what a 429 has closed. Used by one event loop."""

    rates: Rates | None = None
    _next: float = 0.0
    _chats: dict[int, float] = field(default_factory=dict)
    _waiting: list[tuple[int, int, int, asyncio.Future[bool]]] = field(default_factory=list)
    _count: int = 0
    _timer: asyncio.TimerHandle | None = None
    _shut_until: float = 0.0
    _limited: deque[tuple[float, int]] = field(default_factory=deque)
    _excess: float = 0.0
    _excess_at: float = 0.0
    _second: Second = field(init=False)

    def __post_init__(self) -> None:
        rates = self.rates or Rates()
        self._second = Second(rates.permitted, 1 / rates.scale)

    @property
    def ahead(self) -> float:
        """How many messages may stand ready for their permit: few, so that each is looked at just before it goes."""
        if self.shut():
            return 0
        return max(2, math.ceil(_LOOK_AHEAD / self.rates.interval)) if self.rates else math.inf

    def shut(self) -> float:
        """Real seconds for which Telegram wants to hear nothing at all from this bot."""
        return max(0.0, self._shut_until - _now())

    async def turn(self, chat_id: int, urgency: int, *, counts: bool = True) -> float:
        """Waits for a permit: 0 where the call may go now, else the real seconds for which the chat has to wait.

        The lower `urgency`, the sooner. `counts`: the chat's own limit counts it. What goes is under way until
        `answered`, or the chat's next turn.
        """
        wait = self.shut() or (self._in_chat(chat_id) if counts else 0.0)
        if wait or self.rates is None:
            return wait
        if not await self._permit(chat_id, urgency):
            return _LATE
        if counts:
            self._count_in(chat_id)
        return 0.0

    def answered(self, chat_id: int) -> None:
        """The call of this chat is over, however it went."""
        if self.rates is not None:
            self._second.leave(chat_id, _now())

    def told_to_wait(self, chat_id: int, seconds: float) -> None:
        """A 429 (of chat 0: of a call without a chat). Where several chats get one at a time it is meant for the bot:
        then nothing goes. Afterwards everything goes slower for a while."""
        now = _now()
        self._limited.append((now, chat_id))
        while self._limited[0][0] < now - _AT_ONE_TIME:
            self._limited.popleft()
        meant_for_all = not chat_id or len({chat for _, chat in self._limited}) >= _ALARMING
        if meant_for_all:
            self._shut_until = max(self._shut_until, now + seconds)
        self._excess, self._excess_at = min(3.0, self._excess_now(now) + (1.0 if meant_for_all else 0.1)), now

    def release(self) -> None:
        """Sends everybody who waits for a permit back, empty-handed."""
        for *_, permit in self._waiting:
            if not permit.done():
                permit.set_result(False)
        self._waiting.clear()

    def _excess_now(self, now: float) -> float:
        scale = self.rates.scale if self.rates else 1.0
        return self._excess * math.exp((self._excess_at - now) * scale / _CALMS_DOWN) if self._excess else 0.0

    def _in_chat(self, chat_id: int) -> float:
        if self.rates is None:
            return 0.0
        tolerated = (self.rates.burst - 1) * self.rates.interval_in(chat_id)
        return max(0.0, self._chats.get(chat_id, 0.0) - tolerated - _now())

    def _count_in(self, chat_id: int) -> None:
        assert self.rates
        now = _now()
        self._chats[chat_id] = max(self._chats.get(chat_id, 0.0), now) + self.rates.interval_in(chat_id)
        if len(self._chats) > _MOST_CHATS:
            self._chats = {chat: until for chat, until in self._chats.items() if until > now}

    async def _permit(self, chat_id: int, urgency: int) -> bool:
        if not (self._waiting and self._waiting[0][0] <= urgency) and not self._short_of(urgency):
            self._take(chat_id)
            return True
        permit: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._count += 1
        heappush(self._waiting, (urgency, self._count, chat_id, permit))
        self._arm(urgency)
        try:
            return await asyncio.wait_for(permit, _LONGEST_TURN)
        except TimeoutError:
            return False

    def _short_of(self, urgency: int) -> float:
        """Seconds until the next permit; 0: now."""
        now = _now()
        flow = max(0.0, self._next - _LATE - now) if urgency or self._excess_now(now) > _SLOWED else 0.0
        return flow or self._second.full(now)

    def _take(self, chat_id: int) -> None:
        assert self.rates
        now = _now()
        begins = max(self._next, now - _MADE_UP / self.rates.scale)
        self._next = begins + self.rates.interval * (1 + self._excess_now(now))
        self._second.enter(chat_id, now)

    def _arm(self, urgency: int) -> None:
        at = _now() + self._short_of(urgency)
        if self._timer is not None and self._timer.when() > at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(at, self._grant)

    def _grant(self) -> None:
        self._timer = None
        while self._waiting:
            urgency, _, chat_id, permit = self._waiting[0]
            if not permit.done():
                if self._short_of(urgency):
                    self._arm(urgency)
                    return
                self._take(chat_id)
                permit.set_result(True)
            heappop(self._waiting)


def _now() -> float:
    return asyncio.get_running_loop().time()
