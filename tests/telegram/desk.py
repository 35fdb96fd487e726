"""A Desk: puts messages into an outbox that a courier empties, and looks at what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select

from bot.demo.clock import Clock
from bot.demo.world import World
from bot.engine.message import Message
from bot.telegram.courier import Courier
from bot.telegram.http import Api
from care.records.fields import Media, MediaKind
from care.text import T
from storage import cards, outbox
from storage.cards import NewCard
from storage.database import Database
from storage.outbox import Queued
from storage.tables import outbox as table

LI, WANG, ZHAO = 101, 102, 103
VOICE = Media(kind=MediaKind.VOICE, file_id="")


class Desk:
    """Puts messages in, and looks at what became of them."""

    def __init__(self, database: Database, clock: Clock, courier: Courier) -> None:
        self.database, self.clock, self.courier = database, clock, courier
        self.count = 0

    async def put(self, *messages: Message, wake: bool = True) -> None:
        async with self.database.transaction() as tx:
            new = [NewCard(m.card, m.chat_id, "k", self.clock.now()) for m in messages if m.card]
            await cards.add(tx, new)
            await outbox.put(tx, [self.row(message) for message in messages])
        if wake:
            self.courier.wake()

    def row(self, message: Message) -> Queued:
        self.count += 1
        return Queued(
            key=f"t:{self.count}",
            chat_id=message.chat_id,
            verb=message.verb,
            priority=message.priority,
            body=message.body(),
            created_at=self.clock.now(),
            person_id=message.person_id or None,
            card_id=message.card or None,
            needs=message.needs,
            not_before=message.not_before,
            expires_at=message.expires_at,
        )

    async def send(self, *messages: Message) -> None:
        await self.put(*messages)
        await self.courier.drain()

    async def rows(self) -> list[tuple[str, int, str]]:
        async with self.database.reading() as tx:
            found = await tx.rows(select(table.c.state, table.c.attempts, table.c.error).order_by(table.c.id))
        return [(row.state, row.attempts, row.error or "") for row in found]

    async def states(self) -> list[str]:
        return [state for state, _, _ in await self.rows()]


@asynccontextmanager
async def running(courier: Courier) -> AsyncIterator[Courier]:
    task = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        if not task.done():
            await courier.stop()
        await task


def number(n: int, chat_id: int = LI, **more: Any) -> Message:
    return Message(chat_id, text=T("No. {n}", n=n), **more)


def texts(world: World, chat_id: int = LI) -> list[str]:
    posts = world.chats[chat_id].posts.values()
    return [post.payload["text"] for post in posts if not post.deleted and "text" in post.payload]


async def voice_of(api: Api, world: World) -> Media:
    world.voice(LI, b"OggS")
    (update,) = await api.call("getUpdates", {})
    return VOICE.model_copy(update={"file_id": update["message"]["voice"]["file_id"]})
