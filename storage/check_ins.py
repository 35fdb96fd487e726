"""Check-ins: a row per child and day; what was answered, how far it has climbed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, select, update

from care.check_in import SILENT, Answer, State, Status, status
from care.children import Child
from storage.children import read_child
from storage.database import Tx
from storage.tables import check_ins, children, homes
from storage.vault import new_id

SILENT_STATES = tuple(state.value for state in SILENT)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One child on one day. `asked_at` is when the question was sent; `listed`: a caregiver cannot be asked here.

    `place` and `next_at` say which rung of the ladder comes next, and when.
    """

    id: str
    child: Child
    day: date
    state: State
    listed: bool = False
    asked_at: datetime | None = None
    place: int = 0
    next_at: datetime | None = None
    answer: Answer | None = None
    way: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    said_id: str = ""
    concern_id: str = ""
    closed_at: datetime | None = None

    @property
    def silent(self) -> bool:
        return self.state in SILENT

    @property
    def to_do(self) -> bool:
        """Answered with what an adult has yet to close."""
        return self.answer not in (None, Answer.WELL) and self.closed_at is None

    @property
    def status(self) -> Status:
        return status(self.state, self.answer, self.closed_at is not None, self.listed)

    @property
    def since(self) -> datetime | None:
        """The moment from which the ladder counts: the question, or the answer that asks for somebody."""
        return self.answered_at if self.to_do else self.asked_at


@dataclass(frozen=True, slots=True)
class New:
    """A check-in to begin."""

    child_id: str
    home_id: str
    day: date
    state: State
    listed: bool = False
    asked_at: datetime | None = None
    place: int = 0
    next_at: datetime | None = None


async def begin(tx: Tx, many: Sequence[New]) -> dict[str, str]:
    """The ids of the new ones, by child; a child that has one on that day keeps it."""
    if not many:
        return {}
    rows = [{name: getattr(one, name) for name in New.__slots__} | {"id": new_id()} for one in many]
    insert = tx.insert(check_ins).on_conflict_do_nothing().returning(check_ins.c.child_id, check_ins.c.id)
    return {row.child_id: row.id for row in await tx.rows(insert, rows)}


# --- climbing


async def due(tx: Tx, now: datetime, most: int) -> list[CheckIn]:
    """Those that have something to say, or to be looked at, by now; so many at most."""
    return await read(tx, check_ins.c.next_at <= now, most=most)


async def held_until(tx: Tx, many: Sequence[CheckIn]) -> dict[str, datetime]:
    """By check-in: the moment at which the newest older question about the same child was sent, if that one still
    climbs."""
    if not many:
        return {}
    older, newer = check_ins.alias("older"), check_ins.alias("newer")
    found = (
        select(newer.c.id, func.max(older.c.asked_at).label("at"))
        .join(older, and_(older.c.child_id == newer.c.child_id, older.c.day < newer.c.day))
        .where(
            newer.c.id.in_([one.id for one in many]), older.c.state.in_(SILENT_STATES), older.c.asked_at.is_not(None)
        )
        .group_by(newer.c.id)
    )
    return {row.id: row.at for row in await tx.rows(found)}


_CLIMB = (
    update(check_ins)
    .where(check_ins.c.id == bindparam("which"))
    .values({name: bindparam(f"new_{name}", type_=check_ins.c[name].type) for name in ("state", "place", "next_at")})
)


async def move(tx: Tx, many: Sequence[tuple[str, State, int, datetime | None]]) -> None:
    """(id, state, place, next_at) of each."""
    if many:
        names = ("which", "new_state", "new_place", "new_next_at")
        await tx.run(_CLIMB, [dict(zip(names, one, strict=True)) for one in many])


async def sent(tx: Tx, many: Mapping[str, datetime]) -> None:
    """When each was asked."""
    if many:
        known = update(check_ins).where(check_ins.c.id == bindparam("which"))
        rows = [{"which": id, "at": at} for id, at in many.items()]
        await tx.run(known.values(asked_at=bindparam("at", type_=check_ins.c.asked_at.type)), rows)


async def put_on_list(tx: Tx, ids: Collection[str]) -> None:
    """The family cannot be asked here after all: the teacher calls."""
    if ids:
        await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(listed=True))


# --- reading


async def latest(tx: Tx, child_ids: Collection[str]) -> dict[str, list[CheckIn]]:
    """By child: its check-ins of late, the newest first."""
    if not child_ids:
        return {}
    rank = func.row_number().over(partition_by=check_ins.c.child_id, order_by=check_ins.c.day.desc())
    ranked = select(check_ins.c.id, rank.label("rank")).where(check_ins.c.child_id.in_(child_ids)).subquery()
    recent = select(ranked.c.id).where(ranked.c.rank <= 4)
    found: dict[str, list[CheckIn]] = {}
    for one in await read(tx, check_ins.c.id.in_(recent)):
        found.setdefault(one.child.id, []).insert(0, one)
    return found


async def same_answer(tx: Tx, id: str) -> list[CheckIn]:
    """This one and those that were answered with it, in one go."""
    one = await by_id(tx, id)
    if one is None or one.answer is None:
        return []
    alike = (
        check_ins.c.answered_at == one.answered_at,
        check_ins.c.answered_by == one.answered_by,
        check_ins.c.answer == one.answer.value,
    )
    return await read(tx, *alike)


async def by_id(tx: Tx, id: str) -> CheckIn | None:
    found = await read(tx, check_ins.c.id == id)
    return found[0] if found else None


async def of_said(tx: Tx, said_id: str) -> list[CheckIn]:
    return await read(tx, check_ins.c.said_id == said_id)


async def of_concern(tx: Tx, concern_id: str) -> list[CheckIn]:
    return await read(tx, check_ins.c.concern_id == concern_id)


TO_DO: ColumnElement[bool] = and_(
    check_ins.c.answer.is_not(None), check_ins.c.answer != Answer.WELL.value, check_ins.c.closed_at.is_(None)
)


async def read(tx: Tx, *conditions: ColumnElement[bool], most: int | None = None) -> list[CheckIn]:
    rows = await tx.rows(_ROWS.where(*conditions).limit(most))
    return [_check_in(tx, row) for row in rows]


_COLUMNS = tuple(column for column in check_ins.c if column.name not in ("child_id", "home_id", "closed_by"))


_ROWS = (
    select(
        children.c.id,
        children.c.code,
        children.c.short_name,
        children.c.home_id,
        children.c.class_name,
        children.c.sex,
        children.c.born_on,
        homes.c.name.label("home_name"),
        *(column.label(f"own_{column.name}") for column in _COLUMNS),
    )
    .join(check_ins, check_ins.c.child_id == children.c.id)
    .join(homes, homes.c.id == children.c.home_id)
    .order_by(check_ins.c.day, homes.c.code, children.c.code)
)


def _check_in(tx: Tx, row: Row[Any]) -> CheckIn:
    own = {column.name: getattr(row, f"own_{column.name}") for column in _COLUMNS}
    told_as = {name: own[name] or "" for name in ("way", "answered_by", "said_id", "concern_id")}
    kinds = {"state": State(own["state"]), "answer": Answer.of(own["answer"]) if own["answer"] else None}
    return CheckIn(**(own | told_as | kinds | {"day": day_of(own["day"]), "child": read_child(tx, row)}))


def day_of(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
