"""The time of a tick of the clockwork, with more and more children of whom the same 200 fall due; and the heaviest."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock
from pathlib import Path
from statistics import median
from typing import TypeVar

from sqlalchemy import func, select, update

import run
from benchmarks.district import KEY
from benchmarks.environments import bare
from benchmarks.large import AFTERNOON, BATCHES, MORNINGS, OVERDUE, SATURDAY, TALKS, ZONE, pour, template
from benchmarks.postgres import Cluster
from benchmarks.process import cores, running
from benchmarks.trial import workplace
from bot.app import registry
from bot.clockwork import Clockwork
from storage.database import Database, open_database
from storage.tables import check_ins, outbox
from storage.vault import Vault

K = TypeVar("K")
SIZES = (1_000, 10_000, 100_000)
PATIENCE = 900.0
"""Seconds for one heaviest tick."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """One tick: `seconds`, those of CPU in this process, the messages queued, the CPU of each rule and duty."""

    scene: str
    database: str
    children: int
    seconds: float
    cpu: float
    queued: int
    rules: Mapping[str, float]


class Watched(Clockwork):
    """Keeps the time that each rule takes."""

    taken: dict[str, float]

    async def _guarded(self, name: str, work: Awaitable[None]) -> None:
        at = time.process_time()
        try:
            await work
        finally:
            if name != "clockwork":  # the round itself
                self.taken[name] = time.process_time() - at


@dataclass
class District:
    """One database, and a clock that is set by hand."""

    kind: str
    children: int
    database: Database
    now: datetime = AFTERNOON - MINUTE
    clockwork: Watched = field(init=False)

    def __post_init__(self) -> None:
        self.clockwork = Watched(self.database, registry(), ZONE, lambda: self.now)

    async def tick(self, at: datetime, scene: str) -> Sample:
        self.now, self.clockwork.taken = at, {}
        before = await self._highest()
        begun, used = time.perf_counter(), time.process_time()
        await self.clockwork.tick()
        seconds, cpu = time.perf_counter() - begun, time.process_time() - used
        queued = await self._since(before)
        return Sample(scene, self.kind, self.children, seconds, cpu, queued, self.clockwork.taken)

    async def all_answered(self) -> None:
        """What climbed in the afternoon climbs no further."""
        async with self.database.transaction() as tx:
            open_ones = update(check_ins).where(check_ins.c.state == "asked")
            await tx.run(open_ones.values(state="answered", answer="well", answered_at=self.now, next_at=None))

    async def _highest(self) -> int:
        async with self.database.reading() as tx:
            return int((await tx.rows(select(func.max(outbox.c.id))))[0][0] or 0)

    async def _since(self, number: int) -> int:
        async with self.database.reading() as tx:
            return int((await tx.rows(select(func.count()).where(outbox.c.id > number)))[0][0])


Moment = tuple[datetime, str]
"""When, and what is measured there; nothing where it has no name."""


def moments() -> Iterator[Moment]:
    """In the order of the clock. The night's sweep comes before each morning, and is not part of it."""
    yield AFTERNOON - MINUTE, ""
    for number in range(BATCHES):
        yield AFTERNOON + number * MINUTE, "a minute: 200 check-ins climb, 200 have not heard"
    for number in range(BATCHES, 2 * BATCHES):
        yield AFTERNOON + number * MINUTE, "a minute in which nothing falls due"
    for day in MORNINGS:
        eight = datetime.combine(day, clock(8), ZONE)
        yield eight - timedelta(hours=5), "three at night: all rules look back"
        yield eight - MINUTE, ""
        yield eight, _MORNING.get(day, "eight in the morning: 200 contacts, 200 silent children")


_MORNING = {
    TALKS: "eight on the 18th: 200 talks as well",
    OVERDUE: "eight on the 24th: four reports overdue as well",
}


async def measure_ticks(sizes: Sequence[int], made: Cluster) -> list[Sample]:
    """All sizes on both databases, moment by moment in turn."""
    found: list[Sample] = []
    async with _districts(sizes, made) as districts:
        for at, scene in moments():
            if at.date() != districts[0].now.date():
                for district in districts:
                    await district.all_answered()
            samples = [await district.tick(at, scene) for district in districts]
            if scene:
                found += samples
                shown = ", ".join(f"{1000 * one.seconds:.0f}" for one in samples)
                print(f"  {at:%d %b %H:%M} {scene}: {shown} ms", flush=True)
    return found


@asynccontextmanager
async def _districts(sizes: Sequence[int], made: Cluster) -> AsyncIterator[list[District]]:
    vault = Vault(KEY)
    async with workplace() as folder:
        places = [("SQLite", size, await _copy(size, folder / f"{size}.db")) for size in sizes]
        places += [("PostgreSQL", size, await _on_postgres(made, size)) for size in sizes]
        districts = [District(kind, size, open_database(url, vault)) for kind, size, url in places]
        try:
            yield districts
        finally:
            for district in districts:
                await district.database.close()


