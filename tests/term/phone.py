"""A person's phone: what stands on its screen, and what is done with it. Everything done is written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.demo.places import Post
from bot.demo.world import World
from tests.stage import keyboard_of, words_of
from tests.term.books import Done

FAR_BACK = 12
"""So many of the last bubbles somebody looks at."""


@dataclass
class Screen:
    """`read`: the number of the last message that was looked at."""

    world: World
    chat_id: int
    done: list[Done]
    read: int = 0

    @property
    def bubbles(self) -> list[Post]:
        """The bot's last messages that are still there, the newest first."""
        posts = islice(reversed(self.world.chats[self.chat_id].posts.values()), 4 * FAR_BACK)
        return [post for post in posts if post.by_bot and not post.deleted]

    def news(self) -> list[Post]:
        """What the bot has said since the last look, the oldest first."""
        posts = self.world.chats[self.chat_id].posts
        fresh = []
        for number in range(self.read + 1, self.world.chats[self.chat_id].last_message_id + 1):
            post = posts.get(number)
            if post is not None and post.by_bot and not post.deleted:
                fresh.append(post)
        self.read = self.world.chats[self.chat_id].last_message_id
        return fresh

    @property
    def heard(self) -> str:
        return next((words_of(post) for post in self.bubbles), "")

    @property
    def newest(self) -> list[str]:
        """What the buttons of the last bubble that has any carry."""
        return next((list(found) for post in self.bubbles if (found := carried(post))), [])

    def find(self, *parts: str) -> tuple[Post, str] | None:
        """The newest button that carries one of these, the first of them before the others."""
        shown = self.bubbles[:FAR_BACK]
        for part in parts:
            for post in shown:
                for data in carried(post):
                    if part in data:
                        return post, data
        return None

    # --- what is done

    def tap(self, *parts: str) -> bool:
        """Whether there was such a button."""
        found = self.find(*parts)
        if found:
            self.press(found[0].message_id, found[1])
        return found is not None

    def press(self, message_id: int, data: str) -> None:
        self.world.tap(self.chat_id, message_id, data)
        self._note("tap", data)

    def say(self, text: str) -> None:
        self._note("words", text)
        self.world.say(self.chat_id, text)

    def start(self) -> None:
        self.say("/start")

    def sticker(self) -> None:
        self._note("sticker", "")
        self.world.sticker(self.chat_id)

    def voice(self) -> None:
        self._note("voice", "")
        self.world.voice(self.chat_id, b"OggS voice")

    def block(self) -> None:
        self._note("blocked", "")
        self.world.block(self.chat_id)

    def unblock(self) -> None:
        self._note("back", "")
        self.world.block(self.chat_id, False)

    @property
    def blocked(self) -> bool:
        return self.world.phones[self.chat_id].blocked

    def _note(self, kind: str, content: str) -> None:
        self.done.append(Done(self.world.now(), self.chat_id, kind, content))


def carried(post: Post) -> Iterable[str]:
    """The callback data below a message."""
    return [key["callback_data"] for row in keyboard_of(post) for key in row if "callback_data" in key]


def shown(payload: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Label and callback data of each button of a call's parameters, row after row."""
    rows = (payload.get("reply_markup") or {}).get("inline_keyboard", [])
    return tuple((key["text"], key.get("callback_data", "")) for row in rows for key in row)
