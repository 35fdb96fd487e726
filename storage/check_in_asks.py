"""Whom a check-in was asked, whether the question went out, and who was told that nobody answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select, update

from care.check_in import LADDER
from storage.check_ins import SILENT_STATES, TO_DO, CheckIn, day_of, read
from storage.database import Tx
from storage.tables import check_in_asks as asks
from storage.tables import check_in_told as told_table
from storage.tables import check_ins, guardianships, outbox


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of the messages that ask about a check-in: when the first was sent; whether any still waits, or
    came too late."""

    sent_at: datetime | None
    waiting: bool
    expired: bool


async def note_asks(tx: Tx, many: Iterable[tuple[str, str, str]]) -> None:
    """(check-in id, person id, key of the message): whom it was asked."""
    rows = [{"check_in_id": id, "person_id": person, "key": key} for id, person, key in many]
    if rows:
        await tx.run(tx.insert(asks).on_conflict_do_nothing(), rows)


async def asked(tx: Tx, ids: Collection[str]) -> dict[str, set[str]]:
    """Whom each was asked so far."""
    found: dict[str, set[str]] = {}
    if ids:
        for row in await tx.rows(select(asks.c.check_in_id, asks.c.person_id).where(asks.c.check_in_id.in_(ids))):
            found.setdefault(row.check_in_id, set()).add(row.person_id)
    return found


async def asked_on(tx: Tx, ids: Collection[str]) -> set[tuple[date, str]]:
    """(day, person) of everybody who was asked about one of these."""
    if not ids:
        return set()
    known = select(check_ins.c.day, asks.c.person_id).join(check_ins, check_ins.c.id == asks.c.check_in_id)
    return {(day_of(row.day), row.person_id) for row in await tx.rows(known.where(asks.c.check_in_id.in_(ids)))}


async def asked_of(tx: Tx, person_id: str, day: date) -> list[CheckIn]:
    """Those that this person was asked about on that day."""
    theirs = select(asks.c.check_in_id).where(asks.c.person_id == person_id)
    return await read(tx, check_ins.c.id.in_(theirs), check_ins.c.day == day)


async def is_ask(tx: Tx, person_id: str, chat_id: int, message_id: int) -> bool:
    """Whether this message of the chat asked the person for a check-in."""
    here = (asks.c.person_id == person_id, outbox.c.chat_id == chat_id, outbox.c.message_id == message_id)
    return await tx.row(select(outbox.c.id).join(asks, asks.c.key == outbox.c.key).where(*here)) is not None


async def sending(tx: Tx, ids: Collection[str]) -> dict[str, Sending]:
    if not ids:
        return {}
    looked = (
        select(asks.c.check_in_id, outbox.c.state, func.min(outbox.c.done_at).label("at"))
        .join(outbox, outbox.c.key == asks.c.key)
        .where(asks.c.check_in_id.in_(ids))
        .group_by(asks.c.check_in_id, outbox.c.state)
    )
    found: dict[str, dict[str, datetime | None]] = {}
    for row in await tx.rows(looked):
        found.setdefault(row.check_in_id, {})[row.state] = row.at
    return {
        id: Sending(states.get("sent"), not states.keys().isdisjoint(("queued", "sending")), "expired" in states)
        for id, states in found.items()
    }


async def asked_in_vain(tx: Tx, days_people: Collection[tuple[date, str]]) -> set[tuple[date, str]]:
    """Of these (day, guardian) those who are still to be asked: a child they were asked about is unanswered, and each
    of the children is still theirs."""
    if not days_people:
        return set()
    theirs = and_(
        guardianships.c.person_id == asks.c.person_id,
        guardianships.c.child_id == check_ins.c.child_id,
        guardianships.c.ended_at.is_(None),
    )
    rows = await tx.rows(
        select(
            check_ins.c.day,
            asks.c.person_id,
            func.count(check_ins.c.id.distinct()).label("all"),
            func.count(check_ins.c.id.distinct()).filter(guardianships.c.id.is_not(None)).label("theirs"),
            func.count(check_ins.c.id.distinct()).filter(check_ins.c.state.in_(SILENT_STATES)).label("open"),
        )
        .join(check_ins, check_ins.c.id == asks.c.check_in_id)
        .outerjoin(guardianships, theirs)
        .where(asks.c.person_id.in_({who for _, who in days_people}))
        .where(check_ins.c.day.in_({day for day, _ in days_people}))
        .group_by(check_ins.c.day, asks.c.person_id)
    )
    return {(day_of(row.day), row.person_id) for row in rows if row.open and row.all == row.theirs}


# --- who was told


async def note_told(tx: Tx, many: Iterable[tuple[str, str, str, str]]) -> None:
    """(check-in id, rung, person id, what the message is about): each once."""
    rows = [{"check_in_id": id, "rung": rung, "person_id": who, "about": about} for id, rung, who, about in many]
    if rows:
        await tx.run(tx.insert(told_table).on_conflict_do_nothing(), rows)


async def told(tx: Tx, ids: Collection[str], rung: str) -> set[tuple[str, str]]:
    """(check-in id, person id) of those who were told at this rung."""
    here = (told_table.c.check_in_id.in_(ids), told_table.c.rung == rung)
    rows = await tx.rows(select(told_table.c.check_in_id, told_table.c.person_id).where(*here)) if ids else ()
    return {(row.check_in_id, row.person_id) for row in rows}


async def abouts(tx: Tx, ids: Collection[str]) -> set[str]:
    """The messages to adults that name one of these."""
    rows = await tx.rows(select(told_table.c.about).where(told_table.c.check_in_id.in_(ids))) if ids else ()
    return {row.about for row in rows}


async def untell(tx: Tx, about: str, but: Collection[str], now: datetime) -> None:
    """A message that was never sent is taken apart: those it named, but for these, are told of anew."""
    rows = await tx.rows(select(told_table.c.check_in_id, told_table.c.rung).where(told_table.c.about == about))
    await tx.run(told_table.delete().where(told_table.c.about == about))
    again = [row.check_in_id for row in rows if row.check_in_id not in but]
    if again:
        place = next(place for place, step in enumerate(LADDER) if step.rung == rows[0].rung)
        here = (check_ins.c.id.in_(again), or_(check_ins.c.state.in_(SILENT_STATES), TO_DO))
        await tx.run(update(check_ins).where(*here).values(next_at=now, place=place))


async def unsettled_abouts(tx: Tx, about: Collection[str]) -> set[str]:
    """Of these messages to adults those of which every child still waits."""
    if not about:
        return set()
    waits = or_(check_ins.c.state.in_(SILENT_STATES), TO_DO)
    rows = await tx.rows(
        select(told_table.c.about, func.count().label("all"), func.count().filter(waits).label("open"))
        .join(check_ins, check_ins.c.id == told_table.c.check_in_id)
        .where(told_table.c.about.in_(about))
        .group_by(told_table.c.about)
    )
    return {row.about for row in rows if row.all == row.open}
