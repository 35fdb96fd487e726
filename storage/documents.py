"""Documents that we made and still have to send: sealed, and forgotten once they must have arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.database import Tx
from storage.tables import documents


@dataclass(frozen=True, slots=True)
class Document:
    """`name` is the file's, as the person sees it."""

    id: str
    name: str
    content: bytes


async def add(tx: Tx, many: Sequence[Document], now: datetime) -> None:
    """Keeps them; one whose id is known already is left alone."""
    if many:
        rows = [
            {
                "id": one.id,
                "name": tx.vault.seal(one.name, f"documents.name:{one.id}"),
                "content": tx.vault.seal(one.content, f"documents.content:{one.id}"),
                "created_at": now,
            }
            for one in many
        ]
        await tx.run(tx.insert(documents).on_conflict_do_nothing(), rows)


async def one(tx: Tx, id: str) -> Document | None:
    row = await tx.row(select(documents).where(documents.c.id == id))
    if row is None:
        return None
    name = tx.vault.open(row.name, f"documents.name:{id}").decode()
    return Document(id, name, tx.vault.open(row.content, f"documents.content:{id}"))


async def forget(tx: Tx, before: datetime) -> int:
    """Deletes those made before then; how many."""
    return await tx.run(delete(documents).where(documents.c.created_at < before))
