"""What families said in their own words: sealed, and unheard until somebody has heard it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from care.access import Action
from care.people import Actor
from storage.database import Tx
from storage.scope import in_reach
from storage.tables import children, said, said_children
from storage.vault import new_id


@dataclass(frozen=True, slots=True)
class Said:
    """`body`: words and media as JSON; `quiet`: for few eyes."""

    id: str
    person_id: str
    at: datetime
    child_ids: tuple[str, ...]
    body: Mapping[str, Any]
    quiet: bool = False
    heard_at: datetime | None = None


async def keep(
    tx: Tx, person_id: str, child_ids: Collection[str], body: Mapping[str, Any], now: datetime, *, quiet: bool
) -> str:
    """The id of what was said."""
    id = new_id()
    sealed = tx.vault.seal_json(dict(body), f"said.body:{id}")
    await tx.run(said.insert(), {"id": id, "person_id": person_id, "at": now, "quiet": quiet, "body": sealed})
    if child_ids:
        await tx.run(said_children.insert(), [{"said_id": id, "child_id": child} for child in child_ids])
    return id


async def hear(tx: Tx, id: str, by: str, now: datetime) -> bool:
    """Somebody has heard it; False where somebody had before."""
    here = (said.c.id == id, said.c.heard_at.is_(None))
    return bool(await tx.run(update(said).where(*here).values(heard_at=now, heard_by=by)))


async def one(tx: Tx, actor: Actor, id: str, action: Action = Action.SEE_CHECK_INS) -> Said | None:
    """As far as it is about a child in the actor's reach."""
    found = await _read(tx, actor, action, said.c.id == id)
    return found[0] if found else None


async def unheard(tx: Tx, actor: Actor) -> list[Said]:
    return await _read(tx, actor, Action.SEE_CHECK_INS, said.c.heard_at.is_(None))


async def _read(tx: Tx, actor: Actor, action: Action, which: ColumnElement[bool]) -> list[Said]:
    rows = await tx.rows(
        select(said, said_children.c.child_id)
        .join(said_children, said_children.c.said_id == said.c.id)
        .join(children, children.c.id == said_children.c.child_id)
        .where(which, in_reach(actor, action))
        .order_by(said.c.at, children.c.code)
    )
    about: dict[str, list[str]] = {}
    for row in rows:
        about.setdefault(row.id, []).append(row.child_id)
    first = {row.id: row for row in reversed(rows)}
    return [
        Said(
            id,
            first[id].person_id,
            first[id].at,
            tuple(ids),
            tx.vault.open_json(first[id].body, f"said.body:{id}"),
            first[id].quiet,
            first[id].heard_at,
        )
        for id, ids in about.items()
    ]
