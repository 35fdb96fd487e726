"""Backups of a SQLite district: a copy beside the running bot, and a copy put back in the place of the present one."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import update

from storage import settings
from storage.database import Database, Tx, open_database
from storage.migrations import migrate
from storage.soundness import Unsound, beside, forget_mark, opened, require_whole, sync
from storage.tables import notices, outbox, ticks
from storage.vault import Vault


async def back_up(source: Path, target: Path) -> None:
    """A whole, checked copy, in one go: in small steps each write of the bot would start it anew. Raises Unsound.

    `target` appears when it is complete, and must not exist before (FileExistsError).
    """
    await asyncio.to_thread(_back_up, source, target)


def _back_up(source: Path, target: Path) -> None:
    if target.exists():
        raise FileExistsError(target)
    draft = beside(target, ".part")
    try:
        _copy(source, draft)
        os.link(draft, target)  # unlike a rename, it never replaces anything
        sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """One plain file, for its owner alone, checked and on the disk."""
    target.unlink(missing_ok=True)
    target.touch(0o600)
    try:
        with closing(opened(source)) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise Unsound(f"{source.name} could not be copied ({error}).") from None
    require_whole(target)
    sync(target)


async def restore(
    backup: Path, file: Path, vault: Vault, now: datetime, step: Callable[[str], None] = lambda _: None
) -> tuple[Path | None, int]:
    """Puts a backup in the place of the district's file, which the caller holds. Where the present one lies now, and
    how many messages will not be sent.

    Raises Unsound, BadKey and SchemaTooNew, and then nothing was changed. The copy is brought to this version's schema
    and silenced before it takes its place; a process killed on the way leaves a mark with which no bot starts.
    """
    draft = beside(file, ".part")
    try:
        cancelled = await _prepare(backup, draft, vault, now)
        step("prepared")
        return _exchange(draft, file, now, step), cancelled
    finally:
        for ending in ("", "-wal", "-shm"):
            beside(draft, ending).unlink(missing_ok=True)


async def _prepare(backup: Path, draft: Path, vault: Vault, now: datetime) -> int:
    await asyncio.to_thread(_copy, backup, draft)
    await asyncio.to_thread(_require_district, draft, backup.name)
    url = f"sqlite:///{draft}"
    await migrate(url)
    database = open_database(url, vault)
    try:
        async with database.transaction() as tx:
            await settings.check_key(tx, vault)
        cancelled = await silence(database, now)
    finally:
        await database.close()
    await asyncio.to_thread(_close_log, draft)
    return cancelled


def _close_log(draft: Path) -> None:
    """All of it in the one file."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        if connection.execute("PRAGMA journal_mode=DELETE").fetchone() != ("delete",):
            raise Unsound(f"{draft.name} is in use by another program.")
    require_whole(draft)


def _require_district(copy: Path, name: str) -> None:
    with closing(opened(copy)) as connection:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name IN ('alembic_version', 'outbox')").fetchall()
    if len(found) != 2:
        raise Unsound(f"{name} holds no district.")


def _exchange(draft: Path, file: Path, now: datetime, step: Callable[[str], None]) -> Path | None:
    mark = beside(file, ".restoring")
    mark.touch()
    sync(draft)
    sync(file.parent)
    aside = _set_aside(file, beside(file, f".before-{now:%Y%m%dT%H%M%SZ}"), step)
    draft.rename(file)
    sync(file.parent)
    step("exchanged")
    mark.unlink()
    return aside


def _set_aside(file: Path, aside: Path, step: Callable[[str], None]) -> Path | None:
    """The -wal goes with its database: beside another it would be taken for that one's."""
    forget_mark(file)
    beside(file, "-shm").unlink(missing_ok=True)
    if beside(file, "-wal").exists():
        beside(file, "-wal").rename(beside(aside, "-wal"))
        step("set its log aside")
    if not file.exists():
        return None
    file.rename(aside)
    step("set aside")
    return aside


async def silence(database: Database, now: datetime) -> int:
    """Nothing that an old state of the outbox had yet to say is said again: it was, or its time is over. How many.

    The rules begin anew with this moment, since what fell due between the backup and now was told by the bot that wrote
    it. Cards keep the numbers of their messages.
    """
    async with database.transaction() as tx:
        return await _silence(tx, now)


async def _silence(tx: Tx, now: datetime) -> int:
    waiting = update(outbox).where(outbox.c.state.in_(("queued", "sending")))
    await tx.run(update(ticks).values(at=now))
    past = (notices.c.state == "waiting", notices.c.send_at <= now)
    await tx.run(update(notices).where(*past).values(state="missed"))
    return await tx.run(waiting.values(state="cancelled", error="restored", body=b"", done_at=now))
