"""The peers, and how each is started, prepared and counted."""

from __future__ import annotations

import asyncio
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import run
from benchmarks.environments import AIOGRAM, CACHE, OURS, PTB
from benchmarks.phones import Script, chatting, visiting

_PEERS = Path(__file__).parent / "peers"
VOLUNTEERS = 1000


@dataclass(frozen=True, slots=True)
class Peer:
    """`start`: the interpreter's arguments before address and place. `stored`: the records found after the end, -1
    where it keeps none."""

    name: str
    packages: tuple[str, ...]
    start: tuple[str, ...]
    script: Script
    prepare: Callable[[Path], Awaitable[str]]
    stored: Callable[[Path], Awaitable[int]]
    path: str = ""


async def _here(folder: Path) -> str:
    return str(folder)


async def _nothing(folder: Path) -> int:
    return -1


async def _pickled(folder: Path) -> int:
    kept = pickle.loads((folder / "bot.pickle").read_bytes())  # noqa: S301 our own peer has just written it
    return sum(len(data.get("visits", ())) for data in kept["user_data"].values())


async def _visits(folder: Path) -> int:
    return _count(folder / "bot.db", "visits")


async def _records(folder: Path) -> int:
    return _count(folder / "district.db", "records")


def _count(file: Path, table: str) -> int:
    with sqlite3.connect(file) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 names of ours


async def _district(folder: Path) -> str:
    template = CACHE / "district.db"
    if not template.exists() or template.stat().st_mtime < _newest_schema():
        await asyncio.to_thread(_make, f"sqlite:///{_fresh(template)}")
        _fresh(template, keep=True).rename(template)
    shutil.copyfile(template, folder / "district.db")
    return f"sqlite:///{folder / 'district.db'}"


def _newest_schema() -> float:
    code = [*Path(run.ROOT, "storage").rglob("*.py"), _PEERS.parent / "district.py"]
    return max(file.stat().st_mtime for file in code)


def _fresh(template: Path, *, keep: bool = False) -> Path:
    draft = template.with_suffix(".new")
    if not keep:
        for part in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
            part.unlink(missing_ok=True)
    return draft


def _make(url: str) -> None:
    command = [sys.executable, "-m", "benchmarks.district", url, str(VOLUNTEERS)]
    subprocess.run(command, check=True, cwd=run.ROOT)


def _script(name: str) -> tuple[str, ...]:
    return (str(_PEERS / f"{name}.py"),)


OURS_START = ("-m", "benchmarks.peers.ours")
FLOOR = Peer("PTB echo (floor)", PTB, _script("ptb_echo"), chatting, _here, _nothing)
PICKLE = Peer("PTB ConversationHandler + pickle", PTB, _script("ptb_pickle"), visiting, _here, _pickled)
FSM = Peer("aiogram FSM, SQLite FULL", AIOGRAM, _script("aiogram_sqlite"), visiting, _here, _visits)
SQLITE = Peer("ours, SQLite FULL", OURS, OURS_START, visiting, _district, _records, path=run.ROOT)