async def _copy(size: int, to: Path) -> str:
    shutil.copyfile(await template(size), to)
    return f"sqlite:///{to}"


async def _on_postgres(made: Cluster, size: int) -> str:
    """A copy of the one that was filled first: filling 100,000 takes a while."""
    source, name = f"large_{size}", f"large_{size}_{time.monotonic_ns()}"
    if source not in await made.names():
        await made.execute(f"CREATE DATABASE {source}")
        await pour(await template(size), made.url(source))
    await made.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
    return made.url(name)


# --- the heaviest


@dataclass(frozen=True, slots=True)
class Heaviest:
    """Seconds of the tick and of the longest time for which nothing else could run; rows; MB before and at most."""

    database: str
    children: int
    seconds: float
    standstill: float
    queued: int
    before: float
    most: float


async def measure_heaviest(size: int, made: Cluster) -> list[Heaviest]:
    """Each in a process of its own."""
    found = []
    async with workplace() as folder:
        for kind, url in (
            ("SQLite", await _copy(size, folder / "large.db")),
            ("PostgreSQL", await _on_postgres(made, size)),
        ):
            command = [sys.executable, "-m", "benchmarks.ticks", kind, str(size), url]
            async with running(command, folder, bare() | {"PYTHONPATH": run.ROOT}, set().union(*cores())) as child:
                await child.ended(PATIENCE)
            told = child.log.read_text().splitlines()[-1]
            found.append(Heaviest(**json.loads(told)))
            child.log.unlink()
    return found


async def _heaviest(kind: str, size: int, url: str) -> Heaviest:
    database = open_database(url, Vault(KEY))
    try:
        district = District(kind, size, database)
        await district.tick(SATURDAY - MINUTE, "")
        await district.all_answered()
        before = _resident()
        async with _listening() as pauses:
            sample = await district.tick(SATURDAY, "")
        return Heaviest(kind, size, sample.seconds, max(pauses), sample.queued, before, _resident("VmHWM"))
    finally:
        await database.close()


@asynccontextmanager
async def _listening() -> AsyncIterator[list[float]]:
    """How long the event loop did not come round, each time."""
    pauses = [0.0]

    async def listen() -> None:
        while True:
            at = time.perf_counter()
            await asyncio.sleep(0.005)
            pauses.append(time.perf_counter() - at - 0.005)

    task = asyncio.create_task(listen())
    await asyncio.sleep(0.05)
    try:
        yield pauses
    finally:
        await asyncio.sleep(0.05)
        task.cancel()


def _resident(name: str = "VmRSS") -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1000


# --- the report


def tables(samples: Sequence[Sample]) -> Iterator[str]:
    """One row for each moment and database: milliseconds by size, the largest as a multiple of the smallest, the same
    of CPU in this process (PostgreSQL's own is not in it), and whose CPU it is."""
    sizes = sorted({sample.children for sample in samples})
    shown = " | ".join(f"{size:,}" for size in sizes)
    last = "largest : smallest | in CPU | messages | most CPU in the largest, ms"
    yield f"| tick | database | {shown} children, ms | {last} |"
    yield "| --- | --- |" + " --- |" * (len(sizes) + 4)
    for (scene, kind), own in _grouped(samples, lambda one: (one.scene, one.database)).items():
        by_size = _grouped(own, lambda one: one.children)
        times = [1000 * median(one.seconds for one in by_size[size]) for size in sizes]
        pairs = list(zip(by_size[sizes[0]], by_size[sizes[-1]], strict=True))
        slower, dearer = (median(getattr(b, of) / getattr(a, of) for a, b in pairs) for of in ("seconds", "cpu"))
        queued = "/".join(dict.fromkeys(f"{median(one.queued for one in by_size[size]):.0f}" for size in sizes))
        cells = [
            scene,
            kind,
            *(f"{ms:.0f}" for ms in times),
            f"{slower:.2f}",
            f"{dearer:.2f}",
            queued,
            _slowest(by_size[sizes[-1]]),
        ]
        yield "| " + " | ".join(cells) + " |"


def _grouped(samples: Sequence[Sample], key: Callable[[Sample], K]) -> dict[K, list[Sample]]:
    found: defaultdict[K, list[Sample]] = defaultdict(list)
    for one in samples:
        found[key(one)].append(one)
    return found


def _slowest(samples: Sequence[Sample]) -> str:
    taken = {name: 1000 * median(one.rules[name] for one in samples) for name in samples[0].rules}
    return ", ".join(f"{name} {taken[name]:.0f}" for name in sorted(taken, key=taken.__getitem__, reverse=True)[:3])


def heaviest_table(found: Sequence[Heaviest]) -> Iterator[str]:
    yield "| database | children | messages | seconds | longest standstill, s | MB before / at most |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in found:
        yield (
            f"| {one.database} | {one.children:,} | {one.queued:,} | {one.seconds:.1f} | {one.standstill:.2f} "
            f"| {one.before:.0f} / {one.most:.0f} |"
        )


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_heaviest(sys.argv[1], int(sys.argv[2]), sys.argv[3])))))
