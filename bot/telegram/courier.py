"""The courier: takes what is due from the outbox and sends it, chats side by side, in order within a chat.

Only as many messages are taken as will have their permit in a moment, and of what is due the most urgent: so a
broadcast holds up no answer, and what is sent was looked at just before.

What became of the messages is written in batches, one transaction for many chats; a chat is free for its next messages
only once that is committed. So a crash can double what was in flight and no more.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.engine.i18n import Languages
from bot.engine.message import Content, Parcel, Priority
from bot.telegram.errand import Errand, Means, Weather, sends_media
from bot.telegram.handover import Handover
from bot.telegram.http import Api
from bot.telegram.pace import Pacer
from bot.telegram.verdict import patience
from storage import chats, documents, outbox
from storage.database import Database, Tx
from storage.documents import Document
from storage.outbox import Due, Result

_LOG = logging.getLogger(__name__)
_LOOK_AGAIN = 1.0
_AHEAD = 4
_IN_A_ROW = 10
_AFTER_A_BUG = timedelta(minutes=1)
_LONGEST_OUTAGE_WAIT = 60.0
_PATIENCE = 0.02
"""While others are under way, what became of messages waits for so many seconds for a transaction that takes it along:
one commit for both."""
_URGENT_ONES = 8
"""So many chats with an answer or something urgent stand ready beyond those that the pacer asks for."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Why a message that is due does not go: for good, or only not before `until`."""

    reason: str
    until: datetime | None = None


Review = Callable[[Tx, Sequence[Due]], Awaitable[Mapping[int, Stay | Due]]]
"""Looks at due messages just before they are sent: by id, those that stay, and those that go with other words."""


