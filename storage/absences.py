"""Who is away until when, and who stands in. Dated rows, never deleted; a person has one that is not over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, bindparam, case, exists, select, update

from storage.database import Tx
from storage.prepared import Question
from storage.tables import AWAY, absences, records
from storage.vault import new_id


@dataclass(frozen=True, slots=True)
class Absence:
    """`deputy_id` is None where nobody stands in. Both days are included."""

    id: str
    person_id: str
    deputy_id: str | None
    first_on: date
    last_on: date


async def add(
    tx: Tx, *, person_id: str, deputy_id: str | None, first_on: date, last_on: date, by: str, now: datetime
) -> Absence:
    """Begins now, in the place of one that is not over yet."""
    await end(tx, [one.id for one in (await running(tx, [person_id])).values()], by, now, first_on)
    absence = Absence(new_id(), person_id, deputy_id, first_on, last_on)
    row = {name: getattr(absence, name) for name in Absence.__slots__}
    await tx.run(absences.insert(), row | {"set_by": by, "set_at": now})
    return absence


async def end(tx: Tx, ids: Collection[str], by: str, now: datetime, today: date) -> int:
    """How many were not over yet. Its last day is today, where a later one was planned: whose contact it was is
    reckoned by what happened."""
    if not ids:
        return 0
    open_ones = (absences.c.id.in_(ids), absences.c.ended_at.is_(None))
    last = case((absences.c.last_on > today, today), else_=absences.c.last_on)
    return await tx.run(update(absences).where(*open_ones).values(ended_at=now, ended_by=by, last_on=last))


async def decline(tx: Tx, id: str, deputy_id: str, now: datetime, today: date) -> bool:
    """The deputy cannot stand in: from now on nobody does; whether it was theirs."""
    known = await one(tx, id)
    if known is None or known.deputy_id != deputy_id:
        return False
    await add(
        tx, person_id=known.person_id, deputy_id=None, first_on=today, last_on=known.last_on, by=deputy_id, now=now
    )
    return True


_RUNNING = Question(
    select(absences).where(absences.c.person_id.in_(bindparam("people", expanding=True)), absences.c.ended_at.is_(None))
)


async def running(tx: Tx, person_ids: Collection[str]) -> dict[str, Absence]:
    """Of these people those who are away, by person."""
    if not person_ids:
        return {}
    return {row.person_id: _read(row) for row in await _RUNNING.rows(tx, {"people": list(person_ids)})}


async def one(tx: Tx, id: str) -> Absence | None:
    row = await tx.row(select(absences).where(absences.c.id == id, absences.c.ended_at.is_(None)))
    return _read(row) if row else None


async def over(tx: Tx, today: date) -> list[Absence]:
    """Those whose last day has passed and that nobody has ended."""
    past = select(absences).where(AWAY, absences.c.last_on < today)
    return sorted((_read(row) for row in await tx.rows(past)), key=lambda one: one.id)


async def of_deputy(tx: Tx, person_id: str) -> list[Absence]:
    """The running ones in which this person stands in."""
    here = select(absences).where(absences.c.deputy_id == person_id, absences.c.ended_at.is_(None))
    return [_read(row) for row in await tx.rows(here.order_by(absences.c.last_on, absences.c.id))]


_STOOD_IN = Question(
    select(absences.c.deputy_id, absences.c.person_id, absences.c.first_on, absences.c.last_on).where(
        absences.c.deputy_id.in_(bindparam("deputies", expanding=True))
    )
)


async def whose(tx: Tx, contacts: Collection[tuple[str, str, date]]) -> list[tuple[str, str, date]]:
    """Whose contacts these (author's id, child's id, day) are: each author's own, and those of whom they stood in for
    on that day, over by now or not."""
    if not contacts:
        return []
    rows = await _STOOD_IN.rows(tx, {"deputies": list({author for author, _, _ in contacts})})
    others = {
        (row.person_id, child, day)
        for author, child, day in contacts
        for row in rows
        if row.deputy_id == author and row.first_on <= day <= row.last_on
    }
    return [*contacts, *sorted(others)]


def stood_in(person_id: str | Column[str]) -> ColumnElement[bool]:
    """The condition on `records` that its author stood in for this person on the day on which it happened."""
    return exists().where(
        absences.c.person_id == person_id,
        absences.c.deputy_id == records.c.author_id,
        records.c.happened_on.between(absences.c.first_on, absences.c.last_on),
    )


def _read(row: Row[Any]) -> Absence:
    return Absence(row.id, row.person_id, row.deputy_id, row.first_on, row.last_on)
