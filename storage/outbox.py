"""The outbox: everything that is to be said, in order per chat, each key once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Queued:
    """A message to put in. `not_before` None: at once."""

    key: str
    chat_id: int
    verb: str
    priority: int
    body: Mapping[str, Any]
    created_at: datetime
    person_id: str | None = None
    card_id: str | None = None
    about: str | None = None
    needs: str | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A message to send now. `message_id` is that of its card, once that was sent; `language` that of the person now."""

    id: int
    key: str
    chat_id: int
    person_id: str | None
    verb: str
    priority: int
    card_id: str | None
    message_id: int | None
    body: dict[str, Any]
    about: str | None
    needs: str | None
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    language: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a message: sent, failed, cancelled, expired, unknown, or queued again until `not_before`."""

    id: int
    state: str
    message_id: int | None = None
    error: str | None = None
    attempts: int = 1
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dead:
    id: int
    key: str
    chat_id: int
    person_id: str | None
    verb: str
    state: str
    attempts: int
    error: str
    created_at: datetime


async def put(tx: Tx, messages: Sequence[Queued]) -> None:
    """Queues them; a key that was queued before is left alone. Of a card's queued edits only the last stays."""
    raise NotImplementedError


async def due(tx: Tx, now: datetime, limit: int, busy_chats: Collection[int] = ()) -> list[Due]:
    """What to send next, most urgent first; within a chat always oldest first. Chats with something in flight are left out."""
    raise NotImplementedError


async def claim(tx: Tx, ids: Collection[int]) -> None:
    """Marks as being sent: needed for what must not be sent twice after a crash (documents, media)."""
    raise NotImplementedError


async def mark(tx: Tx, results: Sequence[Result], now: datetime) -> None:
    """Writes what became of them, all at once, and what number their cards got. Bodies that are done with are blanked."""
    raise NotImplementedError


async def cancel_about(tx: Tx, about: str) -> int:
    raise NotImplementedError


async def cancel_person(tx: Tx, person_id: str, *, replies_too: bool = False) -> int:
    """Cancels what is queued for a person, plain answers (priority 0, no `needs`) only when asked to."""
    raise NotImplementedError


async def recover(tx: Tx) -> list[int]:
    """At start: what was being sent is queued again, except media: that is 'unknown' now. The ids of the unknown ones."""
    raise NotImplementedError


async def expire(tx: Tx, now: datetime) -> int:
    """Closes what waited past its time."""
    raise NotImplementedError


async def depth(tx: Tx) -> int:
    """How many are queued."""
    raise NotImplementedError


async def dead(tx: Tx) -> list[Dead]:
    """What failed or whose fate is unknown, oldest first."""
    raise NotImplementedError


async def forget(tx: Tx, before: datetime) -> int:
    """Deletes what was done with before then."""
    raise NotImplementedError
