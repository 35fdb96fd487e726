"""A Turn: one thing that happened, in no channel's terms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from care.records.fields import Media

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


class Kind(StrEnum):
    WORDS = "words"
    """Typed text, a command included."""
    TAP = "tap"
    MEDIA = "media"
    CONTACT = "contact"
    OTHER = "other"
    """A sticker, a place, a game: something that a conversation cannot use, but that deserves an answer."""
    EDIT = "edit"
    BLOCKED = "blocked"
    """The person stopped, or started again (`words` is 'member'), the bot."""
    GROUP = "group"
    """Anything from a chat that is not private."""


class Turn(NamedTuple):
    """`at` is aware UTC; `chat_id` and `user_id` are the channel's own numbers, equal in a private chat.

    `words` is the text or the caption; `tap` what a button carried; `reply_to` and `message_id` are message numbers
    in the chat.
    """

    update_id: int
    kind: Kind
    chat_id: int
    user_id: int
    at: datetime
    message_id: int = 0
    words: str = ""
    tap: str = ""
    tap_id: str = ""
    media: Media | None = None
    album: str = ""
    reply_to: int = 0
    forwarded: bool = False
    name: str = ""
    language_code: str = ""
    phone: str = ""
    channel: str = "telegram"

    @property
    def command(self) -> str:
        """The command's name without slash and bot name, in lower case; empty where the words are no command, or
        somebody else's."""
        found = self._command
        return found[1].lower() if found else ""

    @property
    def argument(self) -> str:
        """What stands behind the command."""
        found = self._command
        return (found[2] or "").strip() if found else ""

    @property
    def _command(self) -> re.Match[str] | None:
        if self.kind is not Kind.WORDS or self.forwarded or not self.words.startswith("/"):
            return None
        return _COMMAND.fullmatch(self.words)


@dataclass(frozen=True, slots=True)
class Heard:
    """A Turn and the raw update it was read from, which is kept (sealed) if the Turn fails."""

    turn: Turn
    raw: Mapping[str, Any]
