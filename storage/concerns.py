"""Concerns: children whom somebody worries about, who looks after it, every step, and how it ended.

Whom a concern is about is excluded from it: nothing here ever shows it to that person.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, false, func, or_, select, true, update

from care.access import Action, reach
from care.children import Child
from care.concern import Gravity, Lane
from care.people import Actor
from storage.children import read_child
from storage.database import Tx
from storage.scope import in_reach
from storage.tables import check_ins, children, concern_children, concern_steps, concerns, homes, people
from storage.vault import new_id


@dataclass(frozen=True, slots=True)
class Concern:
    """`source_kind` and `source_id`: the record, the check-in or the words that opened it. `owner` is a name."""

    id: str
    home_id: str
    home_name: str
    level: Gravity
    lane: Lane
    source_kind: str
    source_id: str
    opened_by: str
    opened_at: datetime
    excluded_id: str = ""
    next_at: datetime | None = None
    owner_id: str = ""
    owned_at: datetime | None = None
    closed_at: datetime | None = None
    why: str = ""
    owner: str = ""
    about: tuple[Child, ...] = ()

    @property
    def waits(self) -> bool:
        """Nobody has taken it on."""
        return not self.owner_id and self.closed_at is None


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    by: str
    kind: str
    words: str


async def open_one(
    tx: Tx,
    *,
    child_ids: Sequence[str],
    home_id: str,
    level: Gravity,
    lane: Lane,
    source: tuple[str, str],
    by: str,
    now: datetime,
    next_at: datetime,
    excluded_id: str = "",
    words: str = "",
) -> str:
    """The id of the new concern. `source`: kind and id."""
    id = new_id()
    row = {
        "id": id,
        "home_id": home_id,
        "level": level.value,
        "lane": lane.value,
        "source_kind": source[0],
        "source_id": source[1] or None,
        "opened_by": by,
        "opened_at": now,
        "excluded_id": excluded_id or None,
        "next_at": next_at,
    }
    await tx.run(concerns.insert(), row)
    await tx.run(concern_children.insert(), [{"concern_id": id, "child_id": child} for child in child_ids])
    await step(tx, id, "opened", by, now, words)
    return id


async def step(tx: Tx, id: str, kind: str, by: str, now: datetime, words: str = "") -> None:
    new = new_id()
    sealed = tx.vault.seal_text(words or None, f"concern_steps.words:{new}")
    row = {"id": new, "concern_id": id, "at": now, "by": by or None, "kind": kind, "words": sealed}
    await tx.run(concern_steps.insert(), row)


async def take(tx: Tx, id: str, owner_id: str, now: datetime) -> bool:
    """Somebody takes it on, or over; False where it is closed."""
    here = (concerns.c.id == id, concerns.c.closed_at.is_(None))
    taken = await tx.run(update(concerns).where(*here).values(owner_id=owner_id, owned_at=now, next_at=None))
    if taken:
        await step(tx, id, "taken", owner_id, now)
    return bool(taken)


async def close(tx: Tx, id: str, why: str, by: str, now: datetime, words: str = "") -> bool:
    """Ends it, and with it the check-ins that opened it; False where that had been done."""
    here = (concerns.c.id == id, concerns.c.closed_at.is_(None))
    ended = await tx.run(update(concerns).where(*here).values(closed_at=now, closed_by=by, why=why, next_at=None))
    if ended:
        await step(tx, id, "closed", by, now, words)
        linked = update(check_ins).where(check_ins.c.concern_id == id, check_ins.c.closed_at.is_(None))
        await tx.run(linked.values(closed_at=now, closed_by=by))
    return bool(ended)


async def narrow(tx: Tx, id: str, child_ids: Collection[str], by: str, now: datetime) -> None:
    """It is about these of its children only."""
    others = (concern_children.c.concern_id == id, concern_children.c.child_id.not_in(child_ids))
    await tx.run(concern_children.delete().where(*others))
    await step(tx, id, "narrowed", by, now)


async def raise_level(tx: Tx, id: str, level: Gravity, next_at: datetime | None) -> None:
    await tx.run(update(concerns).where(concerns.c.id == id).values(level=level.value, next_at=next_at))


async def move_source(tx: Tx, old: str, new: str) -> None:
    """The record that opened it has a new version."""
    await tx.run(update(concerns).where(concerns.c.source_id == old).values(source_id=new))


async def ask_again(tx: Tx, id: str, next_at: datetime | None) -> None:
    await tx.run(update(concerns).where(concerns.c.id == id).values(next_at=next_at))


# --- reading


async def due(tx: Tx, now: datetime) -> list[Concern]:
    """Those about which it is to be asked by now who takes them on."""
    return await _read(tx, concerns.c.next_at <= now, _OPEN)


async def one(tx: Tx, actor: Actor, id: str) -> Concern | None:
    """As far as it is in the actor's reach, and not about the actor."""
    found = await _read(tx, concerns.c.id == id, _seen(actor))
    return found[0] if found else None


async def open_in_reach(tx: Tx, actor: Actor, *, lane: Lane | None = None) -> list[Concern]:
    """The open ones, urgent ones first, then the oldest."""
    of_lane = concerns.c.lane == lane.value if lane else true()
    found = await _read(tx, _OPEN, of_lane, _seen(actor))
    return sorted(found, key=lambda one: (one.level is not Gravity.URGENT, one.opened_at))


