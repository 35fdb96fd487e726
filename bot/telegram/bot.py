"""The start: one connection to the Bot API, and the calls that are made once."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import InvalidToken, NetworkError, RetryAfter

from bot.telegram.http import AiohttpRequest, Api, told_to_wait
from bot.telegram.intake import TokenRefused

__all__ = ["TELEGRAM", "Channel", "Menus", "TokenRefused", "connect", "hide_token"]

TELEGRAM = "https://api.telegram.org"
Menus = Mapping[str, Sequence[tuple[str, str]]]
"""By two-letter language code, '' for everybody else: (command, description)."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """An open connection; `username` and `name` are the bot's own."""

    api: Api
    bot_id: int
    username: str
    name: str


class _QuietBot(Bot):
    def __repr__(self) -> str:
        return "Bot"


@asynccontextmanager
async def connect(token: str, url: str = TELEGRAM, menus: Menus | None = None) -> AsyncIterator[Channel]:
    """Opens the connection, removes a webhook (updates stay), sets the default menus.

    Waits for the network. Raises TokenRefused.
    """
    url = url.rstrip("/")
    request = AiohttpRequest(trust_env=not _is_here(url))
    async with request:
        bot = _QuietBot(
            token, f"{url}/bot", base_file_url=f"{url}/file/bot", request=request, get_updates_request=request
        )
        await _start(bot, menus or {})
        yield Channel(Api(token, url, request), bot.id, bot.username, bot.first_name)


def _is_here(url: str) -> bool:
    """A server on this machine is reached without a proxy."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


async def _start(bot: _QuietBot, menus: Menus) -> None:
    wait = 1.0
    while True:
        try:
            return await _introduce(bot, menus)
        except InvalidToken:
            raise TokenRefused from None
        except RetryAfter as error:
            wait = told_to_wait(error)
        except NetworkError as error:
            if not _passing(error):
                raise
        _LOG.warning("the Bot API cannot be reached; again in %.0f s", wait)
        await asyncio.sleep(wait)
        wait = min(60.0, wait * 2)


def _passing(error: NetworkError) -> bool:
    """PTB counts a refused request among the errors of the network; waiting does not cure it."""
    return type(error).__name__ != "BadRequest"


async def _introduce(bot: _QuietBot, menus: Menus) -> None:
    await bot.initialize()
    await bot.delete_webhook(drop_pending_updates=False)
    for language, commands in menus.items():
        await bot.set_my_commands(list(commands), language_code=language or None)


def hide_token(token: str) -> None:
    """Every log record that this process makes from now on loses the token, tracebacks included."""
    make = logging.getLogRecordFactory()
    secrets = [token, token.partition(":")[2]]

    def scrub(text: str) -> str:
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return text

    def record(*args: object, **kwargs: object) -> logging.LogRecord:
        made = make(*args, **kwargs)
        message = made.getMessage()
        if scrub(message) != message:
            made.msg, made.args = _scrubbed(made.msg, message, scrub), ()
        if made.exc_info and made.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*made.exc_info)).rstrip()
            if scrub(text) != text:
                made.exc_info, made.exc_text = None, scrub(text)
        return made

    logging.setLogRecordFactory(record)


def _scrubbed(said: object, message: str, scrub: Callable[[str], str]) -> object:
    """What structlog hands on is a dict, and stays one."""
    if isinstance(said, dict):
        return {key: scrub(value) if isinstance(value, str) else value for key, value in said.items()}
    return scrub(message)
