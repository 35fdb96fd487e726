"""Much to do in one go, in portions between which other work gets its turn: the poll, the watchdog, the other chats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

V = TypeVar("V")
SIZE = 500


async def portions(many: Sequence[V], size: int = SIZE) -> AsyncIterator[Sequence[V]]:
    """All of it, in order, so many at a time; nothing of nothing."""
    for start in range(0, len(many), size):
        if start:
            await asyncio.sleep(0)
        yield many[start : start + size]
