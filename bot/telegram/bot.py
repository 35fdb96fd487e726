"""The start: one connection to the Bot API, and the calls made once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.telegram.http import Api

TELEGRAM = "https://api.telegram.org"


class TokenRefused(Exception):
    """The server does not know this token. One plain line, without the token."""


@dataclass(frozen=True, slots=True)
class Channel:
    """`username` and `name` are the bot's own."""

    api: Api
    bot_id: int
    username: str
    name: str


@asynccontextmanager
async def connect(token: str, url: str = TELEGRAM, menus: Mapping[str, Sequence[tuple[str, str]]] | None = None) -> AsyncIterator[Channel]:
    """Opens the connection, removes a webhook, and sets the default command menus: language code ('' for all others) to
    (command, description). Raises TokenRefused."""
    raise NotImplementedError
    yield


def hide_token(token: str) -> None:
    """Every log record of this process, tracebacks included, loses the token before any handler formats it."""