async def raised_in_reach(tx: Tx, actor: Actor, since: datetime) -> list[Concern]:
    """Those raised since then, and older ones that nobody has taken on; never what is for few eyes."""
    waits = and_(_OPEN, concerns.c.owner_id.is_(None))
    return await _read(tx, or_(concerns.c.opened_at >= since, waits), concerns.c.lane == Lane.OPEN.value, _seen(actor))


async def by_ids(tx: Tx, ids: Collection[str]) -> list[Concern]:
    return await _read(tx, concerns.c.id.in_(ids)) if ids else []


async def of_source(tx: Tx, source_id: str) -> list[Concern]:
    """The open ones that this record, or these words, opened."""
    return await _read(tx, concerns.c.source_id == source_id, _OPEN)


async def open_about(tx: Tx, child_ids: Collection[str], lane: Lane, source_kind: str = "") -> list[Concern]:
    """The open ones about any of these children; `source_kind` narrows."""
    about = exists().where(concern_children.c.concern_id == concerns.c.id, concern_children.c.child_id.in_(child_ids))
    kind = concerns.c.source_kind == source_kind if source_kind else true()
    return await _read(tx, about, kind, concerns.c.lane == lane.value, _OPEN)


async def steps(tx: Tx, id: str) -> list[Step]:
    """Everything that was done about it, the oldest first."""
    rows = await tx.rows(
        select(concern_steps, people.c.name)
        .outerjoin(people, people.c.id == concern_steps.c.by)
        .where(concern_steps.c.concern_id == id)
        .order_by(concern_steps.c.at, concern_steps.c.id)
    )
    return [
        Step(
            row.at,
            tx.vault.open_text(row.name, f"people.name:{row.by}") or "",
            row.kind,
            tx.vault.open_text(row.words, f"concern_steps.words:{row.id}") or "",
        )
        for row in rows
    ]


async def tally(tx: Tx, actor: Actor, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
    """How many were opened in that time, by (home id, level); what is for few eyes is not counted."""
    rows = await tx.rows(
        select(concerns.c.home_id, concerns.c.level, func.count().label("many"))
        .where(concerns.c.opened_at >= since, concerns.c.opened_at < until)
        .where(concerns.c.lane == Lane.OPEN.value, _seen(actor))
        .group_by(concerns.c.home_id, concerns.c.level)
    )
    return {(row.home_id, row.level): row.many for row in rows}


_OPEN: ColumnElement[bool] = concerns.c.closed_at.is_(None)


def _seen(actor: Actor) -> ColumnElement[bool]:
    """The condition on `concerns` that the actor may see it."""
    mine = or_(concerns.c.excluded_id.is_(None), concerns.c.excluded_id != actor.person_id)
    return and_(mine, or_(_lane_seen(actor, Lane.OPEN), _lane_seen(actor, Lane.QUIET)))


def _lane_seen(actor: Actor, lane: Lane) -> ColumnElement[bool]:
    action = Action.SEE_HARM if lane is Lane.QUIET else Action.FOLLOW_CONCERN
    if reach(actor, action).nothing:
        return false()
    about = exists().where(
        concern_children.c.concern_id == concerns.c.id,
        children.c.id == concern_children.c.child_id,
        in_reach(actor, action),
    )
    return and_(concerns.c.lane == lane.value, about)


_ROWS = (
    select(concerns, homes.c.name.label("home_name"), people.c.name.label("owner_name"))
    .join(homes, homes.c.id == concerns.c.home_id)
    .outerjoin(people, people.c.id == concerns.c.owner_id)
)


async def _read(tx: Tx, *conditions: ColumnElement[bool]) -> list[Concern]:
    rows = await tx.rows(_ROWS.where(*conditions).order_by(concerns.c.opened_at, concerns.c.id))
    found = [_concern(tx, row) for row in rows]
    about = await _about(tx, [one.id for one in found])
    whole = [replace(one, about=tuple(about.get(one.id, ()))) for one in found]
    return sorted(whole, key=lambda one: (one.opened_at, [child.code for child in one.about]))


async def _about(tx: Tx, ids: Collection[str]) -> dict[str, list[Child]]:
    found: dict[str, list[Child]] = {}
    if ids:
        rows = await tx.rows(
            select(concern_children.c.concern_id, children, homes.c.name.label("home_name"))
            .join(children, children.c.id == concern_children.c.child_id)
            .join(homes, homes.c.id == children.c.home_id)
            .where(concern_children.c.concern_id.in_(ids))
            .order_by(children.c.code)
        )
        for row in rows:
            found.setdefault(row.concern_id, []).append(read_child(tx, row))
    return found


def _concern(tx: Tx, row: Row[Any]) -> Concern:
    return Concern(
        row.id,
        row.home_id,
        row.home_name,
        Gravity.of(row.level),
        Lane(row.lane),
        row.source_kind,
        row.source_id or "",
        row.opened_by or "",
        row.opened_at,
        row.excluded_id or "",
        row.next_at,
        row.owner_id or "",
        row.owned_at,
        row.closed_at,
        row.why or "",
        tx.vault.open_text(row.owner_name, f"people.name:{row.owner_id}") or "",
    )
