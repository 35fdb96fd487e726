"""One chat's messages, carried out one after the other."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegram.error import TelegramError

from bot.engine.i18n import Languages
from bot.engine.message import Verb, read_body
from bot.telegram.http import Api
from bot.telegram.render import Call, Rendering
from bot.telegram.verdict import Fate, Verdict, judge
from storage.outbox import Due, Result

_LOG = logging.getLogger(__name__)

Pace = Callable[[Due], Awaitable[None]]
"""Waited for before each call: the place of the rate limits."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every errand needs. `report` takes each result as soon as it is known."""

    api: Api
    languages: Languages
    now: Callable[[], datetime]
    report: Callable[[Result], None]
    pace: Pace | None = None


@dataclass(slots=True)
class Errand:
    """`held_until`: nothing goes to this chat before then. `offline`: the server was not reached at all."""

    chat_id: int
    items: Sequence[Due]
    means: Means
    held_until: datetime | None = None
    unreachable: bool = False
    offline: bool = False
    recalled: bool = False
    _cards: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Every item, until one must wait; what waits behind it is given back."""
        for place, due in enumerate(self.items):
            if self.recalled or not await self._carry(due):
                first = place if self.recalled else place + 1
                self._give_back(self.items[first:])
                return

    def _give_back(self, rest: Sequence[Due]) -> None:
        for due in rest:
            if sends_media(due):
                self._report(due, "queued", not_before=self.means.now(), attempts=due.attempts)

    def _report(self, due: Due, state: str, **details: Any) -> None:
        self.means.report(Result(due.id, state, **({"attempts": due.attempts + 1} | details)))

    async def _carry(self, due: Due) -> bool:
        """Whether the next one may go."""
        if due.expires_at is not None and due.expires_at <= self.means.now():
            self._report(due, "expired", attempts=due.attempts)
            return True
        if not due.reachable:
            self._report(due, "failed", error="unreachable", attempts=due.attempts)
            return True
        try:
            number = await self._send(due, self._cards.get(due.card_id or "") or due.message_id or 0)
        except TelegramError as error:
            return self._accept(due, judge(error, due.attempts))
        except Exception as error:  # noqa: BLE001 a message that cannot be rendered must not hold up the others
            _LOG.error("message %d could not be made ready (%s)", due.id, type(error).__name__)
            self._report(due, "failed", error=f"not ready: {type(error).__name__}"[:120])
            return True
        self._sent(due, number)
        return True

    def _sent(self, due: Due, number: int | None) -> None:
        if due.card_id and number:
            self._cards[due.card_id] = number
        self._report(due, "sent", message_id=number)

    async def _send(self, due: Due, card: int) -> int | None:
        """The number of the message that now stands in the chat."""
        content, verb = read_body(due.body), Verb(due.verb)
        if verb is Verb.EDIT:
            card = card or content.message_id
        language = (due.language if due.person_id else "") or content.language
        rendering = Rendering(self.means.languages, language, due.chat_id)
        try:
            number = await self._call_all(due, rendering.calls(verb, content, card))
            return number or (card if verb is Verb.EDIT else None)
        except TelegramError as error:
            fate = judge(error, due.attempts).fate
            if fate is Fate.ANEW and verb is Verb.EDIT:
                return await self._call_all(due, rendering.calls(verb, content))
            if fate in (Fate.DONE, Fate.ANEW):
                return card if verb is Verb.EDIT else None
            raise

    async def _call_all(self, due: Due, calls: Sequence[Call]) -> int | None:
        number = None
        for method, payload in calls:
            if self.means.pace is not None:
                await self.means.pace(due)
            result = await self.means.api.call(method, payload)
            number = result.get("message_id") if isinstance(result, dict) else None
        return number

    def _accept(self, due: Due, verdict: Verdict) -> bool:
        if verdict.fate is Fate.LATER:
            self._put_off(due, verdict)
            return False
        self._report(due, "failed", error=verdict.error)
        self.unreachable = verdict.fate is Fate.UNREACHABLE
        return not self.unreachable

    def _put_off(self, due: Due, verdict: Verdict) -> None:
        if sends_media(due) and not verdict.certain:
            self._report(due, "unknown", error=verdict.error)
            return
        until = self.means.now() + timedelta(seconds=verdict.wait)
        attempts = due.attempts + int(verdict.counted)
        self._report(due, "queued", error=verdict.error, not_before=until, attempts=attempts)
        self.held_until, self.offline = until, not verdict.reached


def sends_media(due: Due) -> bool:
    """What is not to be sent twice: files, which must be claimed before the call."""
    return "media" in due.body and due.verb == Verb.SEND
