"""Slow work that was asked for: each job once, sealed, and queued until its result is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, select, update

from storage.database import Tx
from storage.prepared import Question
from storage.tables import jobs
from storage.vault import new_id

QUEUED, DONE, FAILED = "queued", "done", "failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """`attempts` made so far, none of which had a result."""

    id: str
    kind: str
    body: Mapping[str, Any]
    attempts: int = 0


async def ask(tx: Tx, kind: str, body: Mapping[str, Any], now: datetime) -> str:
    """The id of the job, which runs once this transaction is committed."""
    id = new_id()
    sealed = tx.vault.seal_json(dict(body), _where(id))
    await tx.run(jobs.insert(), {"id": id, "kind": kind, "body": sealed, "not_before": now, "created_at": now})
    return id


_RIPE = Question(
    select(jobs)
    .where(jobs.c.state == QUEUED, jobs.c.not_before <= bindparam("now"))
    .order_by(jobs.c.created_at, jobs.c.id)
    .limit(bindparam("most", type_=Integer))
)


async def due(tx: Tx, now: datetime, limit: int) -> list[Asked]:
    """The oldest that may run now."""
    rows = await _RIPE.rows(tx, {"now": now, "most": limit})
    return [Asked(row.id, row.kind, tx.vault.open_json(row.body, _where(row.id)), row.attempts) for row in rows]


async def done(tx: Tx, id: str, now: datetime) -> bool:
    """Its result is stored in this transaction; False where it was before."""
    here = (jobs.c.id == id, jobs.c.state == QUEUED)
    return bool(await tx.run(update(jobs).where(*here).values(state=DONE, done_at=now, body=b"")))


async def put_off(tx: Tx, asked: Asked, error: str, until: datetime) -> None:
    values = {"attempts": asked.attempts + 1, "error": error[:200], "not_before": until}
    await tx.run(update(jobs).where(jobs.c.id == asked.id).values(values))


async def give_up(tx: Tx, asked: Asked, error: str, now: datetime) -> None:
    values = {"state": FAILED, "attempts": asked.attempts + 1, "error": error[:200], "done_at": now}
    await tx.run(update(jobs).where(jobs.c.id == asked.id).values(values))


def _where(id: str) -> str:
    return f"jobs.body:{id}"
