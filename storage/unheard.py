"""Safety notices that somebody has not acknowledged: whom to remind, and which families are to be called.

A family knows once one of a child's guardians has acknowledged, or was told by phone or at the door.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, select, text, true, update

from care.access import Action
from care.children import Child
from care.notice import Fate
from care.people import Actor
from storage import outbox as _outbox
from storage.children import read_child
from storage.database import Tx
from storage.scope import active_in_reach
from storage.tables import children, guardianships, homes, notices, outbox, people, receipts


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody whom it has reached and who has said nothing."""

    person_id: str
    chat_id: int
    language: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call, about which of their children. `phone` is empty where none is known."""

    notice_id: str
    person_id: str
    name: str
    relation: str
    phone: str
    children: tuple[Child, ...]

    @property
    def home_id(self) -> str:
        return self.children[0].home_id


_NOTICED = text("outbox.state = 'sent' AND outbox.needs = 'notice.get'")
"""As the index has it: of a day's messages only the notices are looked at."""


async def sent_between(tx: Tx, notice_id: str, after: datetime, until: datetime) -> list[Silent]:
    """Whom it reached in (after, until] and who can still be reached."""
    received = and_(
        receipts.c.notice_id == notice_id,
        receipts.c.person_id == outbox.c.person_id,
        receipts.c.key == outbox.c.key,
        receipts.c.acknowledged_at.is_(None),
    )
    found = (
        select(people.c.id, people.c.chat_id, people.c.language, outbox.c.done_at)
        .join_from(outbox, receipts, received)
        .join(people, people.c.id == receipts.c.person_id)
        .where(_NOTICED, outbox.c.done_at > after, outbox.c.done_at <= until)
        .where(people.c.chat_id.is_not(None), people.c.unreachable_since.is_(None))
        .order_by(people.c.code, people.c.id)
    )
    return [Silent(row.id, row.chat_id, row.language or "", row.done_at) for row in await tx.rows(found)]


