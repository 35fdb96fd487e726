"""What families answer to check-ins, and every step that is taken about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, case, func, select, update

from care.check_in import Answer, State
from storage.database import Tx
from storage.tables import check_in_steps as steps
from storage.tables import check_ins
from storage.vault import new_id


async def answer(
    tx: Tx,
    ids: Collection[str],
    said: Answer,
    *,
    way: str,
    by: str,
    now: datetime,
    place: int = 0,
    next_at: datetime | None = None,
    said_id: str | None = None,
) -> None:
    """What a family said about these children, by `way`: tap, words, phone, door. Who answers before it was seen that
    the question went out was asked just now."""
    values = {
        "state": State.ANSWERED.value,
        "asked_at": case((check_ins.c.state == State.ASKING.value, _moment(now)), else_=check_ins.c.asked_at),
        "answer": said.value,
        "way": way,
        "answered_at": now,
        "answered_by": by,
        "place": place,
        "next_at": next_at,
        "said_id": said_id,
        "closed_at": None,
        "closed_by": None,
    }
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(values))
    await step(tx, ids, said.value, way, by, now)


def _moment(moment: datetime) -> BindParameter[datetime]:
    return bindparam(None, moment, type_=check_ins.c.asked_at.type)


async def link(tx: Tx, ids: Collection[str], concern_id: str) -> None:
    """This concern came of them: with it they are closed."""
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(concern_id=concern_id))


async def step(tx: Tx, ids: Collection[str], kind: str, way: str, by: str, now: datetime) -> None:
    """A line of what was done about each."""
    rows = [{"id": new_id(), "check_in_id": id, "at": now, "by": by, "kind": kind, "way": way} for id in ids]
    if rows:
        await tx.run(steps.insert(), rows)


async def close_older(tx: Tx, ids: Collection[str], now: datetime) -> None:
    """Silent ones that a newer answer has answered too."""
    if ids:
        later = {"state": State.LATER.value, "next_at": None, "answered_at": now}
        await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(later))


async def drop(tx: Tx, ids: Collection[str]) -> None:
    """The family is not asked any more: these count as not asked."""
    if ids:
        dropped = {"state": State.NOT_ASKED.value, "next_at": None, "listed": False}
        await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(dropped))


async def close(tx: Tx, ids: Collection[str], kind: str, by: str, now: datetime) -> None:
    """An adult has seen to it."""
    done = {"closed_at": now, "closed_by": by, "next_at": None}
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids), check_ins.c.closed_at.is_(None)).values(done))
    await step(tx, ids, kind, "", by, now)


async def ask_anew(tx: Tx, ids: Collection[str], place: int, next_at: datetime, now: datetime) -> None:
    """The answer was about another child: this one is asked about from now."""
    anew = dict.fromkeys(("answer", "way", "answered_at", "answered_by", "said_id", "concern_id"))
    anew_values = anew | {"state": State.ASKED.value, "asked_at": now, "place": place, "next_at": next_at}
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(anew_values))


async def still_to_call(tx: Tx, ids: Collection[str]) -> set[str]:
    """Those whose family still waits for a call."""
    if not ids:
        return set()
    waits = (check_ins.c.id.in_(ids), check_ins.c.answer == Answer.CALL.value, check_ins.c.closed_at.is_(None))
    return {row.id for row in await tx.rows(select(check_ins.c.id).where(*waits))}


async def tries(tx: Tx, ids: Collection[str]) -> dict[str, int]:
    """How often somebody tried in vain to reach the family."""
    in_vain = (steps.c.check_in_id.in_(ids), steps.c.kind == "unreached")
    counted = select(steps.c.check_in_id, func.count().label("many")).where(*in_vain).group_by(steps.c.check_in_id)
    return {row.check_in_id: row.many for row in await tx.rows(counted)} if ids else {}
