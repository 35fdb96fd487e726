"""The courier: takes what is due from the outbox and sends it, chats side by side, in order within a chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from bot.engine.i18n import Languages
from bot.telegram.http import Api
from storage.database import Database, Tx

Refused = Callable[[Tx, Sequence[Any]], Awaitable[Collection[int]]]
"""Looks at due messages (storage.outbox.Due) just before they are sent: the ids of those that may not be sent any more."""


class Courier:
    def __init__(
        self,
        database: Database,
        api: Api,
        languages: Languages,
        now: Callable[[], datetime],
        *,
        refused: Refused | None = None,
        at_once: int = 32,
    ) -> None: ...

    def wake(self) -> None:
        """Something was committed to the outbox."""

    async def run(self) -> None:
        """Until `stop()`. Cancellation leaves what was in flight to the next start."""

    async def drain(self, timeout: float = 10.0) -> None:
        """Waits until nothing is due and nothing in flight. Raises TimeoutError."""

    async def stop(self, timeout: float = 10.0) -> None:
        """Takes nothing new and waits for what is in hand."""