async def silent_among(tx: Tx, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of (notice, person) who have not acknowledged."""
    found: set[tuple[str, str]] = set()
    for notice_id in {notice_id for notice_id, _ in pairs}:
        persons = [person for one, person in pairs if one == notice_id]
        here = (receipts.c.notice_id == notice_id, receipts.c.person_id.in_(persons))
        rows = await tx.rows(select(receipts.c.person_id).where(*here, receipts.c.acknowledged_at.is_(None)))
        found |= {(notice_id, row.person_id) for row in rows}
    return found


# --- families

_SILENT = text("receipts.acknowledged_at IS NULL")
"""Of a family that does not know nobody has: said once more, since there is an index of these."""


def _meant(notice_id: str) -> Any:
    """Guardianships of active children with the receipts of this notice."""
    mine = and_(receipts.c.person_id == guardianships.c.person_id, receipts.c.notice_id == notice_id)
    return (
        guardianships.join(children, children.c.id == guardianships.c.child_id)
        .join(receipts, mine)
        .join(homes, homes.c.id == children.c.home_id)
    )


async def families(
    tx: Tx,
    actor: Actor | None,
    notice_id: str,
    action: Action = Action.SEE_RECORDS,
    home_ids: Collection[str] | None = None,
) -> dict[str, tuple[int, int]]:
    """By home in reach (all, without an actor), or of these: how many children's families do not know yet, and of how
    many."""
    known = func.max(case((receipts.c.acknowledged_at.is_not(None), 1), else_=0))
    each = (
        select(children.c.home_id, known.label("known"))
        .select_from(_meant(notice_id))
        .where(guardianships.c.ended_at.is_(None), _within(actor, action))
        .where(true() if home_ids is None else children.c.home_id.in_(home_ids))
        .group_by(children.c.home_id, children.c.id)
        .subquery()
    )
    counted = select(each.c.home_id, func.sum(each.c.known).label("known"), func.count().label("number"))
    rows = await tx.rows(counted.group_by(each.c.home_id))
    return {row.home_id: (row.number - int(row.known), row.number) for row in rows}


async def calls(
    tx: Tx, actor: Actor | None, notice_id: str, sent_before: datetime, action: Action = Action.CALL_FAMILIES
) -> list[Call]:
    """Whom to call now: the families that do not know, but for those whom it has reached, or will reach, since then.

    The caregiver of each; who has several of the children is called once.
    """
    other, theirs = guardianships.alias("other"), receipts.alias("theirs")
    told = exists().where(
        other.c.child_id == children.c.id,
        other.c.ended_at.is_(None),
        theirs.c.person_id == other.c.person_id,
        theirs.c.notice_id == notice_id,
        theirs.c.acknowledged_at.is_not(None),
    )
    found = (
        select(
            children,
            homes.c.name.label("home_name"),
            homes.c.code.label("home_code"),
            guardianships.c.person_id,
            guardianships.c.relation,
            people.c.name.label("person_name"),
            people.c.phone,
            receipts.c.state.label("fate"),
            outbox.c.state.label("sending"),
            outbox.c.done_at,
        )
        .select_from(_meant(notice_id).join(people, people.c.id == guardianships.c.person_id))
        .outerjoin(outbox, outbox.c.key == receipts.c.key)
        .where(guardianships.c.ended_at.is_(None), _SILENT, ~told, _within(actor, action))
        .order_by(homes.c.code, children.c.code, guardianships.c.caregiver.desc(), people.c.code, people.c.id)
    )
    by_child: dict[str, list[Row[Any]]] = {}
    for row in await tx.rows(found):
        by_child.setdefault(row.id, []).append(row)
    due = [rows[0] for rows in by_child.values() if not any(_on_its_way(row, sent_before) for row in rows)]
    return _by_person(tx, notice_id, due)


def _on_its_way(row: Row[Any], sent_before: datetime) -> bool:
    """An answer may still come."""
    if row.sending == Fate.SENT:
        return bool(row.done_at and row.done_at > sent_before)
    return row.sending in ("queued", "sending")


def _by_person(tx: Tx, notice_id: str, rows: list[Row[Any]]) -> list[Call]:
    found: dict[str, Call] = {}
    for row in rows:
        child = read_child(tx, row)
        if row.person_id in found:
            known = found[row.person_id]
            found[row.person_id] = replace(known, children=(*known.children, child))
        else:
            found[row.person_id] = Call(
                notice_id,
                row.person_id,
                tx.vault.open(row.person_name, f"people.name:{row.person_id}").decode(),
                row.relation,
                tx.vault.open_text(row.phone, f"people.phone:{row.person_id}") or "",
                (child,),
            )
    return list(found.values())


async def told(tx: Tx, actor: Actor, notice_id: str, person_id: str, how: Fate, now: datetime) -> bool:
    """The actor has told this guardian of a child in reach. False where that is not so, or they knew already."""
    theirs = exists().where(
        guardianships.c.person_id == person_id,
        guardianships.c.ended_at.is_(None),
        guardianships.c.child_id == children.c.id,
        active_in_reach(actor, Action.CALL_FAMILIES),
    )
    mine = (receipts.c.notice_id == notice_id, receipts.c.person_id == person_id)
    open_one = update(receipts).where(*mine, receipts.c.acknowledged_at.is_(None), theirs)
    if not await tx.run(open_one.values(state=how.value, acknowledged_at=now)):
        return False
    await _outbox.cancel_about(tx, f"{_outbox.NOTICE}{notice_id}:{person_id}")
    await tx.run(update(notices).where(notices.c.id == notice_id).values(touched_at=now))
    return True


def _within(actor: Actor | None, action: Action) -> ColumnElement[bool]:
    return children.c.status == "active" if actor is None else and_(true(), active_in_reach(actor, action))
