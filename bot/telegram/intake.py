"""The polling loop: an update is acknowledged only after `handle` has committed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from bot.engine.turn import Turn
from bot.telegram.http import Api
from bot.telegram.parse import Raw

Handle = Callable[[Sequence[Raw]], Awaitable[None]]
"""Commits a batch of raw updates (1 to 100). Whatever it raises: nothing is acknowledged, and the batch comes again."""


class Heard(NamedTuple):
    turn: Turn
    raw: Raw


def parsing(
    take: Callable[[Sequence[Heard]], Awaitable[None]], keep: Callable[[int, Raw], Awaitable[None]]
) -> Handle:
    """A Handle that gives the readable updates to `take`, all at once, and each unreadable one (update_id, raw) to `keep`."""
    raise NotImplementedError


class Intake:
    """`run()` until `stop()` (or cancellation), which finishes the batch in hand. `last_poll` is the moment of the last good
    poll, by `time.monotonic`."""

    last_poll: float

    def __init__(self, api: Api, handle: Handle, *, long_poll: int = 50) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """Raises TokenRefused where the server does not know the token; anything else is waited out."""

    def stop(self) -> None: ...
