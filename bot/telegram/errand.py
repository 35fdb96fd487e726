"""One chat's messages, carried out one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.engine.i18n import Languages
from bot.engine.message import Content, Verb, read_body
from bot.telegram.http import Api, told_to_wait
from bot.telegram.pace import Pacer
from bot.telegram.render import Call, Rendering
from bot.telegram.verdict import Fate, Verdict, judge
from storage.documents import Document
from storage.outbox import Due, Result

_LOG = logging.getLogger(__name__)
_MANY = 3
_COUNTED_BY_CHAT = (Verb.SEND, Verb.EDIT, Verb.STRIP)


@dataclass(slots=True)
class Weather:
    """The chats whose last call had no clear answer. Many of them, and not one clear answer between, or polling that
    fails too: then it is the server or the way to it, and no message is to blame."""

    polls_fail: Callable[[], bool] = lambda: False
    doubtful: set[int] = field(default_factory=set)

    def clear(self) -> None:
        self.doubtful.clear()

    def doubt(self, chat_id: int) -> bool:
        """True in a storm."""
        self.doubtful.add(chat_id)
        return len(self.doubtful) >= _MANY or self.polls_fail()


@dataclass(frozen=True, slots=True)
class Means:
    """What every errand needs. `report` takes each result as soon as it is known; `permitted` hears that one has its
    permit, so that the next may stand ready; `moved` takes the old and the new id of a chat. `document` opens one of
    our own."""

    api: Api
    languages: Languages
    now: Callable[[], datetime]
    report: Callable[[Result], None]
    pacer: Pacer
    permitted: Callable[[], None]
    moved: Callable[[int, int], None]
    document: Callable[[str], Awaitable[Document | None]]
    weather: Weather = field(default_factory=Weather)


@dataclass(slots=True)
class Errand:
    """`held_until`: nothing goes to this chat before then. `offline`: the server was not reached at all, `answered`: it
    gave a clear answer. `unreachable_at`: the moment of the call that found nobody there. `waiting`: for its permit.
    `overlooked`: the outbox may hold more for this chat. `known`: what need not be read, by key. `cards`: the numbers
    that cards have got. `left`: what has not been begun."""

    chat_id: int
    items: Sequence[Due]
    means: Means
    held_until: datetime | None = None
    unreachable_at: datetime | None = None
    moved_to: int | None = None
    offline: bool = False
    answered: bool = False
    recalled: bool = False
    waiting: bool = True
    overlooked: bool = False
    known: Mapping[str, Content] = field(default_factory=dict)
    cards: dict[str, int] = field(default_factory=dict)
    left: Sequence[Due] = ()

    async def run(self) -> None:
        """Every item, until one must wait; what waits behind it is given back."""
        try:
            await self._go()
        finally:
            self.means.pacer.answered(self._address)

    async def _go(self) -> None:
        for place, due in enumerate(self.items):
            self.left = self.items[place:]
            if self._is_over(due):
                continue
            if not await self._may_go(due, min(item.priority for item in self.items[place:])):
                return self.give_back()
            self.left = self.items[place + 1 :]
            if not await self._carry(due):
                return self.give_back()
        return None

    def give_back(self) -> None:
        """What is left; files are claimed no more."""
        self.overlooked = self.overlooked or bool(self.left)
        for due in self.left:
            if sends_media(due):
                self._report(due, "queued", not_before=self.means.now(), attempts=due.attempts)

    def _report(self, due: Due, state: str, **details: Any) -> None:
        self.means.report(Result(due.key, state, **({"attempts": due.attempts + 1} | details)))

    def _is_over(self, due: Due) -> bool:
        if due.expires_at is not None and due.expires_at <= self.means.now():
            self._report(due, "expired", attempts=due.attempts)
        elif not due.reachable:
            self._report(due, "cancelled", error="unreachable", attempts=due.attempts)
        else:
            return False
        return True

    async def _may_go(self, due: Due, urgency: int) -> bool:
        if self.recalled:
            return False
        self.waiting = True
        wait = await self.means.pacer.turn(self._address, urgency, counts=due.verb in _COUNTED_BY_CHAT)
        self.waiting = False
        self.means.permitted()
        if wait:
            self.held_until = self.means.now() + timedelta(seconds=wait)
        return not (wait or self.recalled)

    @property
    def _address(self) -> int:
        return self.moved_to or self.chat_id

    async def _carry(self, due: Due) -> bool:
        """Whether the next one may go."""
        begun = self.means.now()
        try:
            number = await self._send_or_follow(due)
        except TelegramError as error:
            return self._accept(due, error, begun)
        except Exception as error:  # noqa: BLE001 a message that cannot be rendered must not hold up the others
            _LOG.error("message %s could not be made ready (%s)", due.key[:40], type(error).__name__)
            self._report(due, "failed", error=f"not ready: {type(error).__name__}"[:120])
            return True
        if due.card_id and number:
            self.cards[due.card_id] = number
        self._report(due, "sent", message_id=number)
        return True

    async def _send_or_follow(self, due: Due) -> int | None:
        """A group that has moved is followed, once. Its messages have other numbers now, so cards are sent anew."""
        known = self.cards.get(due.card_id or "") or (0 if self.moved_to else due.message_id or 0)
        try:
            return await self._send(due, known)
        except ChatMigrated as error:
            if self.moved_to:
                raise
            self.moved_to = error.new_chat_id
            self.cards.clear()
            self.means.moved(self.chat_id, self.moved_to)
            await self._wait_for_turn(due)
            return await self._send(due, 0)

    async def _send(self, due: Due, card: int) -> int | None:
        """The number of the message that now stands in the chat."""
        content, verb = self.known.get(due.key) or read_body(due.body), Verb(due.verb)
        if verb is Verb.EDIT:
            card = card or content.message_id
        language = (due.language if due.person_id else "") or content.language
        rendering = Rendering(self.means.languages, language, self._address)
        try:
            number = await self._call_all(due, rendering.calls(verb, content, card))
            return number or (card if verb is Verb.EDIT else None)
        except TelegramError as error:
            fate = judge(error, due.attempts).fate
            if fate is Fate.ANEW and verb is Verb.EDIT:
                await self._wait_for_turn(due)
                return await self._call_all(due, rendering.calls(verb, content))
            if fate in (Fate.DONE, Fate.ANEW):
                return card if verb is Verb.EDIT else None
            raise

    async def _call_all(self, due: Due, calls: Sequence[Call]) -> int | None:
        """The first call has its permit already."""
        number = None
        for place, call in enumerate(calls):
            if place:
                await self._wait_for_turn(due)
            result = await self._call(call)
            number = result.get("message_id") if isinstance(result, dict) else None
        return number

    async def _call(self, call: Call) -> Any:
        try:
            result = await self._ask(call)
        finally:
            self.means.pacer.answered(self._address)
        self._clearly_answered()
        return result

    async def _ask(self, call: Call) -> Any:
        if not call.upload:
            return await self.means.api.call(call.method, call.payload)
        document = await self.means.document(call.upload)
        if document is None:
            raise LookupError("the document is gone")
        return await self.means.api.upload(call.method, call.payload, document)

    async def _wait_for_turn(self, due: Due) -> None:
        """In the midst of a message: to begin it again would say its first part twice."""
        while True:
            wait = await self.means.pacer.turn(self._address, due.priority)
            if not wait:
                return
            await asyncio.sleep(wait)

    def _accept(self, due: Due, error: TelegramError, begun: datetime) -> bool:
        verdict = judge(error, due.attempts)
        if isinstance(error, RetryAfter):
            self.means.pacer.told_to_wait(self._address, told_to_wait(error))
        if verdict.certain and verdict.reached:
            self._clearly_answered()
        if verdict.fate is Fate.LATER:
            self._put_off(due, verdict)
            return False
        self._report(due, "failed", error=verdict.error)
        if verdict.fate is Fate.UNREACHABLE:
            self.unreachable_at, self.overlooked = begun, True  # they may have written meanwhile
            return False
        _LOG.error("message %s is a dead letter: %s", due.key[:40], verdict.error)
        return True

    def _clearly_answered(self) -> None:
        self.answered = True
        self.means.weather.clear()

    def _put_off(self, due: Due, verdict: Verdict) -> None:
        """One that waits for no fault of its own counts as tried once: by that it holds up those behind it."""
        storm = not verdict.certain and self.means.weather.doubt(self.chat_id)
        if sends_media(due) and not verdict.certain:
            self._report(due, "unknown", error=verdict.error)
            return
        until = self.means.now() + timedelta(seconds=verdict.wait)
        attempts = due.attempts + 1 if verdict.counted and not storm else max(1, due.attempts)
        self._report(due, "queued", error=verdict.error, not_before=until, attempts=attempts)
        self.held_until, self.offline = until, storm or not verdict.reached


def sends_media(due: Due) -> bool:
    """What is not to be sent twice: files, which must be claimed before the call."""
    return "media" in due.body and due.verb == Verb.SEND
