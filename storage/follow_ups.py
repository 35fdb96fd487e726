"""What was promised in a record, by when and by whom; done with one tap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select, update

from care.access import Action
from care.people import Actor
from storage.database import Tx
from storage.scope import records_in_reach
from storage.tables import follow_ups, records
from storage.vault import new_id


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`words` are empty where they belong to a closed circle. With `done_at` and no `done_on` it is void: the record
    that promised it was taken back or corrected."""

    id: str
    record_id: str
    number: str
    kind: str
    home_id: str
    owner_id: str
    due_on: date
    done_at: datetime | None = None
    words: str = ""
    done_on: date | None = None


async def add(tx: Tx, *, record_id: str, home_id: str, owner_id: str, due_on: date, words: str) -> None:
    id = new_id()
    await tx.run(
        follow_ups.insert(),
        {
            "id": id,
            "record_id": record_id,
            "home_id": home_id,
            "owner_id": owner_id,
            "due_on": due_on,
            "words": tx.vault.seal_text(words or None, f"follow_ups.words:{id}"),
        },
    )


async def drop(tx: Tx, record_id: str, by: str, now: datetime) -> list[str]:
    """The record was taken back or corrected: what it promised is void. The ids."""
    rows = await tx.rows(
        select(follow_ups.c.id).where(follow_ups.c.record_id == record_id, follow_ups.c.done_at.is_(None))
    )
    ids = [row.id for row in rows]
    if ids:
        await tx.run(update(follow_ups).where(follow_ups.c.id.in_(ids)).values(done_at=now, done_by=by))
    return ids


async def done(tx: Tx, actor: Actor, id: str, now: datetime, today: date) -> bool:
    """By its owner, by who stands in for the owner, or by who sees the home's records."""
    here = (follow_ups.c.id == id, follow_ups.c.done_at.is_(None))
    owners = {actor.person_id, *actor.stands_for}
    if not [one for one in await _read(tx, *here) if one.owner_id in owners] and not await _in_reach(tx, actor, id):
        return False
    return (
        await tx.run(update(follow_ups).where(*here).values(done_at=now, done_on=today, done_by=actor.person_id)) == 1
    )


async def _in_reach(tx: Tx, actor: Actor, id: str) -> bool:
    return bool(await _read(tx, follow_ups.c.id == id, records_in_reach(actor, Action.SEE_RECORDS)))


async def due_between(tx: Tx, first: date, last: date) -> list[FollowUp]:
    """Open ones that are due from the first to the last of these days."""
    return await _read(tx, follow_ups.c.done_at.is_(None), follow_ups.c.due_on.between(first, last))


async def in_reach(tx: Tx, actor: Actor, first: date, until: date) -> list[FollowUp]:
    """Due by then: those still open, and of the others those that were due from the first of these days on."""
    own = follow_ups.c.owner_id.in_({actor.person_id, *actor.stands_for})
    within = records_in_reach(actor, Action.SEE_RECORDS) | own
    wanted = or_(follow_ups.c.done_at.is_(None), follow_ups.c.due_on >= first)
    return await _read(tx, wanted, follow_ups.c.due_on <= until, within)


async def open_among(tx: Tx, ids: Collection[str]) -> Sequence[FollowUp]:
    return await _read(tx, follow_ups.c.id.in_(ids), follow_ups.c.done_at.is_(None)) if ids else []


async def _read(tx: Tx, *conditions: ColumnElement[bool]) -> list[FollowUp]:
    found = (
        select(follow_ups, records.c.number, records.c.kind)
        .join(records, records.c.id == follow_ups.c.record_id)
        .where(*conditions)
        .order_by(follow_ups.c.due_on, follow_ups.c.id)
    )
    return [_follow_up(tx, row) for row in await tx.rows(found)]


def _follow_up(tx: Tx, row: Row[Any]) -> FollowUp:
    return FollowUp(
        row.id,
        row.record_id,
        row.number,
        row.kind,
        row.home_id,
        row.owner_id,
        row.due_on,
        row.done_at,
        tx.vault.open_text(row.words, f"follow_ups.words:{row.id}") or "",
        row.done_on,
    )
