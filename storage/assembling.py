"""A monthly report as its home's records make it. What was handed in reads as it was then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select

from care.access import Action
from care.calendar import Period
from care.monthly_report import ActivityLine, Figures, MonthlyReport, Supplement, activity_line
from care.people import Actor
from care.records.activity import Activity
from care.records.contact_entry import ContactEntry
from care.records.talk import Talk
from storage import info_items, people, reports
from storage.database import Tx
from storage.records import Saved, of_home
from storage.reports import Filed
from storage.tables import check_ins, children, record_children, records

OFFERED = 40
"""So many of a period's records, the latest, are offered to become an item."""


async def assemble(tx: Tx, actor: Actor, home_id: str, period: Period, today: date) -> MonthlyReport:
    """Refusal for a home out of reach. Before it is handed in: as the records stand today."""
    home = await reports.home(tx, actor, Action.SEE_REPORT, home_id)
    filed = await reports.filed(tx, home_id, period)
    if filed.handed_in and filed.report:
        return filed.report
    return await _drafted(tx, filed, home.name, today)


async def _drafted(tx: Tx, filed: Filed, home_name: str, today: date) -> MonthlyReport:
    home_id, period = filed.home_id, filed.period
    rows = await _in_days(tx, home_id, period.first, period.last)
    lines = _lines(tx, rows)
    return MonthlyReport(
        home_id=home_id,
        home_name=home_name,
        period_key=period.key,
        figures=await _figures(tx, home_id, period, rows, today),
        activities=lines,
        items=tuple(await info_items.of(tx, home_id, period)),
        sections=filed.sections,
        supplement=await _supplement(tx, home_id, period, today),
        nil_reason=filed.nil_reason,
        prepared_by=await _name(tx, filed.prepared_by),
        reviewed_by=await _name(tx, filed.submitted_by),
    )


async def candidates(tx: Tx, actor: Actor, report: MonthlyReport) -> list[Saved]:
    """Records that could become an item: activities before contacts before talks, those with photos first."""
    period = report.period
    used = {item.record_id for item in report.items}
    found = await of_home(tx, actor, report.home_id, period.first, period.last, OFFERED)
    left = [one for one in found if one.id not in used and _happened(one)]
    return sorted(left, key=lambda one: (_RANK.get(one.kind, 9), not one.body.media))


def _happened(one: Saved) -> bool:
    return one.body.made if isinstance(one.body, ContactEntry) else True


_RANK = {Activity.kind: 0, ContactEntry.kind: 1, Talk.kind: 2}


# --- figures


async def _figures(tx: Tx, home_id: str, period: Period, rows: Sequence[Row[Any]], today: date) -> Figures:
    until = min(today, period.last)
    made = [_made(tx, row) for row in rows if row.kind == ContactEntry.kind]
    talks = [row.id for row in rows if row.kind == Talk.kind]
    start, joined, left = await _children(tx, home_id, period.first, until)
    asked, answered = await _check_ins(tx, home_id, period.first, until)
    return Figures(
        start=start,
        joined=joined,
        left=left,
        activities=sum(row.kind == Activity.kind for row in rows),
        talks=len(talks),
        talked_with=await _talked_with(tx, talks),
        contacts=sum(made),
        attempts=len(made) - sum(made),
        check_ins=asked,
        answered=answered,
    )


async def _children(tx: Tx, home_id: str, first: date, until: date) -> tuple[int, int, int]:
    """How many there were before the first day, and who joined and left from then on."""
    known = or_(children.c.status == "active", children.c.left_on.is_not(None))
    there = and_(children.c.joined_on < first, or_(children.c.left_on.is_(None), children.c.left_on >= first))
    joined = children.c.joined_on.between(first, until)
    left = children.c.left_on.between(first, until)
    sums = (_sum(there).label("there"), _sum(joined).label("joined"), _sum(left).label("gone"))
    row = (await tx.rows(select(*sums).where(children.c.home_id == home_id, known)))[0]
    return row.there or 0, row.joined or 0, row.gone or 0


async def _check_ins(tx: Tx, home_id: str, first: date, until: date) -> tuple[int, int]:
    here = (check_ins.c.home_id == home_id, check_ins.c.day.between(first, until), check_ins.c.asked_at.is_not(None))
    sums = (func.count().label("asked"), _sum(check_ins.c.answered_at.is_not(None)).label("answered"))
    row = (await tx.rows(select(*sums).where(*here)))[0]
    return row.asked or 0, row.answered or 0


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


async def _talked_with(tx: Tx, talks: Collection[str]) -> int:
    if not talks:
        return 0
    bonds = select(func.count(record_children.c.child_id.distinct())).where(record_children.c.record_id.in_(talks))
    return int((await tx.rows(bonds))[0][0])


# --- records


_OLDER = records.alias("older")
_ROWS = select(
    *(records.c[name] for name in ("id", "kind", "happened_on", "created_at", "supersedes", "body")),
    _OLDER.c.created_at.label("first_created_at"),
).outerjoin(_OLDER, _OLDER.c.id == records.c.supersedes)


async def _in_days(tx: Tx, home_id: str, first: date, last: date) -> Sequence[Row[Any]]:
    here = (records.c.home_id == home_id, records.c.status == "current", records.c.happened_on.between(first, last))
    return await tx.rows(_ROWS.where(*here).order_by(records.c.happened_on, records.c.created_at))


async def _supplement(tx: Tx, home_id: str, period: Period, today: date) -> Supplement:
    """What belongs to earlier periods and was logged after their last report. A period whose report can still be
    handed in speaks for itself."""
    last = await reports.last_handed_in(tx, home_id, period)
    if last is None:
        return Supplement()
    reported, at = last
    before = period.first
    if reported < period.previous and today <= period.due:
        before = period.previous.first
    late = (records.c.created_at > at, records.c.happened_on < before)
    rows = await tx.rows(_ROWS.where(records.c.home_id == home_id, records.c.status == "current", *late))
    return _told_late(tx, sorted(rows, key=lambda row: (row.happened_on, row.created_at)), at)


def _told_late(tx: Tx, rows: Sequence[Row[Any]], at: datetime) -> Supplement:
    corrected = [row for row in rows if row.first_created_at and row.first_created_at <= at]
    new = [row for row in rows if row not in corrected]
    return Supplement(
        activities=_lines(tx, new),
        talks=sum(row.kind == Talk.kind for row in new),
        contacts=sum(row.kind == ContactEntry.kind and _made(tx, row) for row in new),
        corrected=len(corrected),
    )


def _lines(tx: Tx, rows: Sequence[Row[Any]]) -> tuple[ActivityLine, ...]:
    bodies = (Activity.model_validate_json(_opened(tx, row)) for row in rows if row.kind == Activity.kind)
    return tuple(activity_line(body) for body in bodies)


def _made(tx: Tx, row: Row[Any]) -> bool:
    return ContactEntry.model_validate_json(_opened(tx, row)).made


def _opened(tx: Tx, row: Row[Any]) -> bytes:
    return tx.vault.open(row.body, f"records.body:{row.id}")


async def _name(tx: Tx, person_id: str) -> str:
    person = await people.person(tx, person_id) if person_id else None
    return person.name if person else ""
