"""What need not be done: a coordinator has excused it, or it turned out to be void."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.database import Tx
from storage.tables import excuses

EXCUSED, VOID = "excused", "void"


async def excuse(tx: Tx, owed: str, *, reason: str, by: str, now: datetime, kind: str = EXCUSED) -> None:
    """`owed` is the key of what was owed; the first reason stands."""
    sealed = tx.vault.seal(reason, f"excuses.reason:{owed}")
    row = {"owed": owed, "kind": kind, "reason": sealed, "by": by, "at": now}
    await tx.run(tx.insert(excuses).on_conflict_do_nothing(), row)


async def owe_again(tx: Tx, owed: str) -> None:
    await tx.run(delete(excuses).where(excuses.c.owed == owed))


async def kinds(tx: Tx, like: str) -> dict[str, str]:
    """By key: 'excused' or 'void'; `like` is a pattern of SQL for the keys."""
    rows = await tx.rows(select(excuses.c.owed, excuses.c.kind).where(excuses.c.owed.like(like)))
    return {row.owed: row.kind for row in rows}


async def reason(tx: Tx, owed: str) -> str:
    """Empty where it is not excused."""
    row = await tx.row(select(excuses.c.reason).where(excuses.c.owed == owed))
    return tx.vault.open(row.reason, f"excuses.reason:{owed}").decode() if row and row.reason else ""
