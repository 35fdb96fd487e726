"""What became of a notice with each person: queued, sent, failed and why, acknowledged, no chat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, or_, select, update

from care.access import Action, reach
from care.notice import NOT_ARRIVED, TOLD, Fate
from care.people import Actor
from storage import outbox as _outbox
from storage.database import Tx
from storage.tables import homes, notices, outbox, people, receipts


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people, by what became of it. Who has tapped that they know is counted there only."""

    acknowledged: int = 0
    fates: Mapping[Fate, int] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)
    """Why it failed: the channel's words and how often."""

    @property
    def total(self) -> int:
        return self.acknowledged + sum(self.fates.values())

    @property
    def answered(self) -> int:
        """Who knows: has acknowledged, or was told by somebody."""
        return self.acknowledged + sum(self.fates.get(fate, 0) for fate in TOLD)

    @property
    def queued(self) -> int:
        return self.fates.get(Fate.QUEUED, 0)

    @property
    def messages(self) -> int:
        """How many people there was or is a message for."""
        return self.total - self.fates.get(Fate.NO_CHAT, 0) - self.fates.get(Fate.UNREACHABLE, 0)

    @property
    def silent(self) -> int:
        """Who could be asked again: whoever has not acknowledged, has a chat and no message on its way."""
        return sum(self.fates.get(fate, 0) for fate in (Fate.SENT, Fate.CANCELLED, *NOT_ARRIVED))


@dataclass(frozen=True, slots=True)
class HomeTally:
    """`home_id` is empty for those who belong to no home."""

    home_id: str
    home_name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Receipt:
    """One person who has not acknowledged."""

    person_id: str
    name: str
    phone: str
    fate: Fate


async def refresh(tx: Tx, notice_id: str) -> None:
    """Takes over what the outbox knows by now. A message that was cancelled on its way may have gone all the same."""
    mine = outbox.c.key == receipts.c.key
    over = exists().where(mine, outbox.c.state.not_in(("queued", "sending")), outbox.c.state != receipts.c.state)
    open_ones = receipts.c.state.in_((Fate.QUEUED, Fate.CANCELLED))
    told = {name: select(outbox.c[name]).where(mine).scalar_subquery() for name in ("state", "error")}
    await tx.run(update(receipts).where(receipts.c.notice_id == notice_id, open_ones, over).values(told))


async def acknowledge(tx: Tx, notice_id: str, person_id: str, now: datetime) -> bool | None:
    """True for the first time; False when it was so already; None for somebody whom the notice is not for.

    What was still to be said to them about it is not said any more.
    """
    mine = (receipts.c.notice_id == notice_id, receipts.c.person_id == person_id)
    if await tx.run(update(receipts).where(*mine, receipts.c.acknowledged_at.is_(None)).values(acknowledged_at=now)):
        await _outbox.cancel_about(tx, f"{_outbox.NOTICE}{notice_id}:{person_id}")
        await tx.run(update(notices).where(notices.c.id == notice_id).values(touched_at=now))
        return True
    return False if await tx.row(select(receipts.c.notice_id).where(*mine)) else None


async def unacknowledged(tx: Tx, person_id: str, since: datetime) -> list[str]:
    """The notices that have reached this person since then and that they have not acknowledged."""
    mine = (receipts.c.person_id == person_id, receipts.c.acknowledged_at.is_(None))
    there = exists().where(outbox.c.key == receipts.c.key, outbox.c.state == Fate.SENT)
    fresh = select(receipts.c.notice_id).join(notices, notices.c.id == receipts.c.notice_id)
    found = fresh.where(*mine, or_(receipts.c.state == Fate.SENT, there), notices.c.created_at >= since)
    return [row.notice_id for row in await tx.rows(found.order_by(notices.c.created_at))]


async def tallies(tx: Tx, notice_ids: Collection[str]) -> dict[str, Tally]:
    """One for each, empty where nothing was sent yet."""
    rows = await tx.rows(_counted(receipts.c.notice_id).where(receipts.c.notice_id.in_(list(notice_ids))))
    return {id: _tally([row for row in rows if row.notice_id == id]) for id in notice_ids}


async def by_home(tx: Tx, actor: Actor, notice_id: str) -> list[HomeTally]:
    """In the order of the homes' codes, those without a home last; for who may see the notices of the district."""
    if not reach(actor, Action.SEE_NOTICES).district:
        return []
    counted = _counted(homes.c.code, homes.c.id.label("home_id"), homes.c.name)
    joined = counted.outerjoin_from(receipts, homes, homes.c.id == receipts.c.home_id)
    rows = await tx.rows(joined.where(receipts.c.notice_id == notice_id).order_by(homes.c.code))
    places = {row.home_id: row.name for row in sorted(rows, key=lambda row: (row.code is None, row.code))}
    return [
        HomeTally(home_id or "", name or "", _tally([row for row in rows if row.home_id == home_id]))
        for home_id, name in places.items()
    ]


async def silent(tx: Tx, actor: Actor, notice_id: str, home_id: str) -> list[Receipt]:
    """Who has not acknowledged, of one home ('' for those of none): the list to call."""
    if not reach(actor, Action.SEE_NOTICES).district:
        return []
    there = receipts.c.home_id == home_id if home_id else receipts.c.home_id.is_(None)
    joined = select(receipts.c.state, people.c.id, people.c.name, people.c.phone).join(people)
    mine = (receipts.c.notice_id == notice_id, receipts.c.acknowledged_at.is_(None), there)
    rows = await tx.rows(joined.where(*mine).order_by(receipts.c.state, people.c.code, people.c.id))
    return [
        Receipt(
            row.id,
            tx.vault.open(row.name, f"people.name:{row.id}").decode(),
            tx.vault.open_text(row.phone, f"people.phone:{row.id}") or "",
            Fate(row.state),
        )
        for row in rows
    ]


def _counted(*keys: ColumnElement[Any]) -> Any:
    acknowledged = receipts.c.acknowledged_at.is_not(None)
    grouped = (*keys, receipts.c.state, receipts.c.error, acknowledged)
    columns = (*keys, receipts.c.state, receipts.c.error, acknowledged.label("acknowledged"))
    return select(*columns, func.count().label("number")).group_by(*grouped)


def _tally(rows: Sequence[Row[Any]]) -> Tally:
    fates: Counter[Fate] = Counter()
    errors: Counter[str] = Counter()
    for row in rows:
        if not row.acknowledged or row.state in TOLD:
            fates[Fate(row.state)] += row.number
        if not row.acknowledged and row.error and Fate(row.state) in NOT_ARRIVED:
            errors[row.error] += row.number
    return Tally(
        sum(row.number for row in rows if row.acknowledged and row.state not in TOLD), dict(fates), dict(errors)
    )
