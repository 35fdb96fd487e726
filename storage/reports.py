"""Monthly reports: who has handed in what. The row appears with the first thing that somebody adds to a report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true

from care.access import Action, reach
from care.calendar import Period
from care.children import Home
from care.monthly_report import HANDED_IN, SECTIONS, STATES, MonthlyReport, ReportState, Section
from care.people import Actor
from care.refusal import Refusal
from storage import children, excuses
from storage.database import Tx
from storage.tables import COORDINATING, REPORT_SEEN, audit, homes, info_items, monthly_reports, roles
from storage.vault import new_id

NAME = "monthly_report"
"""Of the duty; keys of what is owed begin with it."""


def key(home_id: str, period: Period) -> str:
    return f"{NAME}:{home_id}:{period.key}"


@dataclass(frozen=True, slots=True)
class Filed:
    """A report's row. `report`: as it was handed in. Ids of people; empty where nobody has done it yet.

    `first_submitted_on` stays when the report is sent back: by that it was on time.
    """

    home_id: str
    period: Period
    state: ReportState = ReportState.DRAFT
    sections: dict[Section, str] = field(default_factory=dict)
    nil_reason: str = ""
    returned: str = ""
    report: MonthlyReport | None = None
    prepared_by: str = ""
    submitted_by: str = ""
    submitted_at: datetime | None = None
    first_submitted_on: date | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    paper_at: datetime | None = None
    paper_by: str = ""
    version: int = 0
    id: str = ""

    @property
    def key(self) -> str:
        return key(self.home_id, self.period)

    @property
    def handed_in(self) -> bool:
        return self.state in HANDED_IN


@dataclass(frozen=True, slots=True)
class HomeMonth:
    """How one home stands in one period, without opening what is sealed."""

    home_id: str
    home_name: str
    period: Period
    state: ReportState
    items: int
    first_submitted_on: date | None = None
    paper_at: datetime | None = None
    excused: str = ""
    """'excused' or 'void', where a coordinator said so."""
    returned_at: datetime | None = None
    """When it was sent back, where it was and has not been handed in again: before that, nothing was owed."""

    @property
    def key(self) -> str:
        return key(self.home_id, self.period)

    @property
    def open(self) -> bool:
        return self.state not in HANDED_IN and not self.excused


async def home(tx: Tx, actor: Actor, action: Action, home_id: str) -> Home:
    """Refusal for one out of reach as for one that is not."""
    within = reach(actor, action)
    if within.district or home_id in within.homes:
        for one in await children.homes(tx, actor, action):
            if one.id == home_id:
                return one
    raise Refusal(reason="no such home in reach")


async def filed(tx: Tx, home_id: str, period: Period) -> Filed:
    """A blank one where nobody has begun."""
    here = (monthly_reports.c.home_id == home_id, monthly_reports.c.period == period.last)
    row = await tx.row(select(monthly_reports).where(*here))
    return _read(tx, row) if row else Filed(home_id, period)


async def keep(tx: Tx, one: Filed) -> Filed:
    """Writes it as its next version."""
    one = replace(one, id=one.id or new_id(), version=one.version + 1)
    row = {
        **{name: getattr(one, name) or None for name in _PLAIN},
        "id": one.id,
        "home_id": one.home_id,
        "period": one.period.last,
        "state": one.state.value,
        "version": one.version,
        "body": tx.vault.seal_json(_body(one), _where(one.id)),
    }
    insert = tx.insert(monthly_reports)
    changed = {name: insert.excluded[name] for name in (*_PLAIN, "state", "version", "body")}
    await tx.run(insert.on_conflict_do_update(index_elements=["id"], set_=changed), row)
    return one


_PLAIN = (
    "prepared_by",
    "submitted_by",
    "submitted_at",
    "first_submitted_on",
    "decided_by",
    "decided_at",
    "paper_at",
    "paper_by",
)


async def last_handed_in(tx: Tx, home_id: str, before: Period) -> tuple[Period, datetime] | None:
    """The latest earlier period whose report was handed in, and when."""
    earlier = (monthly_reports.c.home_id == home_id, monthly_reports.c.period < before.last)
    sent = select(monthly_reports.c.period, monthly_reports.c.submitted_at).where(
        *earlier, monthly_reports.c.submitted_at.is_not(None)
    )
    row = await tx.row(sent.order_by(monthly_reports.c.period.desc()).limit(1))
    return (Period.of(row.period), row.submitted_at) if row else None


async def standings(
    tx: Tx,
    period: Period,
    *,
    actor: Actor | None = None,
    home_ids: Collection[str] | None = None,
    handed_in_too: bool = True,
) -> list[HomeMonth]:
    """Every home that owes a report for this period, in the order of the codes: those of the actor, or these."""
    still_out = or_(monthly_reports.c.state.is_(None), monthly_reports.c.state.not_in([one.value for one in HANDED_IN]))
    counted = (
        select(func.count())
        .where(
            info_items.c.home_id == homes.c.id, info_items.c.period == period.last, info_items.c.removed_at.is_(None)
        )
        .scalar_subquery()
    )
    report = and_(monthly_reports.c.home_id == homes.c.id, monthly_reports.c.period == period.last)
    found = (
        select(homes.c.id, homes.c.name, homes.c.created_at, counted.label("item_count"))
        .add_columns(*(monthly_reports.c[name] for name in ("state", "first_submitted_on", "paper_at", "decided_at")))
        .outerjoin(monthly_reports, report)
        .where(true() if home_ids is None else homes.c.id.in_(home_ids), _in_reach(actor))
        .where(true() if handed_in_too else still_out)
        .order_by(homes.c.code)
    )
    rows = [row for row in await tx.rows(found) if row.created_at.date() <= period.last]
    excused = await excuses.kinds(tx, f"{NAME}:%:{period.key}")
    return [
        HomeMonth(
            row.id,
            row.name,
            period,
            STATES[row.state] if row.state else ReportState.DRAFT,
            row.item_count,
            row.first_submitted_on,
            row.paper_at,
            excused.get(key(row.id, period), ""),
            row.decided_at if row.state not in HANDED_IN else None,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class HandedIn:
    home_id: str
    home_name: str
    period: Period
    at: datetime

    @property
    def key(self) -> str:
        return key(self.home_id, self.period)


async def unseen(tx: Tx, periods: Collection[Period], since: datetime) -> list[HandedIn]:
    """Of these periods those handed in from then on about which nothing is decided yet, and which no coordinator has
    opened; by home."""
    found = select(monthly_reports.c.home_id, homes.c.name, monthly_reports.c.period, monthly_reports.c.submitted_at)
    joined = found.join(homes, homes.c.id == monthly_reports.c.home_id).order_by(homes.c.code)
    of_period = monthly_reports.c.period.in_([period.last for period in periods])
    late = (monthly_reports.c.state == ReportState.SUBMITTED.value, monthly_reports.c.submitted_at >= since)
    rows = await tx.rows(joined.where(of_period, *late))
    waiting = [HandedIn(row.home_id, row.name, _period(row.period), row.submitted_at) for row in rows]
    seen = await _opened_at_the_office(tx, waiting)
    return [one for one in waiting if not (one.key in seen and seen[one.key] >= one.at)]


async def _opened_at_the_office(tx: Tx, many: Sequence[HandedIn]) -> dict[str, datetime]:
    """By key, when a coordinator last had it open."""
    if not many:
        return {}
    office = select(roles.c.person_id).where(COORDINATING)
    rows = await tx.rows(
        select(audit.c.object_id, func.max(audit.c.at).label("at"))
        .where(audit.c.at >= min(one.at for one in many), REPORT_SEEN)
        .where(audit.c.object_id.in_([one.key for one in many]), audit.c.actor_id.in_(office))
        .group_by(audit.c.object_id)
    )
    return {row.object_id: row.at for row in rows}


def _in_reach(actor: Actor | None) -> ColumnElement[bool]:
    if actor is None:
        return true()
    within = reach(actor, Action.SEE_REPORT)
    return true() if within.district else homes.c.id.in_(within.homes)


def _body(one: Filed) -> dict[str, Any]:
    return {
        "sections": {section.value: text for section, text in one.sections.items()},
        "nil_reason": one.nil_reason,
        "returned": one.returned,
        "report": one.report.model_dump(mode="json") if one.report else None,
    }


def _read(tx: Tx, row: Row[Any]) -> Filed:
    body = tx.vault.open_json(row.body, _where(row.id))
    return Filed(
        row.home_id,
        _period(row.period),
        STATES[row.state],
        {SECTIONS[name]: text for name, text in body["sections"].items()},
        body["nil_reason"],
        body["returned"],
        MonthlyReport.model_validate(body["report"]) if body["report"] else None,
        row.prepared_by or "",
        row.submitted_by or "",
        row.submitted_at,
        row.first_submitted_on,
        row.decided_by or "",
        row.decided_at,
        row.paper_at,
        row.paper_by or "",
        row.version,
        row.id,
    )


def _period(last: Any) -> Period:
    return Period.of(date.fromisoformat(str(last)))


def _where(id: str) -> str:
    return f"monthly_reports.body:{id}"
