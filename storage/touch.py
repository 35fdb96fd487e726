"""When an adult of any role was last in touch with each child, and when a talk was last held: `children.last_touch_on`
and `last_talk_on`, kept with the records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import Column, Date, and_, bindparam, func, or_, select, true, update

from care.access import Action
from care.children import Child
from care.people import Actor
from care.records.contact_entry import ContactEntry
from care.records.talk import Talk
from storage.children import read_child
from storage.database import Tx
from storage.prepared import Prepared
from storage.scope import active_in_reach
from storage.tables import children, homes, record_children, records


def _moved_on(column: Column[date]) -> Prepared:
    """Sets that day of a child, (child, day), and never back."""
    day = bindparam("day", type_=Date)
    earlier = or_(column.is_(None), column < day)
    here = update(children).where(children.c.id == bindparam("child"), earlier)
    return Prepared(lambda _: here.values({column: day}), ("child", "day"))


_TOUCH, _TALKED = _moved_on(children.c.last_touch_on), _moved_on(children.c.last_talk_on)
_SINCE = func.coalesce(children.c.last_touch_on, children.c.joined_on)


async def touch(tx: Tx, days: Iterable[tuple[str, date]]) -> None:
    """Somebody was in touch with each child on its day; never moves back."""
    await _TOUCH.run(tx, list(days))


async def talked(tx: Tx, days: Iterable[tuple[str, date]]) -> None:
    """The same for a talk."""
    await _TALKED.run(tx, list(days))


async def rederive(tx: Tx, child_ids: Collection[str], *, but: str = "") -> None:
    """Anew from the records that count, one left out: it is being taken back or corrected."""
    for child_id in child_ids:
        days = {"last_touch_on": await _last(tx, child_id, but), "last_talk_on": await _last_talk(tx, child_id, but)}
        await tx.run(update(children).where(children.c.id == child_id).values(days))


async def _last(tx: Tx, child_id: str, but: str) -> date | None:
    """A contact that was only attempted is none."""
    newest = (
        select(records.c.id, records.c.kind, records.c.happened_on, records.c.body)
        .join(record_children, record_children.c.record_id == records.c.id)
        .where(record_children.c.child_id == child_id, records.c.status == "current", records.c.id != but)
        .order_by(records.c.happened_on.desc())
    )
    for row in await tx.rows(newest):
        body = tx.vault.open(row.body, f"records.body:{row.id}")
        if row.kind != ContactEntry.kind or ContactEntry.model_validate_json(body).made:
            return date.fromisoformat(str(row.happened_on))
    return None


async def _last_talk(tx: Tx, child_id: str, but: str) -> date | None:
    counts = (records.c.kind == Talk.kind, records.c.status == "current", records.c.id != but)
    newest = select(func.max(records.c.happened_on).label("on")).join(
        record_children, record_children.c.record_id == records.c.id
    )
    row = await tx.row(newest.where(record_children.c.child_id == child_id, *counts))
    return date.fromisoformat(str(row.on)) if row and row.on else None


async def silent_since(tx: Tx, days: Sequence[date]) -> dict[date, list[Child]]:
    """By that day: the active children whom nobody has been in touch with since exactly then."""
    if not days:
        return {}
    never = and_(children.c.last_touch_on.is_(None), children.c.joined_on.in_(days))
    found = (
        select(children, homes.c.name.label("home_name"), _SINCE.label("since"))
        .join(homes, homes.c.id == children.c.home_id)
        .where(children.c.status == "active", or_(children.c.last_touch_on.in_(days), never))
        .order_by(children.c.code)
    )
    silent: dict[date, list[Child]] = {}
    for row in await tx.rows(found):
        silent.setdefault(date.fromisoformat(str(row.since)), []).append(read_child(tx, row))
    return silent


async def silent_by_home(tx: Tx, actor: Actor, before: date) -> dict[str, int]:
    """How many of them each home has; homes without any are absent."""
    counted = select(children.c.home_id, func.count().label("number")).where(
        active_in_reach(actor, Action.SEE_CHILD), before > _SINCE
    )
    return {row.home_id: row.number for row in await tx.rows(counted.group_by(children.c.home_id))}


async def longest_silent(tx: Tx, actor: Actor, before: date, limit: int, home_id: str = "") -> list[tuple[Child, date]]:
    """The active children in reach (of one home) whom nobody has been in touch with since before then, the longest
    first."""
    found = (
        select(children, homes.c.name.label("home_name"), _SINCE.label("since"))
        .join(homes, homes.c.id == children.c.home_id)
        .where(active_in_reach(actor, Action.SEE_CHILD), before > _SINCE)
        .where(children.c.home_id == home_id if home_id else true())
        .order_by(_SINCE, children.c.code)
        .limit(limit)
    )
    return [(read_child(tx, row), date.fromisoformat(str(row.since))) for row in await tx.rows(found)]
