"""Whether a SQLite district is whole, looked at before it is opened: a damaged one must not be written to.

What SQLite cannot see is that commits are missing: that the -wal file was taken away, or an old copy put in its place.
So the bot counts up a number in the database, and then in a file beside it: a database that is behind its file has lost
something.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage import settings
from storage.database import Database

_NUMBER = "mark"
_FOUND = "Restore a backup (run.py restore); it was left as it is."


class Unsound(Exception):
    """The database is damaged or incomplete, and was left as it is. The text says what to do."""


def sqlite_version() -> str:
    return sqlite3.sqlite_version


def has_wal_reset_bug(version: str) -> bool:
    """Whether two connections that write and checkpoint at once may damage the file: 3.7.0 to 3.51.2."""
    return (3, 7, 0) <= tuple(int(part) for part in version.split(".")) < (3, 51, 3)


def beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


async def note(database: Database) -> None:
    """Counts the mark up: in the database first, so that it is never behind by our own doing."""
    if database.file is None:
        return
    async with database.transaction() as tx:
        number = int(await settings.get(tx, _NUMBER) or 0) + 1
        await settings.set(tx, _NUMBER, str(number))
    fresh = beside(database.file, ".mark.new")
    fresh.write_text(str(number))
    fresh.replace(beside(database.file, ".mark"))


def forget_mark(file: Path) -> None:
    beside(file, ".mark").unlink(missing_ok=True)


async def inspect(file: Path | None) -> None:
    """Before a start. Raises Unsound. A file that was never there is sound."""
    if file is not None:
        await asyncio.to_thread(_inspect, file)


def _inspect(file: Path) -> None:
    if beside(file, ".restoring").exists():
        raise Unsound(f"A restore of {file.name} was cut short: run `python3 run.py restore FILE` again.")
    mark = _mark(file)
    if not file.exists() or not file.stat().st_size:
        if mark:
            raise Unsound(
                f"{file.name} is {'empty (0 bytes)' if file.exists() else 'gone'}, and was not. Restore a backup "
                f"(run.py restore); to begin anew, delete {file.name}.mark."
            )
        return
    require_whole(file, "quick_check(1)")
    if mark and _number(file) < mark:
        raise Unsound(
            f"{file.name} lacks what was saved last: was {file.name}-wal taken away, or an old copy put in its place? "
            f"Put {file.name}-wal back, or restore a backup (run.py restore); to go on without what is missing, "
            f"delete {file.name}.mark."
        )


def _mark(file: Path) -> int:
    try:
        return int(beside(file, ".mark").read_text())
    except (FileNotFoundError, ValueError):
        return 0


def _number(file: Path) -> int:
    with closing(opened(file)) as connection:
        try:
            row = connection.execute("SELECT value FROM settings WHERE name = ?", (_NUMBER,)).fetchone()
        except sqlite3.OperationalError:  # it has no tables (any more)
            return 0
    return int(row[0]) if row else 0


def require_whole(file: Path, check: str = "integrity_check(1)") -> None:
    """Raises Unsound, quoting no content; OSError where the file cannot be read at all."""
    try:
        with closing(opened(file)) as connection:
            found = connection.execute(f"PRAGMA {check}").fetchall()
    except sqlite3.OperationalError as error:
        raise OSError(f"{file.name}: {error}") from None
    except sqlite3.DatabaseError as error:
        raise Unsound(f"{file.name} is damaged ({error}). {_FOUND}") from None
    if found != [("ok",)]:
        raise Unsound(f"{file.name} is damaged (SQLite's own check finds faults in it). {_FOUND}")


def opened(file: Path) -> sqlite3.Connection:
    """To read only: such a connection neither makes a database nor folds its -wal away."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)


def sync(path: Path) -> None:
    """What was written there, or renamed in it, outlives a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
