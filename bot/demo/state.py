"""All that the server remembers, and the few ways in which it changes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.demo import limits
from bot.demo.display import message_for_page
from bot.demo.faults import Faults
from bot.demo.files import FileStore
from bot.demo.ledger import Entry
from bot.demo.params import Params
from bot.demo.places import Chat, Phone, Post
from bot.demo.rates import Throttle
from bot.demo.updates import UpdateQueue

Hook = Callable[[str, Params], Awaitable[web.StreamResponse | None]]
Event = tuple[str, dict[str, Any]]
_WATCHER_BACKLOG = 2000


@dataclass(frozen=True)
class Callback:
    """A tap waiting for answerCallbackQuery; `at` in unix seconds."""

    user_id: int
    at: float


class State:
    """`before` hooks run ahead of each Bot API call and may answer in its place; `refused` names what no test should
    see: methods that the server does not know, and those that broke. Without `throttle` a bot may send as fast as it
    can; `faults` is the script of what goes wrong."""

    def __init__(self, token: str, bot_name: str, bot_username: str, now: Callable[[], datetime], *,
                 phones: Iterable[Phone] = (), time_zone: str = "Asia/Shanghai") -> None:
        self.token = token
        self.bot_name = bot_name
        self.bot_username = bot_username
        self.now = now
        self.time_zone = time_zone
        self.updates = UpdateQueue(now)
        self.files = FileStore()
        self.phones: dict[int, Phone] = {}
        self.chats: dict[int, Chat] = {}
        self.callbacks: dict[str, Callback] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.menu_buttons: dict[int, dict[str, Any]] = {}
        self.webhook_url = ""
        self.reads_groups = False
        self.before: list[Hook] = []
        self.throttle: Throttle | None = None
        self.faults = Faults(now)
        self.ledger: list[Entry] = []
        self.refused: list[str] = []
        self.last_album = 0
        self._watchers: set[asyncio.Queue[Event | None]] = set()
        for phone in phones:
            self.add_phone(phone)

    @property
    def bot_id(self) -> int:
        return int(self.token.split(":")[0])

    def bot(self) -> dict[str, Any]:
        return {"id": self.bot_id, "is_bot": True, "first_name": self.bot_name, "username": self.bot_username}

    def unix(self) -> int:
        return int(self.now().timestamp())

    def add_phone(self, phone: Phone) -> Phone:
        """Make someone known, with a chat with the bot that is still unopened."""
        self.phones[phone.user_id] = phone
        self.chats[phone.user_id] = Chat(phone.user_id, "private", phone.name, phone.username, bot_status="member")
        return phone

    def put(self, chat: Chat, content: dict[str, Any], *, by_bot: bool) -> Post:
        """Add a message to a chat, numbered and dated, and show it on the page."""
        chat.last_message_id += 1
        head = {"message_id": chat.last_message_id, "date": self.unix(), "chat": chat.describe()}
        post = Post(head | content, by_bot)
        chat.posts[post.message_id] = post
        chat.bot_spoke_last = by_bot
        self.show(chat, post)
        return post

    def remove(self, chat: Chat, post: Post) -> None:
        post.deleted = True
        if chat.chat_id in self.phones:
            self.tell("deleted", {"user_id": chat.chat_id, "id": post.message_id})

    def show(self, chat: Chat, post: Post) -> None:
        if chat.chat_id in self.phones:
            self.tell("message", {"user_id": chat.chat_id, "message": message_for_page(post)})

    def push(self, kind: str, body: dict[str, Any], *, chat_id: int | None,
             life: int = limits.MESSAGE_LIFE) -> int | None:
        """Queue an update for the bot; its id, or None when the bot did not ask for this kind. `life` in seconds."""
        if not self.updates.allows(kind):
            self.note(Entry(self.now(), "update", kind, chat_id, outcome="not asked for"))
            return None
        expires = self.now().timestamp() + life
        update_id = self.updates.push(kind, {kind: body}, chat_id=chat_id, expires=expires)
        self.note(Entry(self.now(), "update", kind, chat_id, update_id))
        return update_id

    def note(self, entry: Entry) -> None:
        self.ledger.append(entry)

    def watch(self) -> "asyncio.Queue[Event | None]":
        """Events for the page from now on; None is the end."""
        watcher: asyncio.Queue[Event | None] = asyncio.Queue(_WATCHER_BACKLOG)
        self._watchers.add(watcher)
        return watcher

    def unwatch(self, watcher: "asyncio.Queue[Event | None]") -> None:
        self._watchers.discard(watcher)

    def tell(self, event: str, data: dict[str, Any]) -> None:
        """A page that does not keep up is cut off, and asks for the state anew."""
        for watcher in [*self._watchers]:
            if watcher.qsize() >= _WATCHER_BACKLOG - 1:
                self.unwatch(watcher)
                watcher.put_nowait(None)
            else:
                watcher.put_nowait((event, data))

    def close(self) -> None:
        """End every long poll and every stream."""
        self.updates.close()
        for watcher in [*self._watchers]:
            self.unwatch(watcher)
            watcher.put_nowait(None)
