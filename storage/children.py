"""Homes and children, never more of them than the actor's roles reach. Refused and unknown look the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, literal, or_, select, true

from care.access import Action, reach
from care.children import Child, Home
from care.people import Actor
from care.refusal import Refusal
from storage.database import Tx
from storage.prepared import Question
from storage.scope import Ids, active_in_reach, by_ways, ways
from storage.tables import ACTIVE, guardianships, people
from storage.tables import children as table
from storage.tables import homes as home_table


@dataclass(frozen=True, slots=True)
class Guardian:
    person_id: str
    name: str
    relation: str
    phone: str = ""
    legal_guardian: bool = False
    caregiver: bool = False
    has_chat: bool = False


async def children(tx: Tx, actor: Actor, action: Action) -> list[Child]:
    """The active children in reach, in the order of their homes' codes and their own; short names only."""
    found = ways(actor, action)
    if not any(found):
        return []
    ids = {} if found.district else {name: list(getattr(found, name)) for name in _IDS}
    listing = _listing(found.district, *(min(len(ids.get(name, ())), 2) for name in _IDS))
    values = {name: some[0] if len(some) == 1 else some for name, some in ids.items() if some}
    return [read_child(tx, row) for row in await listing.rows(tx, values)]


async def of_volunteers(tx: Tx, actors: Iterable[Actor]) -> dict[str, list[Child]]:
    """By person id: the active children, with a consent, of those who are volunteers and nothing else; in the order of
    `children`, in one statement."""
    theirs: defaultdict[str, list[str]] = defaultdict(list)
    for actor in actors:
        for child_id in actor.grants[0].children:
            theirs[child_id].append(actor.person_id)
    found: defaultdict[str, list[Child]] = defaultdict(list)
    for row in await _listing(False, 0, 0, 2).rows(tx, {"paired": list(theirs)}) if theirs else ():
        for person_id in theirs[row.id]:
            found[person_id].append(read_child(tx, row))
    return found


_IDS = ("homes", "others", "paired")


@cache
def _listing(district: bool, *counts: int) -> Question:
    """Made once for each way to reach children: it is asked for in every visit, and making it costs more than it.

    `counts` of ids: none, one, or several (2).
    """
    named = zip(_IDS, counts, strict=True)
    ids: list[Ids] = [bindparam(name, expanding=count > 1) if count else None for name, count in named]
    return Question(_ordered(and_(table.c.status == ACTIVE, by_ways(district, *ids))))


async def child(tx: Tx, actor: Actor, action: Action, child_id: str) -> Child:
    """The whole page: full name and details. Refusal for one out of reach as for one that is not."""
    row = await tx.row(_within(actor, action).where(table.c.id == child_id))
    if row is None:
        raise Refusal(reason="no such child in reach")
    return read_child(tx, row, whole=True)


async def of_home(tx: Tx, actor: Actor, action: Action, home_id: str) -> list[Child]:
    """The active children of one home, as far as they are in reach."""
    rows = await tx.rows(_within(actor, action).where(table.c.home_id == home_id))
    return [read_child(tx, row) for row in rows]


async def find_code(tx: Tx, actor: Actor, action: Action, code: str) -> Child | None:
    """The child in reach with this code, in capitals or not."""
    same = func.upper(table.c.code) == literal(code.upper(), table.c.code.type)
    row = await tx.row(_within(actor, action).where(same))
    return read_child(tx, row) if row else None


async def homes(tx: Tx, actor: Actor, action: Action) -> list[Home]:
    """The homes in reach, those of single children in reach included, in the order of their codes."""
    whole = reach(actor, action)
    theirs = exists().where(table.c.home_id == home_table.c.id, active_in_reach(actor, action))
    within = true() if whole.district else or_(home_table.c.id.in_(whole.homes), theirs)
    rows = await tx.rows(select(home_table).where(within).order_by(home_table.c.code))
    return [_read_home(tx, row) for row in rows]


async def guardians(tx: Tx, actor: Actor, action: Action, child_id: str) -> list[Guardian]:
    """Caregivers first. Refusal when the child is out of reach."""
    await child(tx, actor, action, child_id)
    living = (guardianships.c.child_id == child_id, guardianships.c.ended_at.is_(None))
    joined = select(guardianships, people.c.name, people.c.phone, people.c.chat_id).join(people).where(*living)
    rows = await tx.rows(joined.order_by(guardianships.c.caregiver.desc(), people.c.code, guardianships.c.id))
    return [
        Guardian(
            row.person_id,
            tx.vault.open_text(row.name, f"people.name:{row.person_id}") or "",
            row.relation,
            tx.vault.open_text(row.phone, f"people.phone:{row.person_id}") or "",
            row.legal_guardian,
            row.caregiver,
            row.chat_id is not None,
        )
        for row in rows
    ]


def read_child(tx: Tx, row: Row[Any], *, whole: bool = False) -> Child:
    """From a row of `children` with `home_name`; `whole` opens the full name and the details too."""
    details = tx.vault.open_json(row.details, f"children.details:{row.id}") if whole and row.details else None
    full_name = tx.vault.open_text(row.full_name, f"children.full_name:{row.id}") if whole else None
    return Child(
        row.id,
        row.code,
        tx.vault.open(row.short_name, f"children.short_name:{row.id}").decode(),
        row.home_id,
        row.home_name,
        row.class_name or "",
        row.sex or "",
        row.born_on,
        full_name or "",
        details,
    )


def _within(actor: Actor, action: Action) -> Select[Any]:
    return _ordered(active_in_reach(actor, action))


def _ordered(within: ColumnElement[bool]) -> Select[Any]:
    rows = select(table, home_table.c.name.label("home_name")).join(home_table)
    return rows.where(within).order_by(home_table.c.code, table.c.code)


def _read_home(tx: Tx, row: Row[Any]) -> Home:
    details = tx.vault.open_json(row.details, f"homes.details:{row.id}") if row.details else None
    return Home(row.id, row.code, row.name, row.built_in, row.room, details)
