"""One run of one peer: start it, let the phones talk, measure for a window, end it, and count what it has stored."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.environments import CACHE, bare, command
from benchmarks.peers_known import Peer
from benchmarks.phones import Crowd
from benchmarks.process import Child, busy, cores, running
from benchmarks.server import Server, serve

START_SECONDS = 30.0
DRAIN_SECONDS = 60.0
DISTURBED = 0.3


@dataclass(frozen=True, slots=True)
class Load:
    """`delay` is added to every answer; `warm` and `window` in seconds."""

    chats: int
    delay: float = 0.0
    warm: float = 1.0
    window: float = 3.5


@dataclass(frozen=True, slots=True)
class Row:
    """`cpu` in microseconds per update, latencies in ms, `others` in cores used by neither bot nor harness."""

    peer: str
    chats: int
    delay: float
    rate: float
    cpu: float
    p50: float
    p95: float
    p99: float
    resident: float
    core: float
    harness: float
    others: float
    polls: float
    finished: int
    stored: int
    stuck: int

    @property
    def disturbed(self) -> bool:
        return self.others > DISTURBED

    @property
    def lost(self) -> int:
        return self.finished - self.stored

    def as_dict(self) -> dict[str, float | int | str]:
        return asdict(self)


class Failed(Exception):
    """The peer did not start or did not answer; ends with what it said last."""


@asynccontextmanager
async def started(peer: Peer, server: Server, folder: Path) -> AsyncIterator[Child]:
    """The peer at work: it has polled."""
    bot_core, harness_core = cores()
    os.sched_setaffinity(0, harness_core)
    async with serve(server) as address:
        begun = [*command(peer.packages, peer.start), address, await peer.prepare(folder)]
        async with running(begun, folder, bare() | {"PYTHONPATH": peer.path}, bot_core) as child:
            try:
                await asyncio.wait_for(server.polled.wait(), START_SECONDS)
            except TimeoutError:
                raise Failed(f"{peer.name} did not start:\n{child.log.read_text()[-2000:]}") from None
            yield child


@asynccontextmanager
async def workplace() -> AsyncIterator[Path]:
    """On the disk of the checkout, not in a temporary file system: what is measured writes through."""
    CACHE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=CACHE))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measure(peer: Peer, load: Load) -> Row:
    async with workplace() as folder:
        server = Server(load.delay)
        async with started(peer, server, folder) as child:
            crowd = Crowd(server, load.chats, peer.script, steps=4)
            crowd.begin()
            await asyncio.sleep(load.warm)
            seen = await _window(child, server, crowd, load.window)
            crowd.close()
            stuck = await _drained(crowd) if peer.durable else 0
        stored = await peer.stored(folder) if peer.durable else -1
    finished = crowd.finished if peer.durable else -1
    return Row(peer.name, load.chats, load.delay, **seen, finished=finished, stored=stored, stuck=stuck)


async def _window(child: Child, server: Server, crowd: Crowd, seconds: float) -> dict[str, float]:
    crowd.latencies.clear()
    polls, before, cpu, own, whole = server.calls["getUpdates"], crowd.answered, child.cpu, time.process_time(), busy()
    at = time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - at
    done, used = crowd.answered - before, child.cpu - cpu
    harness, now = (time.process_time() - own) / took, busy()
    spent = sum(now[core] - whole[core] for core in set().union(*cores())) / took
    late = sorted(crowd.latencies) or [float("nan")]
    return {
        "rate": done / took,
        "cpu": 1e6 * used / done if done else float("nan"),
        "p50": 1e3 * _at(late, 0.50),
        "p95": 1e3 * _at(late, 0.95),
        "p99": 1e3 * _at(late, 0.99),
        "resident": child.resident,
        "core": used / took,
        "harness": harness,
        "others": max(0.0, spent - used / took - harness),
        "polls": (server.calls["getUpdates"] - polls) / done if done else float("nan"),
    }


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def _drained(crowd: Crowd) -> int:
    """How many chats were left without an answer."""
    for _ in range(int(DRAIN_SECONDS / 0.05)):
        if not crowd.awaiting:
            break
        await asyncio.sleep(0.05)
    return crowd.awaiting
