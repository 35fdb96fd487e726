"""The bot's own command line, in a process that kills itself at a named point: `python -m tests.mortal bot`.

DIE_AT=send.after:17 kills (-9) at the seventeenth time that a message has gone out. Nothing else is different.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from bot.__main__ import main
from bot.gateway import Gateway
from bot.telegram.courier import Courier
from bot.telegram.http import Api
from storage import conversations, outbox, records, updates
from storage.database import Database

SENDS = ("sendMessage", "editMessageText", "editMessageReplyMarkup", "deleteMessage")
POINTS: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "commit": (Database, "_commit", ()),
    "send": (Api, "call", SENDS),
    "record": (records, "add", ()),
    "reply": (outbox, "put", ()),
    "draft": (conversations, "save", ()),
    "poll": (Api, "call", ("getUpdates",)),  # the offset goes with it
    "mark": (outbox, "mark", ()),
    "batch": (Gateway, "take", ()),
    "seen": (updates, "new_ids", ()),
    "answer": (Api, "tell", ("answerCallbackQuery",)),
    "round": (Courier, "_round", ()),
}
"""Where one can die."""
NAMED = tuple(f"{name}.{when}" for name in POINTS for when in ("before", "after"))

Work = Callable[..., Any]
"""A coroutine function, or one that gives a future."""


def arm(order: str) -> None:
    """'send.after:17': wrap the function behind the point."""
    point, _, count = order.partition(":")
    name, _, when = point.partition(".")
    owner, function, only = POINTS[name]
    setattr(owner, function, _dying(getattr(owner, function), when, int(count or 1), only))


def _dying(work: Work, when: str, left: int, only: tuple[str, ...]) -> Work:
    def perhaps(args: tuple[Any, ...]) -> None:
        nonlocal left
        if only and not any(argument in only for argument in args if isinstance(argument, str)):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def mortal_at_once(*args: Any, **more: Any) -> asyncio.Future[Any]:
        if when == "before":
            perhaps(args)
        begun: asyncio.Future[Any] = work(*args, **more)
        if when == "after":
            begun.add_done_callback(lambda _: perhaps(args))
        return begun

    async def mortal(*args: Any, **more: Any) -> Any:
        if when == "before":
            perhaps(args)
        result = await work(*args, **more)
        if when == "after":
            perhaps(args)
        return result

    return mortal if inspect.iscoroutinefunction(work) else mortal_at_once


if __name__ == "__main__":
    if "DIE_AT" in os.environ:
        arm(os.environ["DIE_AT"])
    sys.exit(main())
