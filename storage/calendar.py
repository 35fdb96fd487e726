"""The calendar as it stands: what is usual and announced, with the coordinator's entries over it. Entries are ended,
never deleted, so that a past moment can be looked at as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from care.calendar import Calendar, Change, Override
from storage.database import Tx
from storage.tables import calendar_overrides as table
from storage.vault import new_id

_CHANGES = {change.value: change for change in Change}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a coordinator."""

    id: str
    override: Override
    set_by: str
    set_at: datetime
    ended_at: datetime | None = None


async def load(tx: Tx, at: datetime | None = None) -> Calendar:
    """The calendar as it is, or as it was at a moment."""
    return _made(tuple(entry.override for entry in await _entries(tx, _standing(at))))


@lru_cache(4)
def _made(overrides: tuple[Override, ...]) -> Calendar:
    """The same entries make the same Calendar, with what it has worked out already."""
    return Calendar(overrides=overrides)


async def entries(tx: Tx, since: date) -> list[Entry]:
    """Those in force that reach to this day or further, in the order of their days."""
    found = await _entries(tx, and_(_standing(None), table.c.last_on >= since))
    return sorted(found, key=lambda entry: entry.override)


async def entry(tx: Tx, id: str) -> Entry | None:
    """One that is in force."""
    return next(iter(await _entries(tx, and_(_standing(None), table.c.id == id))), None)


async def add(tx: Tx, override: Override, by: str, now: datetime) -> str:
    """The id of the new entry; of the one that says the same already."""
    row = {"first_on": override.first, "last_on": override.last, "change": override.change.value, "name": override.name}
    last = (await _entries(tx, _standing(None)))[-1:]
    if last and last[0].override == override:
        return last[0].id
    id = new_id()
    await tx.run(tx.insert(table), row | {"id": id, "set_by": by, "set_at": now})
    return id


async def end(tx: Tx, id: str, by: str, now: datetime) -> bool:
    """Takes an entry out of force; whether it was in force."""
    here = (table.c.id == id, table.c.ended_at.is_(None))
    return await tx.run(update(table).where(*here).values(ended_by=by, ended_at=now)) == 1


async def changed_at(tx: Tx) -> datetime | None:
    """When an entry was last made or ended: what was reckoned before must be reckoned anew."""
    row = await tx.row(select(func.max(table.c.set_at).label("made"), func.max(table.c.ended_at).label("ended")))
    return max((moment for moment in (row.made, row.ended) if moment), default=None) if row else None


def _standing(at: datetime | None) -> ColumnElement[bool]:
    if at is None:
        return table.c.ended_at.is_(None)
    return and_(table.c.set_at <= at, or_(table.c.ended_at.is_(None), table.c.ended_at > at))


async def _entries(tx: Tx, where: ColumnElement[bool]) -> list[Entry]:
    """In the order in which they were made."""
    return [_read(row) for row in await tx.rows(select(table).where(where).order_by(table.c.set_at, table.c.id))]


def _read(row: Row[Any]) -> Entry:
    override = Override(row.first_on, row.last_on, _CHANGES[row.change], row.name)
    return Entry(row.id, override, row.set_by, row.set_at, row.ended_at)
