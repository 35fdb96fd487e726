"""Information items of the monthly reports: each made of a record by one tap, or written by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update

from care.calendar import Period
from care.monthly_report import InfoItem
from storage.database import Tx
from storage.tables import info_items
from storage.vault import new_id


async def add(tx: Tx, home_id: str, period: Period, item: InfoItem, *, author_id: str, now: datetime) -> bool:
    """False where an item was made of this record already."""
    if item.record_id and any(one.record_id == item.record_id for one in await of(tx, home_id, period)):
        return False
    id = new_id()
    row = {
        "id": id,
        "home_id": home_id,
        "period": period.last,
        "record_id": item.record_id or None,
        "author_id": author_id,
        "at": now,
        "body": _sealed(tx, id, item),
    }
    await tx.run(info_items.insert(), row)
    return True


async def change(tx: Tx, item: InfoItem) -> None:
    await tx.run(update(info_items).where(info_items.c.id == item.id).values(body=_sealed(tx, item.id, item)))


async def remove(tx: Tx, id: str, now: datetime) -> None:
    await tx.run(update(info_items).where(info_items.c.id == id).values(removed_at=now))


async def of(tx: Tx, home_id: str, period: Period) -> list[InfoItem]:
    """In the order in which they were added."""
    here = (info_items.c.home_id == home_id, info_items.c.period == period.last, info_items.c.removed_at.is_(None))
    rows = await tx.rows(select(info_items).where(*here).order_by(info_items.c.at, info_items.c.id))
    return [_read(tx, row) for row in rows]


async def one(tx: Tx, id: str) -> tuple[InfoItem, str, Period] | None:
    """With the home and the period that it belongs to; None for one that is gone."""
    row = await tx.row(select(info_items).where(info_items.c.id == id, info_items.c.removed_at.is_(None)))
    return (_read(tx, row), row.home_id, Period.of(date.fromisoformat(str(row.period)))) if row else None


def _sealed(tx: Tx, id: str, item: InfoItem) -> bytes:
    return tx.vault.seal_json(item.model_dump(mode="json", exclude={"id"}), f"info_items.body:{id}")


def _read(tx: Tx, row: Row[Any]) -> InfoItem:
    return InfoItem.model_validate(tx.vault.open_json(row.body, f"info_items.body:{row.id}")).model_copy(
        update={"id": row.id}
    )
