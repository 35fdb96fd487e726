"""The peers, and how each is started, prepared and counted."""

from __future__ import annotations

import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import run
from benchmarks.environments import AIOGRAM, CACHE, GRAMMY, OURS, PTB
from benchmarks.phones import Script, chatting, visiting
from benchmarks.postgres import Cluster

_PEERS = Path(__file__).parent / "peers"
VOLUNTEERS = 1000


@dataclass(frozen=True, slots=True)
class Peer:
    """`start`: the interpreter's arguments before address and place. `stored`: the records found after the end."""

    name: str
    packages: tuple[str, ...]
    start: tuple[str, ...]
    script: Script
    prepare: Callable[[Path], Awaitable[str]]
    stored: Callable[[Path], Awaitable[int]]
    path: str = ""

    @property
    def durable(self) -> bool:
        return self.stored is not _nothing


async def _here(folder: Path) -> str:
    return str(folder)


async def _nothing(folder: Path) -> int:
    return 0


async def _pickled(folder: Path) -> int:
    """A pickle that was being written when its bot was killed holds nothing any more."""
    written = (folder / "bot.pickle").read_bytes()
    kept = pickle.loads(written) if written else {"user_data": {}}
    return sum(len(data.get("visits", ())) for data in kept["user_data"].values())


async def _visits(folder: Path) -> int:
    return _count(folder / "bot.db", "visits")


async def _records(folder: Path) -> int:
    return _count(folder / "district.db", "records")


def _count(file: Path, table: str) -> int:
    with sqlite3.connect(file) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 names of ours


async def _district(folder: Path) -> str:
    shutil.copyfile(template(), folder / "district.db")
    return f"sqlite:///{folder / 'district.db'}"


def template() -> Path:
    """A district on SQLite, made anew when the code that makes it is younger."""
    file = CACHE / "district.db"
    code = [*Path(run.ROOT, "storage").rglob("*.py"), _PEERS.parent / "district.py"]
    if not file.exists() or file.stat().st_mtime < max(part.stat().st_mtime for part in code):
        draft = file.with_suffix(".new")
        for part in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
            part.unlink(missing_ok=True)
        make_district(f"sqlite:///{draft}")
        draft.rename(file)
    return file


def make_district(url: str) -> None:
    command = [sys.executable, "-m", "benchmarks.district", url, str(VOLUNTEERS)]
    subprocess.run(command, check=True, cwd=run.ROOT)


def peer_script(name: str) -> tuple[str, ...]:
    return (str(_PEERS / (name if "." in name else f"{name}.py")),)


OURS_START = ("-m", "benchmarks.peers.ours")
FLOOR = Peer("PTB echo (floor)", PTB, peer_script("ptb_echo"), chatting, _here, _nothing)
PICKLE = Peer("PTB ConversationHandler + pickle", PTB, peer_script("ptb_pickle"), visiting, _here, _pickled)
FSM = Peer("aiogram FSM, SQLite FULL", AIOGRAM, peer_script("aiogram_sqlite"), visiting, _here, _visits)
NODE = Peer("grammY session, SQLite FULL", GRAMMY, peer_script("grammy_sqlite.mjs"), visiting, _here, _visits)
SQLITE = Peer("ours, SQLite FULL", OURS, OURS_START, visiting, _district, _records, path=run.ROOT)


def on_postgres(cluster: Cluster) -> Peer:
    return replace(SQLITE, name="ours, PostgreSQL", prepare=cluster.copy, stored=cluster.records)
