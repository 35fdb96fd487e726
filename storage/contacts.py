"""Contacts by the pairing's rhythm: `pairings.next_contact_on` is kept with the records, so that a day's due are one
look-up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select

from care.access import Action
from care.children import Child
from care.people import Actor
from care.records.contact_entry import ContactEntry
from storage.absences import stood_in
from storage.children import read_child
from storage.consents import consented
from storage.database import Tx
from storage.prepared import Question
from storage.scope import in_reach
from storage.tables import ACTIVE, children, homes, pairings, people, record_children, records


@dataclass(frozen=True, slots=True)
class Rhythm:
    """An open pairing with the family's consent: the child, the volunteer, since when there was no contact, and when
    the next is due."""

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
        pairings.c.rhythm_days,
        people.c.name.label("volunteer"),
        people.c.chat_id,
        people.c.unreachable_since,
    )
    .join(pairings, pairings.c.child_id == children.c.id)
    .join(homes, homes.c.id == children.c.home_id)
    .join(people, people.c.id == pairings.c.person_id)
    .where(pairings.c.ended_at.is_(None), children.c.status == ACTIVE, consented())
)


_OPEN_SINCE = or_(
    pairings.c.ended_at.is_(None), pairings.c.ended_at >= bindparam("first", type_=pairings.c.ended_at.type)
)
_COURSES = (
    select(
        children,
        homes.c.name.label("home_name"),
        pairings.c.id.label("pairing_id"),
        pairings.c.person_id,
        pairings.c.starts_on,
        pairings.c.rhythm_days,
        pairings.c.ended_at,
    )
    .join(pairings, pairings.c.child_id == children.c.id)
    .join(homes, homes.c.id == children.c.home_id)
    .order_by(children.c.code, pairings.c.starts_on, pairings.c.id)
)
_ENTRIES = (
    select(pairings.c.id.label("pairing_id"), records.c.id, records.c.happened_on, records.c.body)
    .join(children, children.c.id == pairings.c.child_id)
    .join(record_children, record_children.c.child_id == children.c.id)
    .join(records, records.c.id == record_children.c.record_id)
    .where(
        records.c.kind == ContactEntry.kind,
        records.c.status == "current",
        records.c.happened_on >= bindparam("since", type_=records.c.happened_on.type),
        or_(records.c.author_id == pairings.c.person_id, stood_in(pairings.c.person_id)),
    )
)


_DUE_ON = Question(_OPEN.where(pairings.c.next_contact_on == bindparam("day")).order_by(children.c.code))


async def due_on(tx: Tx, day: date) -> list[Rhythm]:
    """The open pairings whose next contact is due on that day."""
    return [_rhythm(tx, row) for row in await _DUE_ON.rows(tx, {"day": day})]


async def in_reach_of(tx: Tx, actor: Actor, until: date) -> list[Rhythm]:
    """Due by then: one's own as a volunteer, those of whom one stands in for, and those of the homes in reach."""
    own = pairings.c.person_id.in_({actor.person_id, *actor.stands_for})
    within = in_reach(actor, Action.SEE_RECORDS) | own
    return await _read(tx, pairings.c.next_contact_on <= until, within)


_DUE_FOR = Question(
    select(
        pairings.c.id,
        pairings.c.person_id,
        pairings.c.child_id,
        func.coalesce(pairings.c.last_contact_on, pairings.c.starts_on).label("since"),
        pairings.c.next_contact_on,
        pairings.c.rhythm_days,
    ).where(pairings.c.ended_at.is_(None), pairings.c.child_id.in_(bindparam("children", expanding=True)))
)


async def due_for(tx: Tx, pairs: Collection[tuple[str, str]]) -> list[tuple[str, date]]:
    """The pairing's id and the day of its next contact, for each of these (person id, child id) that are paired."""
    if not pairs:
        return []
    rows = await _DUE_FOR.rows(tx, {"children": list({child for _, child in pairs})})
    return [(row.id, _next(row, row.since)) for row in rows if (row.person_id, row.child_id) in pairs]


@dataclass(frozen=True, slots=True)
class Course:
    """A pairing and the days on which there was a contact, those before `since` left out. `over_on`: the day on which
    it ended, or the child left."""

    pairing_id: str
    person_id: str
    child: Child
    rhythm_days: int
    days: tuple[date, ...]
    over_on: date | None = None


async def courses(tx: Tx, actor: Actor, first: date) -> list[Course]:
    """Of one's own pairings, and those of the homes in reach, that were open on some day from the first on: every
    day from which something was due from then on. Three statements, whatever their number."""
    own = pairings.c.person_id.in_({actor.person_id, *actor.stands_for})
    within = and_(_OPEN_SINCE, in_reach(actor, Action.SEE_RECORDS) | own)
    rows = await tx.rows(_COURSES.where(within), {"first": _midnight(first)})
    if not rows:
        return []
    since = first - timedelta(days=max(row.rhythm_days for row in rows))
    entries = await tx.rows(_ENTRIES.where(within), {"first": _midnight(first), "since": since})
    made: dict[str, set[date]] = {}
    for row in entries:
        if ContactEntry.model_validate_json(tx.vault.open(row.body, f"records.body:{row.id}")).made:
            made.setdefault(row.pairing_id, set()).add(row.happened_on)
    return [_course(tx, row, made.get(row.pairing_id, set()), since) for row in rows]


def _course(tx: Tx, row: Row[Any], days: set[date], since: date) -> Course:
    begun = {row.starts_on} if row.starts_on >= since else set()
    theirs = {day for day in days if day >= row.starts_on}
    ends = [day for day in (row.ended_at and row.ended_at.date(), row.left_on) if day]
    return Course(
        row.pairing_id,
        row.person_id,
        read_child(tx, row),
        row.rhythm_days,
        tuple(sorted(theirs | begun)),
        min(ends, default=None),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


_DUE_DAYS = Question(
    select(
        pairings.c.id,
        func.coalesce(pairings.c.last_contact_on, pairings.c.starts_on).label("since"),
        pairings.c.next_contact_on,
        pairings.c.rhythm_days,
    )
    .join(children, children.c.id == pairings.c.child_id)
    .where(pairings.c.id.in_(bindparam("ids", expanding=True)), pairings.c.ended_at.is_(None))
    .where(children.c.status == ACTIVE, consented())
)


async def due_days(tx: Tx, ids: Collection[str]) -> list[tuple[str, date]]:
    """The day of the next contact of each of these pairings that is open and has the family's consent."""
    rows = await _DUE_DAYS.rows(tx, {"ids": list(ids)}) if ids else ()
    return [(row.id, _next(row, row.since)) for row in rows]


async def _read(tx: Tx, *conditions: ColumnElement[bool]) -> list[Rhythm]:
    rows = await tx.rows(_OPEN.where(*conditions).order_by(pairings.c.next_contact_on, children.c.code))
    return [_rhythm(tx, row) for row in rows]


def _rhythm(tx: Tx, row: Row[Any]) -> Rhythm:
    since = row.last_contact_on or row.starts_on
    return Rhythm(
        row.pairing_id,
        row.person_id,
        None if row.unreachable_since else row.chat_id,
        tx.vault.open(row.volunteer, f"people.name:{row.person_id}").decode(),
        read_child(tx, row),
        since,
        _next(row, since),
    )


def _next(row: Row[Any], since: date) -> date:
    """None is kept for a pairing that nobody has reckoned yet."""
    return row.next_contact_on or since + timedelta(days=row.rhythm_days)
