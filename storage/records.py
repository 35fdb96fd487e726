"""Records: what people logged. Scoped by the actor; the words of a closed circle go only to those inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from care.children import Child
from care.people import Actor
from care.records.base import Record
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Saved:
    """A record with all that surrounds it. Made anew by `saved`; the names are filled in when it is read.

    `children` are the ids of all whom it is about, `about` those of them whom the reader may see. `closed`: the words of `body`
    are blanked, because the reader stands outside the circle.
    """

    id: str
    number: str
    kind: str
    home_id: str
    author_id: str
    happened_on: date
    created_at: datetime
    body: Record
    children: tuple[str, ...] = ()
    version: int = 1
    supersedes: str | None = None
    status: str = "current"
    concern: str = "none"
    conversation_id: str | None = None
    home_name: str = ""
    author_name: str = ""
    about: tuple[Child, ...] = ()
    closed: bool = False


def saved(
    body: Record, *, home_id: str, author_id: str, now: datetime, conversation_id: str | None = None, id: str = ""
) -> Saved:
    """A new record around this body, ready to be added: its id and number are known before it is written."""
    raise NotImplementedError


def number_of(record_id: str) -> str:
    """The short visible reference of a record: 4 characters that nobody confuses."""
    raise NotImplementedError


async def add(tx: Tx, many: Sequence[Saved]) -> set[str]:
    """Writes them; the ids of those that were new: one saved before, or from the same conversation, is left alone."""
    raise NotImplementedError


async def mine(tx: Tx, actor: Actor, limit: int, before: datetime | None = None) -> list[Saved]:
    """The actor's own, newest first, as far as they still reach whom it is about."""
    raise NotImplementedError


async def recent(tx: Tx, actor: Actor, limit: int, before: datetime | None = None) -> list[Saved]:
    """The newest in the actor's reach."""
    raise NotImplementedError


async def of_child(tx: Tx, actor: Actor, child_id: str, limit: int) -> list[Saved]:
    """A child's records, by the day they happened, latest first. Refusal when the child is out of reach."""
    raise NotImplementedError


async def one(tx: Tx, actor: Actor, record_id: str) -> Saved:
    """Refusal when it is neither the actor's own nor in reach."""
    raise NotImplementedError
