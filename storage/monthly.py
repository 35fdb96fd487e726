"""What each home and child has in a report period: talks and activities. Read from the records, never stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select, true, union_all

from care.access import Action
from care.children import Child
from care.people import Actor
from care.records.activity import Activity, ActivityKind
from care.records.talk import Talk
from storage.children import read_child
from storage.database import Tx
from storage.scope import active_in_reach
from storage.tables import ACTIVITY, HERE, children, homes, record_children, records

Talked = tuple[Child, date | None]
"""A child, and the day of the first talk in the period, if there was one."""


async def talked(
    tx: Tx, first: date, last: date, within: ColumnElement[bool] | None = None
) -> list[tuple[Child, date | None]]:
    """Every active child who had joined by then, with the day of the first talk in the period, if there was one."""
    talk = (
        select(record_children.c.child_id, func.min(records.c.happened_on).label("on"))
        .join(records, records.c.id == record_children.c.record_id)
        .where(records.c.kind == Talk.kind, records.c.status == "current", records.c.happened_on.between(first, last))
        .group_by(record_children.c.child_id)
        .subquery()
    )
    found = (
        select(children, homes.c.name.label("home_name"), talk.c.on)
        .join(homes, homes.c.id == children.c.home_id)
        .outerjoin(talk, talk.c.child_id == children.c.id)
        .where(children.c.status == "active", children.c.joined_on <= last, true() if within is None else within)
        .order_by(children.c.code)
    )
    return [(read_child(tx, row), _day(row.on)) for row in await tx.rows(found)]


async def without_talk(tx: Tx, first: date, last: date, home_id: str = "") -> list[Child]:
    """The active children (of one home) who had joined by then and with whom nobody talked in the period."""
    talk = (
        select(record_children.c.child_id)
        .join(records, records.c.id == record_children.c.record_id)
        .where(records.c.kind == Talk.kind, records.c.status == "current", records.c.happened_on.between(first, last))
    )
    found = (
        select(children, homes.c.name.label("home_name"))
        .join(homes, homes.c.id == children.c.home_id)
        .where(HERE, children.c.joined_on <= last)
        .order_by(children.c.code)
    )
    if home_id:  # a few children, looked up one by one
        theirs = talk.where(record_children.c.child_id == children.c.id)
        found = found.where(children.c.home_id == home_id, ~theirs.exists())
    else:  # `last` is to come, so that the last talk of all is what counts
        other = children.alias("other")
        ways = (other.c.last_talk_on.is_(None), other.c.last_talk_on < first)
        found = found.where(children.c.id.in_(union_all(*(select(other.c.id).where(HERE, way) for way in ways))))
    return [read_child(tx, row) for row in await tx.rows(found)]


async def talked_in_reach(tx: Tx, actor: Actor, first: date, last: date) -> list[Talked]:
    return await talked(tx, first, last, active_in_reach(actor, Action.SEE_RECORDS))


async def activities(tx: Tx, first: date, last: date, home_ids: Collection[str] | None = None) -> dict[str, list[date]]:
    """By home: the days of its activities in those days, the earliest first; homes without any are there, empty."""
    joined = and_(
        records.c.home_id == homes.c.id,
        records.c.kind == Activity.kind,
        records.c.status == "current",
        records.c.happened_on.between(first, last),
    )
    found = (
        select(homes.c.id, records.c.happened_on).outerjoin(records, joined).order_by(homes.c.id, records.c.happened_on)
    )
    if home_ids is not None:
        found = found.where(homes.c.id.in_(home_ids))
    by_home: dict[str, list[date]] = {}
    for row in await tx.rows(found):
        days = by_home.setdefault(row.id, [])
        if row.happened_on is not None:
            days.append(row.happened_on)
    return by_home


async def quiet_since(tx: Tx, days: Collection[date]) -> dict[str, date]:
    """The homes whose last activity was on one of these days, or that came to us then and have had none."""
    if not days:
        return {}
    later = records.alias("later")
    held = exists().where(later.c.kind == Activity.kind, later.c.status == "current")
    noted = (
        select(records.c.home_id, records.c.happened_on)
        .where(ACTIVITY, records.c.status == "current", records.c.happened_on.in_(days))
        .where(~held.where(later.c.home_id == records.c.home_id, later.c.happened_on > records.c.happened_on))
        .distinct()
    )
    first = datetime.combine(min(days), time(), UTC)
    came = (
        select(homes.c.id, homes.c.created_at)
        .where(homes.c.created_at >= first, homes.c.created_at < first + (max(days) - min(days)) + timedelta(days=1))
        .where(~held.where(later.c.home_id == homes.c.id))
    )
    found = {row.home_id: row.happened_on for row in await tx.rows(noted)}
    new = {row.id: row.created_at.date() for row in await tx.rows(came)}
    return found | {home: day for home, day in new.items() if day in days}


async def activities_since(tx: Tx, since: date, home_ids: Collection[str]) -> dict[str, list[date]]:
    """By home: the day on which it came to us, where that is not before, and the days of its activities from then on;
    homes without any such day are absent."""
    mine = homes.c.id.in_(home_ids)
    done = select(records.c.home_id, records.c.happened_on).where(
        records.c.home_id.in_(home_ids),
        records.c.kind == Activity.kind,
        records.c.status == "current",
        records.c.happened_on >= since,
    )
    found: dict[str, list[date]] = {}
    for row in await tx.rows(done):
        found.setdefault(row.home_id, []).append(row.happened_on)
    for row in await tx.rows(select(homes.c.id, homes.c.created_at).where(mine)):
        came = row.created_at.date()
        if since <= came < min(found.get(row.id, [date.max])):
            found.setdefault(row.id, []).append(came)
    return found


async def last_activity(tx: Tx) -> dict[str, date]:
    """By home: the day of its last activity, or the day on which it came to us."""
    last = (
        select(homes.c.id, homes.c.created_at, func.max(records.c.happened_on).label("on"))
        .outerjoin(
            records,
            and_(records.c.home_id == homes.c.id, records.c.kind == Activity.kind, records.c.status == "current"),
        )
        .group_by(homes.c.id, homes.c.created_at)
    )
    return {row.id: _day(row.on) or row.created_at.date() for row in await tx.rows(last)}


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


async def activity_kinds(tx: Tx, first: date, last: date) -> dict[str, list[ActivityKind]]:
    """By home: of what kind each activity of those days was; homes without any are absent."""
    found = select(records.c.id, records.c.home_id, records.c.body).where(
        ACTIVITY, records.c.status == "current", records.c.happened_on.between(first, last)
    )
    kinds: dict[str, list[ActivityKind]] = {}
    for row in await tx.rows(found.order_by(records.c.happened_on, records.c.id)):
        body = Activity.model_validate_json(tx.vault.open(row.body, f"records.body:{row.id}"))
        kinds.setdefault(row.home_id, []).append(body.what)
    return kinds


async def home_names(tx: Tx, home_ids: Collection[str] | None = None) -> dict[str, str]:
    """Of these homes, or of all."""
    if home_ids is not None and not home_ids:
        return {}
    among = true() if home_ids is None else homes.c.id.in_(home_ids)
    return {row.id: row.name for row in await tx.rows(select(homes.c.id, homes.c.name).where(among))}
