"""Contacts by the pairing's rhythm: `pairings.next_contact_on` is kept with the records, so that a day's due are one
look-up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from care.access import Action
from care.children import Child
from care.people import Actor
from storage.children import read_child
from storage.database import Tx
from storage.scope import in_reach
from storage.tables import children, homes, pairings, people


@dataclass(frozen=True, slots=True)
class Rhythm:
    """An open pairing: the child, the volunteer, since when there was no contact, and when the next is due."""

    pairing_id: str
    person_id: str
    chat_id: int | None
    name: str
    child: Child
    since: date
    due_on: date


_OPEN = (
    select(
        children,
        homes.c.name.label("home_name"),
        pairings.c.id.label("pairing_id"),
        pairings.c.person_id,
        pairings.c.starts_on,
        pairings.c.last_contact_on,
        pairings.c.next_contact_on,
        people.c.name.label("volunteer"),
        people.c.chat_id,
        people.c.unreachable_since,
    )
    .join(pairings, pairings.c.child_id == children.c.id)
    .join(homes, homes.c.id == children.c.home_id)
    .join(people, people.c.id == pairings.c.person_id)
    .where(pairings.c.ended_at.is_(None), children.c.status == "active")
)


async def due_on(tx: Tx, day: date) -> list[Rhythm]:
    """The open pairings whose next contact is due on that day."""
    return await _read(tx, pairings.c.next_contact_on == day)


async def in_reach_of(tx: Tx, actor: Actor, until: date) -> list[Rhythm]:
    """Due by then: one's own as a volunteer, those of whom one stands in for, and those of the homes in reach."""
    own = pairings.c.person_id.in_({actor.person_id, *actor.stands_for})
    within = in_reach(actor, Action.SEE_RECORDS) | own
    return await _read(tx, pairings.c.next_contact_on <= until, within)


async def of_pair(tx: Tx, person_id: str, child_id: str) -> Rhythm | None:
    found = await _read(tx, pairings.c.person_id == person_id, pairings.c.child_id == child_id)
    return found[0] if found else None


async def of_pairings(tx: Tx, ids: Collection[str]) -> list[Rhythm]:
    return await _read(tx, pairings.c.id.in_(ids)) if ids else []


async def _read(tx: Tx, *conditions: ColumnElement[bool]) -> list[Rhythm]:
    rows = await tx.rows(_OPEN.where(*conditions).order_by(pairings.c.next_contact_on, children.c.code))
    return [_rhythm(tx, row) for row in rows]


def _rhythm(tx: Tx, row: Row[Any]) -> Rhythm:
    return Rhythm(
        row.pairing_id,
        row.person_id,
        None if row.unreachable_since else row.chat_id,
        tx.vault.open(row.volunteer, f"people.name:{row.person_id}").decode(),
        read_child(tx, row),
        row.last_contact_on or row.starts_on,
        row.next_contact_on,
    )
