"""A week of the demo's district for the checker to look at: the bot on a stage, its clock turned by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.demo.ledger import Entry
from storage import people
from tests.stage import KEY, Chat, Stage
from tests.term.books import Away, Books, Done, Said

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass
class Week:
    """`since`: the first moment that counts. What people do goes through `tap` and `say`, and is written down."""

    stage: Stage
    since: datetime
    done: list[Done] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    looked: list[datetime] = field(default_factory=list)

    async def look(self, *moments: datetime) -> None:
        """The clock stands there, the clockwork looks, and everything is said."""
        for moment in moments:
            self.stage.clock.jump(moment)
            self.looked.append(self.stage.clock.now())
            await self.stage.app.clockwork.tick()
            await self.stage.settle()

    async def gone(self, until: datetime) -> None:
        """The bot is not there until then."""
        since = self.stage.clock.now()
        await self.stage.down()
        self.stage.clock.jump(until)
        await self.stage.up()
        await self.stage.settle()
        await self.look(until + timedelta(seconds=5))
        self.away.append(Away(since, until, "stopped"))

    async def joins(self, code: str, user: int) -> Chat:
        """Somebody of the roster has this phone from now on, and says hello."""
        chat = self.stage.chat(user)
        async with self.stage.database.transaction() as tx:
            row = await tx.row(text("SELECT id FROM people WHERE code = :code"), {"code": code})
            assert row is not None
            await people.link_chat(tx, row.id, user, "zh_Hans_CN", self.stage.clock.now())
            await people.set_language(tx, row.id, "zh_Hans_CN")
        await self.say(chat, "/start")
        return chat

    async def tap(self, chat: Chat, part: str) -> None:
        data = next(one for one in chat.data if part in one)
        self.done.append(Done(self.stage.clock.now(), chat.user, "tap", data))
        await chat.press(part)

    async def say(self, chat: Chat, words: str) -> None:
        self.done.append(Done(self.stage.clock.now(), chat.user, "words", words))
        await chat.say(words)

    def deletes(self, chat: Chat) -> None:
        """Their account; the bot learns of it when it next writes to them."""
        self.done.append(Done(self.stage.clock.now(), chat.user, "blocked", ""))
        self.stage.world.deactivate(chat.user)

    def books(self, url: str) -> Books:
        return Books(
            1,
            self.since,
            self.stage.clock.now(),
            url,
            KEY,
            tuple(self._said()),
            tuple(self.done),
            tuple(self.away),
            tuple(self.looked),
        )

    def _said(self) -> Iterator[Said]:
        chats = self.stage.world.chats
        numbers = {
            id: iter([post.message_id for post in chat.posts.values() if post.by_bot]) for id, chat in chats.items()
        }
        for entry in self.stage.world.ledger:
            if entry.kind == "call" and entry.outcome == "ok" and entry.chat_id is not None:
                if entry.name.startswith("send") and entry.name != "sendChatAction":
                    yield _one(entry, next(numbers[entry.chat_id]))
                elif entry.name.startswith("editMessage"):
                    yield _one(entry, int(entry.params["message_id"]))


def _one(entry: Entry, message_id: int) -> Said:
    params: dict[str, Any] = dict(entry.params)
    markup = params.get("reply_markup") or {}
    rows = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
    buttons = tuple((key["text"], key.get("callback_data", "")) for row in rows for key in row)
    assert entry.chat_id is not None
    return Said(
        entry.at, entry.chat_id, entry.name, str(params.get("text") or params.get("caption") or ""), buttons, message_id
    )


def china(month: int, day: int, hour: int, minute: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)