class Courier:
    """`run()` until `stop()`. `wake()` after each commit; without it the outbox is looked at once a second.

    `outcomes` counts what became of the attempts, by state ('queued': put off). Without `pace` there are no limits.
    """

    def __init__(
        self,
        database: Database,
        api: Api,
        languages: Languages,
        now: Callable[[], datetime],
        *,
        review: Review | None = None,
        pace: Pacer | None = None,
        polls_fail: Callable[[], bool] = lambda: False,
        at_once: int = 192,
    ) -> None:
        self._database, self._now, self._review, self._at_once = database, now, review, at_once
        self._pacer = pace or Pacer()
        weather = Weather(polls_fail)
        self._means = Means(
            api,
            languages,
            now,
            self._report,
            self._pacer,
            self._permitted,
            self._moved,
            self._document,
            weather,
        )
        self.outcomes: Counter[str] = Counter()
        self._woken, self._idle, self._stopped = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._stopping, self._asked = False, True
        self._errands: dict[int, Errand] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._results: list[Result] = []
        self._over: list[Errand] = []
        self._moves: dict[int, int] = {}
        self._held: dict[int, datetime] = {}
        self._misses = 0
        self._offline_until: datetime | None = None
        self._handover = Handover()
        self._in_round, self._all_seen, self._recovered = False, False, False
        self._claimed: list[Due] = []
        self._looked = 0.0

    async def _document(self, id: str) -> Document | None:
        async with self._database.reading() as tx:
            return await documents.one(tx, id)

    def wake(self) -> None:
        """Something was committed to the outbox."""
        self._asked = True
        self._woken.set()

    def carry(self, parcels: Sequence[Parcel], *, more: bool) -> None:
        """Sends them at once where that keeps the chat's order; the others are looked for in the outbox.

        Called right after the commit, before anybody else can write. So what a look has found meanwhile cannot have
        been marked yet: it is still among an errand's items, and nothing goes twice.
        """
        self._handover.take([one for one in parcels if not self._found(one.due)])
        if more:
            self.wake()
        if not self._in_round:
            self._hand_out()

    def _found(self, due: Due) -> bool:
        errand = self._errands.get(due.chat_id)
        return errand is not None and any(item.key == due.key for item in errand.items)

    def _hand_out(self) -> None:
        """To each chat for which no message can be waiting, while there is room for its errand."""
        seen = self._all_seen and not (self._asked or self._misses or self._stopping or self._pacer.shut())
        followed = {errand.moved_to for errand in self._errands.values()}
        room = min(self._at_once - len(self._tasks), self._room() + _URGENT_ONES)
        for chat_id, line in self._handover.empty():
            busy = chat_id in self._tasks or chat_id in self._held or chat_id in followed
            items = self._handover.ready(line) if seen and not busy and room > 0 else []
            if items:
                self._start(chat_id, items, {parcel.due.key: parcel.content for parcel in line})
                room -= 1
            else:
                self.wake()

    async def run(self) -> None:
        """Cancellation leaves what was in flight to the next start."""
        self._stopped.clear()
        try:
            while not (self._recovered or self._stopping):
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
        self._pacer.release()
        self.wake()
        await asyncio.wait_for(self._stopped.wait(), seconds)

    def _goes_on(self) -> bool:
        return bool(not self._stopping or self._tasks or self._results)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._breath()):
                await self._woken.wait()
        except TimeoutError:
            self._asked = True

    def _breath(self) -> float:
        """Seconds until something may have become due by itself."""
        soonest = min(self._held.values(), default=None)
        if soonest is None:
            return _LOOK_AGAIN
        return min(_LOOK_AGAIN, max(0.002, (soonest - self._now()).total_seconds()))

    def _room(self) -> float:
        """How many more chats may stand ready for a permit."""
        return self._pacer.ahead - sum(errand.waiting for errand in self._errands.values())

    def _permitted(self) -> None:
        if self._pacer.rates and not self._all_seen and self._room() * 2 >= self._pacer.ahead:
            self.wake()

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
            self._held = await outbox.held(tx, self._now())
        self._recovered = True
        if unknown:
            _LOG.warning("%d files were on their way at the last end: whether they arrived is not known", len(unknown))
        return len(unknown)

    def _report(self, result: Result) -> None:
        self.outcomes[result.state] += 1
        self._results.append(result)
        self._woken.set()

    def _moved(self, old: int, new: int) -> None:
        self._moves[old] = new

    async def _round(self) -> int:
        """Writes what is known; where it was asked to, takes what is due. How many errands were started."""
        if asyncio.get_running_loop().time() - self._looked >= _LOOK_AGAIN:
            self._asked = True  # time alone makes things due, however busy it is
        if self._asked or any(errand.overlooked for errand in self._over):
            return await self._begin_more()
        if self._results or self._over:
            await self._database.ride(self._write, _PATIENCE if len(self._tasks) > len(self._over) else 0.0)
        self._note_idle(0)
        return 0

    async def _begin_more(self) -> int:
        """Errands with what is due; how many."""
        self._in_round = True
        try:
            taken = await (self._write_and_take() if self._results or self._over else self._look())
            for chat_id, items in taken.items():
                self._start(chat_id, items)
                self._errands[chat_id].overlooked = not self._all_seen
            self._note_idle(len(taken))
            return len(taken)
        except BaseException:
            self._asked = True  # what it had taken is to be taken again, before anything younger
            for due in self._claimed:  # the commit may have failed in appearance only
                self._report(Result(due.key, "queued", attempts=due.attempts, not_before=self._now()))
            raise
        finally:
            self._in_round, self._claimed = False, []
            self._hand_out()

    async def _write_and_take(self) -> dict[int, list[Due]]:
        """In one transaction, so that nobody whose errand is over is passed over."""
        async with self._database.transaction() as tx:
            finished = {errand.chat_id for errand in self._over}  # those that `_write` is about to see
            written = await self._write(tx)
            taken = await self._take(tx, finished)
        written()
        return taken

    async def _write(self, tx: Tx) -> Callable[[], None]:
        """All that is known; gives what to call once it is committed."""
        results, over, moves = self._results[:], self._over[:], list(self._moves.items())
        for old, new in moves:
            await chats.move(tx, old, new)
        await outbox.mark(tx, results, self._now())
        for errand in over:
            self._settle(errand)
            if errand.unreachable_at is not None:
                await chats.unreachable(tx, errand.moved_to or errand.chat_id, errand.unreachable_at)
            self._asked = self._asked or errand.overlooked  # it became so while this waited for its ride

        def written() -> None:
            del self._results[: len(results)], self._over[: len(over)]
            for old, _ in moves:
                del self._moves[old]
            for errand in over:
                self._handover.learn(errand.cards)
                del self._tasks[errand.chat_id], self._errands[errand.chat_id]
            if moves:
                self._handover.forget_cards()
                self.wake()

        return written

    def _settle(self, errand: Errand) -> None:
        if errand.held_until is not None:
            self._held[errand.moved_to or errand.chat_id] = errand.held_until
        if errand.answered and not errand.offline:
            self._misses, self._offline_until = 0, None
        elif errand.offline and self._offline_until is None:
            wait = min(_LONGEST_OUTAGE_WAIT, patience(self._misses))
            self._offline_until = self._now() + timedelta(seconds=wait)
            self._misses += 1

    def _note_idle(self, started: int) -> None:
        waits = self._asked or self._handover or self._woken.is_set()
        quiet = not (started or self._tasks or self._results or waits)
        if quiet and self._offline_until is None:
            self._idle.set()

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
        now, self._asked, self._all_seen = self._now(), False, False
        self._looked = asyncio.get_running_loop().time()
        self._held = {chat_id: until for chat_id, until in self._held.items() if until > now}
        running = self._tasks.keys() - finished
        taken = await self._choose(tx, now, running)
        await self._note_overlooked(tx, now, running)
        if claiming:
            self._claimed = [due for items in taken.values() for due in items if sends_media(due)]
            if self._claimed:
                await outbox.claim(tx, [due.id for due in self._claimed])
        return taken

    async def _choose(self, tx: Tx, now: datetime, running: Collection[int]) -> dict[int, list[Due]]:
        followed = {moved for chat_id in running if (moved := self._errands[chat_id].moved_to)}
        busy = {*running, *followed, *self._held}
        free = self._at_once - len(running)
        room = self._room()
        if self._offline_until is not None and self._offline_until <= now:
            self._offline_until = None
        if self._stopping or free <= 0 or self._offline_until is not None or self._pacer.shut():
            return {}
        if self._misses:
            return await self._probe(tx, now, busy) if free == self._at_once else {}
        most = int(min(free, max(0, room) + _URGENT_ONES)) * _AHEAD
        due = await outbox.due(tx, now, most, busy)
        chosen = [one for items in _by_chat(due, free, room).values() for one in items]
        allowed = await self._allowed(tx, chosen)
        self._asked = self._asked or (len(due) == most and room > free) or len(allowed) < len(chosen)
        self._all_seen = len(due) < most and len(chosen) == len(due)
        return _by_chat(allowed, free, math.inf)

    async def _note_overlooked(self, tx: Tx, now: datetime, running: Collection[int]) -> None:
        """For whose chats more may be due than they carry: when such an errand is over, it is looked again."""
        errands = [self._errands[chat_id] for chat_id in running]
        there = {chat_id: errand for errand in errands for chat_id in (errand.chat_id, errand.moved_to) if chat_id}
        in_hand = [item.key for errand in errands for item in errand.items]
        for chat_id in await outbox.beyond(tx, now, there, in_hand) if self._all_seen else there:
            there[chat_id].overlooked = True

    async def _probe(self, tx: Tx, now: datetime, busy: Collection[int]) -> dict[int, list[Due]]:
        """While the server seems to be away: one message at a time, of a chat that it has not been silent about."""
        found = await outbox.due(tx, now, _AHEAD, {*busy, *self._means.weather.doubtful})
        found = found or await outbox.due(tx, now, _AHEAD, busy)
        return {due.chat_id: [due] for due in (await self._allowed(tx, found))[:1]}

    async def _allowed(self, tx: Tx, found: Sequence[Due]) -> Sequence[Due]:
        if self._review is None or not found:
            return found
        reviewed = await self._review(tx, found)
        allowed = []
        for due in found:
            judged = reviewed.get(due.id, due)
            if isinstance(judged, Stay):
                self._report(_kept(due, judged))
            else:
                allowed.append(judged)
        return allowed

    def _start(self, chat_id: int, items: Sequence[Due], known: Mapping[str, Content] = MappingProxyType({})) -> None:
        errand = Errand(chat_id, items, self._means, recalled=self._stopping, known=known)
        self._errands[chat_id] = errand
        self._tasks[chat_id] = asyncio.create_task(self._carry_out(errand))

    async def _carry_out(self, errand: Errand) -> None:
        try:
            await errand.run()
        except Exception as error:  # noqa: BLE001 a bug with one chat must not hold up the others
            _LOG.error("the messages of one chat could not be sent (%s)", type(error).__name__)
            errand.held_until = self._now() + _AFTER_A_BUG
            errand.give_back()
        finally:
            errand.waiting = False
            self._over.append(errand)
            self._woken.set()


def _kept(due: Due, stay: Stay) -> Result:
    """What is put off has no attempt behind it: only then do later messages go before it."""
    if stay.until is None:
        return Result(due.key, "cancelled", error=stay.reason, attempts=due.attempts)
    return Result(due.key, "queued", error=stay.reason, attempts=0, not_before=stay.until)


def _by_chat(found: Sequence[Due], most: int, room: float) -> dict[int, list[Due]]:
    """The most urgent chats, each with the first of its messages in order; beyond `room` only urgent ones."""
    lines: defaultdict[int, list[Due]] = defaultdict(list)
    for due in found:
        lines[due.chat_id].append(due)
    taken = {
        chat_id: items[:_IN_A_ROW]
        for place, (chat_id, items) in enumerate(lines.items())
        if place < room or min(due.priority for due in items) <= Priority.URGENT
    }
    return dict(list(taken.items())[:most])
