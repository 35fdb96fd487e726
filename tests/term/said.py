"""The ledger of the demo's server, as what was said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.demo.ledger import Entry
from bot.demo.world import World
from tests.term.books import Said
from tests.term.phone import shown


def said(world: World) -> tuple[Said, ...]:
    return tuple(_said(world))


def _said(world: World) -> Iterator[Said]:
    """A chat's messages have the order of its calls, so the numbers are those of its posts."""
    numbers = {
        chat_id: iter([post.message_id for post in chat.posts.values() if post.by_bot])
        for chat_id, chat in world.chats.items()
    }
    for entry in world.ledger:
        if entry.kind != "call" or entry.outcome != "ok" or entry.chat_id is None:
            continue
        if entry.name.startswith("send") and entry.name != "sendChatAction":
            yield _one(entry, next(numbers[entry.chat_id]))
        elif entry.name.startswith("editMessage"):
            yield _one(entry, int(entry.params["message_id"]))


def _one(entry: Entry, message_id: int) -> Said:
    fields: dict[str, Any] = dict(entry.params)
    if isinstance(markup := fields.get("reply_markup"), str):
        fields["reply_markup"] = json.loads(markup)
    text = str(fields.get("text") or fields.get("caption") or "")
    assert entry.chat_id
    return Said(entry.at, entry.chat_id, entry.name, text, shown(fields), message_id)
