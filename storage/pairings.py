"""Pairings of volunteers with children: dated rows, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, bindparam, func, or_, select, update

from care.access import Action, reach
from care.children import Child
from care.people import Actor, Role
from storage.children import read_child
from storage.database import Tx
from storage.moments import plus_days
from storage.people import Person, read_person
from storage.prepared import Prepared
from storage.tables import children, homes, pairings, people, roles
from storage.vault import new_id


@dataclass(frozen=True, slots=True)
class Pairing:
    """`name` is the volunteer's."""

    id: str
    person_id: str
    child_id: str
    kind: str
    starts_on: date
    rhythm_days: int
    last_contact_on: date | None = None
    name: str = ""


async def pair(
    tx: Tx, person_id: str, child_id: str, kind: str = "volunteer", rhythm_days: int = 14, *, today: date
) -> str:
    """The id of the pairing; of the open one where the two are paired already."""
    row = {"id": new_id(), "person_id": person_id, "child_id": child_id, "kind": kind}
    await tx.run(
        tx.insert(pairings).on_conflict_do_nothing(),
        row
        | {
            "starts_on": today,
            "rhythm_days": rhythm_days,
            "next_contact_on": today + timedelta(days=rhythm_days),
        },
    )
    both = (pairings.c.person_id == person_id, pairings.c.child_id == child_id, pairings.c.ended_at.is_(None))
    return str((await tx.rows(select(pairings.c.id).where(*both)))[0].id)


async def unpair(tx: Tx, pairing_id: str, by: str, now: datetime) -> bool:
    """Ends it; whether it was open."""
    open_one = (pairings.c.id == pairing_id, pairings.c.ended_at.is_(None))
    return await tx.run(update(pairings).where(*open_one).values(ended_at=now, ended_by=by)) == 1


async def pairings_of(tx: Tx, child_ids: Collection[str]) -> list[Pairing]:
    """The open ones."""
    columns = (getattr(pairings.c, name) for name in Pairing.__slots__ if name != "name")
    joined = select(*columns, people.c.name).join(people, people.c.id == pairings.c.person_id)
    here = joined.where(pairings.c.child_id.in_(child_ids), pairings.c.ended_at.is_(None))
    rows = await tx.rows(here.order_by(pairings.c.child_id, pairings.c.starts_on, pairings.c.id))
    return [
        Pairing(**(row._asdict() | {"name": tx.vault.open(row.name, f"people.name:{row.person_id}").decode()}))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Paired:
    """An open pairing with both its sides; `chat_id` and `name` are the volunteer's."""

    id: str
    person_id: str
    name: str
    chat_id: int | None
    child: Child


_PAIRED = (
    select(
        children,
        homes.c.name.label("home_name"),
        pairings.c.id.label("pairing_id"),
        pairings.c.person_id,
        people.c.name.label("volunteer"),
        people.c.chat_id,
    )
    .join(pairings, pairings.c.child_id == children.c.id)
    .join(homes, homes.c.id == children.c.home_id)
    .join(people, people.c.id == pairings.c.person_id)
    .where(pairings.c.ended_at.is_(None))
    .order_by(children.c.code, people.c.code, pairings.c.id)
)


async def one(tx: Tx, pairing_id: str) -> Paired | None:
    """None where it has ended."""
    return next(iter(await _paired(tx, pairings.c.id == pairing_id)), None)


async def of_volunteer(tx: Tx, person_id: str) -> list[Paired]:
    return await _paired(tx, pairings.c.person_id == person_id)


async def _paired(tx: Tx, which: ColumnElement[bool]) -> list[Paired]:
    return [
        Paired(
            row.pairing_id,
            row.person_id,
            tx.vault.open(row.volunteer, f"people.name:{row.person_id}").decode(),
            row.chat_id,
            read_child(tx, row),
        )
        for row in await tx.rows(_PAIRED.where(which))
    ]


async def volunteers(tx: Tx, actor: Actor) -> list[Person]:
    """Everybody who holds the volunteer's role, for who may pair; for others nobody."""
    if not reach(actor, Action.PAIR).district:
        return []
    living = (roles.c.role == Role.VOLUNTEER.value, roles.c.ended_at.is_(None))
    holders = select(people, roles.c.role).join(roles, roles.c.person_id == people.c.id).where(*living)
    return [
        read_person(tx, row) for row in await tx.rows(holders.order_by(people.c.created_at, people.c.code, people.c.id))
    ]


_TOUCH = Prepared(
    lambda _: (
        update(pairings)
        .where(
            pairings.c.person_id == bindparam("volunteer"),
            pairings.c.child_id == bindparam("child"),
            pairings.c.ended_at.is_(None),
            or_(pairings.c.last_contact_on.is_(None), pairings.c.last_contact_on < bindparam("day")),
        )
        .values(
            last_contact_on=bindparam("day"),
            next_contact_on=plus_days(bindparam("day", type_=Date), pairings.c.rhythm_days),
        )
    ),
    ("volunteer", "child", "day"),
)


async def rederive(tx: Tx) -> int:
    """Puts right when the next contact of each open pairing is due; how many were looked at."""
    since = func.coalesce(pairings.c.last_contact_on, pairings.c.starts_on)
    anew = update(pairings).where(pairings.c.ended_at.is_(None))
    return await tx.run(anew.values(next_contact_on=plus_days(since, pairings.c.rhythm_days)))


async def set_last(tx: Tx, person_id: str, child_id: str, day: date | None) -> None:
    """The last contact anew, after a record was corrected or taken back."""
    here = (pairings.c.person_id == person_id, pairings.c.child_id == child_id, pairings.c.ended_at.is_(None))
    since = func.coalesce(bindparam("since", day, type_=Date), pairings.c.starts_on)
    anew = {"last_contact_on": day, "next_contact_on": plus_days(since, pairings.c.rhythm_days)}
    await tx.run(update(pairings).where(*here).values(**anew))


async def touch(tx: Tx, contacts: Sequence[tuple[str, str, date]]) -> None:
    """Moves the last contact of each (person id, child id, day) forward, never back."""
    await _TOUCH.run(tx, contacts)
