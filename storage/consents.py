"""Consent of the legal guardians, per child and purpose."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, insert, select, update

from storage.database import Tx
from storage.tables import children, consents
from storage.vault import new_id

CARE = "care"
"""The purpose without which no volunteer sees a child."""


async def give(
    tx: Tx, *, child_id: str, purpose: str, way: str, text_version: str, given_on: date, given_by: str | None = None
) -> str:
    """`way` tells how: button, paper, teacher. The id of the consent."""
    id = new_id()
    row = {"id": id, "child_id": child_id, "purpose": purpose, "given_by": given_by, "way": way}
    await tx.run(insert(consents), row | {"text_version": text_version, "given_on": given_on})
    return id


async def withdraw(tx: Tx, child_id: str, purpose: str, now: datetime) -> int:
    """Ends every living consent of the child for the purpose; how many."""
    living = (consents.c.child_id == child_id, consents.c.purpose == purpose, consents.c.withdrawn_at.is_(None))
    return await tx.run(update(consents).where(*living).values(withdrawn_at=now))


async def live(tx: Tx, child_ids: Collection[str], purpose: str = CARE) -> frozenset[str]:
    """Those of the children for whom somebody has consented and not withdrawn."""
    living = (consents.c.child_id.in_(child_ids), consents.c.purpose == purpose, consents.c.withdrawn_at.is_(None))
    return frozenset(row.child_id for row in await tx.rows(select(consents.c.child_id).distinct().where(*living)))


def consented(purpose: str = CARE) -> ColumnElement[bool]:
    """The condition on `children` that a living consent exists."""
    return exists().where(
        consents.c.child_id == children.c.id, consents.c.purpose == purpose, consents.c.withdrawn_at.is_(None)
    )


def withdrawn(purpose: str = CARE) -> ColumnElement[bool]:
    """The condition on `children` that the family has taken its consent back, and not given it again. Where it was
    never asked for one, it has not."""
    taken_back = exists().where(
        consents.c.child_id == children.c.id, consents.c.purpose == purpose, consents.c.withdrawn_at.is_not(None)
    )
    return and_(taken_back, ~consented(purpose))
