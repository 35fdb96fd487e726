"""Who saw, changed or was refused what: written in the transaction of the deed itself, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from storage.database import Tx
from storage.prepared import Prepared
from storage.tables import audit


@dataclass(frozen=True, slots=True)
class Entry:
    """`outcome` is done or refused. `detail` holds plain words of ours, never a person's."""

    at: datetime
    actor_id: str
    action: str
    object_kind: str = ""
    object_id: str = ""
    outcome: str = "done"
    detail: str = ""


async def note(tx: Tx, entries: Sequence[Entry]) -> None:
    await _NOTE.run(tx, [_row(entry) for entry in entries])


_NOTE = Prepared(lambda _: insert(audit).inline(), Entry.__slots__)


async def latest(tx: Tx, limit: int) -> list[Entry]:
    """The newest first."""
    rows = await tx.rows(select(audit).order_by(audit.c.id.desc()).limit(limit))
    return [
        Entry(row.at, row.actor_id, row.action, row.object_kind, row.object_id, row.outcome, row.detail or "")
        for row in rows
    ]


def _row(entry: Entry) -> tuple[object, ...]:
    """Cut to fit: a typed code of any length is no reason to lose the row."""
    return (
        entry.at,
        _fit(entry.actor_id, 32),
        _fit(entry.action, 64),
        _fit(entry.object_kind, 32),
        _fit(entry.object_id, 64),
        _fit(entry.outcome, 32),
        _fit(entry.detail, 200) or None,
    )


def _fit(text: str, length: int) -> str:
    return text[:length]
