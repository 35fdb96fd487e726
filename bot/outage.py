"""Outages: for how long Telegram was not heard, and what may have been lost by it.

Telegram keeps a tap for two and a half minutes and a message for a day. So after a longer silence the questions that
stand open are asked again, and coordinators hear of a silence of more than a day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo

import structlog

from bot.engine import converse
from bot.engine.i18n import Languages
from bot.engine.message import Message, Priority, queued
from bot.engine.pending import write
from bot.engine.registry import Registry
from bot.engine.scene import Scene
from bot.engine.turn import Kind, Turn
from care.access import may
from care.calendar import quiet
from care.people import Actor, Role
from care.text import T
from storage import conversations, outbox, people, settings, ticks
from storage.conversations import Conversation
from storage.database import Database, Tx, unavailable

log = structlog.get_logger()

TAPS_LIVE = timedelta(seconds=120)
"""A little less than at Telegram: half a minute is for the way."""
MESSAGES_LIVE = timedelta(hours=24)
STILL_ON = timedelta(days=1)
"""Since a conversation was last touched: older ones are not brought up again."""
_BETWEEN_MARKS = timedelta(seconds=30)
_POLLED, _MISSED = "outage.polled", "outage.missed"
"""The first is a tick, which a restored backup does not take for its own."""

MISSED_TAP = T("The connection was gone for a while, and a tap of yours may have been lost. Here is where we are:")
GAP = T(
    "I could not hear Telegram from {since} to {until}. Telegram keeps messages for one day: what people sent before "
    "{lost} did not reach me. Please ask them to send it again."
)


class Outages:
    def __init__(
        self,
        database: Database,
        registry: Registry,
        languages: Languages,
        zone: tzinfo,
        now: Callable[[], datetime],
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._registry, self._languages = database, registry, languages
        self._zone, self._now, self._committed = zone, now, committed
        self._polled: datetime | None = None
        self._marked: datetime | None = None
        self._missed: datetime | None = None

    async def heard(self, again: bool) -> None:
        """After each good poll that has left nothing behind; `again`: after a failure, or for the first time.

        Raises where the database cannot be written; then call it once more, in the same way.
        """
        now = self._now()
        if again:
            await self._back(now)
        elif self._marked is None or now - self._marked >= _BETWEEN_MARKS:
            await self._mark(now)
        if self._missed and not quiet(now.astimezone(self._zone)):
            await self._ask_again(now)
        self._polled = now

    async def leave(self) -> None:
        """At a stop, while polling is well: up to now nothing was missed."""
        try:
            await self._mark(self._now())
        except Exception as error:
            if not unavailable(error):
                raise

    async def _mark(self, now: datetime) -> None:
        async with self._database.transaction() as tx:
            await ticks.set(tx, _POLLED, now)
        self._marked = now

    async def _back(self, now: datetime) -> None:
        async with self._database.transaction() as tx:
            since = self._polled or await ticks.last(tx, _POLLED)
            missed = self._missed or _moment(await settings.get(tx, _MISSED))
            if since and now - since > TAPS_LIVE:
                log.warning("Telegram was not heard", minutes=round((now - since).total_seconds() / 60))
                missed = missed or since
                await settings.set(tx, _MISSED, missed.isoformat())
                await outbox.put(tx, [queued(message, now) for message in await self._reports(tx, since, now)])
            await ticks.set(tx, _POLLED, now)
        self._missed, self._marked = missed, now
        self._committed()

    async def _reports(self, tx: Tx, since: datetime, now: datetime) -> Sequence[Message]:
        if now - since <= MESSAGES_LIVE:
            return ()
        coordinators = await people.keepers(tx, [Role.COORDINATOR], now.astimezone(self._zone).date())
        told = GAP(since=since, until=now, lost=now - MESSAGES_LIVE)
        return [
            Message(
                one.chat_id,
                text=told,
                person_id=one.id,
                priority=Priority.NUDGE,
                key=f"gap:{since:%Y%m%dT%H%M}:{one.id}",
            )
            for one in coordinators
            if one.chat_id
        ]

    async def _ask_again(self, now: datetime) -> None:
        assert self._missed
        async with self._database.transaction() as tx:
            stood = await conversations.stale(tx, untouched_before=self._missed)
            recent = {one.chat_id for one in stood if one.touched_at >= self._missed - STILL_ON}
            live = await conversations.of_chats(tx, recent)
            actors = await people.actors(tx, recent, now.astimezone(self._zone).date())
            for chat_id, theirs in live.items():
                if theirs[-1].touched_at < self._missed and chat_id in actors:
                    await self._show_again(tx, actors[chat_id], theirs, now)
            await settings.set(tx, _MISSED, "")
        self._missed = None
        self._committed()

    async def _show_again(self, tx: Tx, actor: Actor, theirs: list[Conversation], now: datetime) -> None:
        flow = self._registry.flows.get(theirs[-1].flow)
        if flow is None or actor.unreachable or not may(actor, flow.needs):
            return
        turn = Turn(0, Kind.OTHER, actor.chat_id, actor.chat_id, now)
        scene = Scene(tx, turn, actor, now, self._zone, self._languages, self._registry, theirs)
        scene.say(MISSED_TAP)
        await converse.resume(scene, theirs[-1])
        await write(tx, scene.effects, now)


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None
