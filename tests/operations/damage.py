"""What can happen to a SQLite file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

_DYING = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("INSERT INTO settings (name, value) VALUES ('late', 'kept')")
os.kill(os.getpid(), 9)
"""


def execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def whole(file: Path) -> bool:
    return rows(file, "PRAGMA integrity_check") == [("ok",)]


def damage(file: Path, size: int = 4096) -> None:
    """A page that the schema needs is overwritten, as a bad disk would."""
    [(page,)] = rows(file, "SELECT rootpage FROM sqlite_master WHERE name = 'outbox'")
    with file.open("r+b") as handle:
        handle.seek((page - 1) * size)
        handle.write(b"\xa5" * size)


def died_with_an_open_log(file: Path) -> None:
    """A process that was killed: its last commit lies in the -wal file alone."""
    done = subprocess.run([sys.executable, "-c", _DYING, str(file)], check=False, timeout=20)
    assert done.returncode == -9
    assert file.with_name(file.name + "-wal").stat().st_size
