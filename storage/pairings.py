"""Pairings of volunteers with children: dated rows, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from care.people import Actor
from storage.database import Tx
from storage.people import Person


@dataclass(frozen=True, slots=True)
class Pairing:
    id: str
    person_id: str
    child_id: str
    kind: str
    starts_on: date
    rhythm_days: int
    last_contact_on: date | None = None
    name: str = ""
    """The volunteer's."""


async def pair(
    tx: Tx, person_id: str, child_id: str, kind: str = "volunteer", rhythm_days: int = 14, *, today: date
) -> str:
    """The id of the pairing; of the open one where the two are paired already."""
    raise NotImplementedError


async def unpair(tx: Tx, pairing_id: str, by: str, now: datetime) -> bool:
    """Ends it; whether it was open."""
    raise NotImplementedError


async def pairings_of(tx: Tx, child_ids: Collection[str]) -> list[Pairing]:
    """The open ones."""
    raise NotImplementedError


async def volunteers(tx: Tx, actor: Actor) -> list[Person]:
    """Everybody who holds the volunteer's role, for who may pair; for others nobody."""
    raise NotImplementedError


async def touch(tx: Tx, contacts: Sequence[tuple[str, str, date]]) -> None:
    """Moves the last contact of each (person id, child id, day) forward, never back."""
    raise NotImplementedError
