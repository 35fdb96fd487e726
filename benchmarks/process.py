"""A bot's process on a core of its own, and what it takes: read from /proc, so Linux only."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_USABLE = sorted(os.sched_getaffinity(0))
"""At the start: the harness narrows its own later on."""


def cores() -> tuple[set[int], set[int]]:
    """Where the bot runs and where the harness does; the same where there is one core only."""
    return {_USABLE[0]}, {_USABLE[-1]}


@dataclass(frozen=True, slots=True)
class Child:
    pid: int
    log: Path
    process: asyncio.subprocess.Process

    @property
    def cpu(self) -> float:
        """Seconds of CPU used so far, by all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK

    @property
    def resident(self) -> float:
        """MB in memory now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE / 1e6

    async def ended(self, patience: float) -> None:
        """Waits until it is done by itself; raises TimeoutError."""
        await asyncio.wait_for(self.process.wait(), patience)


@asynccontextmanager
async def running(command: Sequence[str], folder: Path, env: Mapping[str, str], core: set[int]) -> AsyncIterator[Child]:
    """Ended by SIGTERM, and after a minute by SIGKILL; what it says goes to `folder`/log."""
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=dict(env), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
        with suppress(OSError):
            os.sched_setaffinity(process.pid, core)
        try:
            yield Child(process.pid, folder / "log", process)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 60)
            except TimeoutError:
                process.kill()
                await process.wait()


def busy() -> dict[int, float]:
    """Seconds that each core has worked, for anybody, since the machine started."""
    found = {}
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name[:3] == "cpu" and name != "cpu":
            user, nice, system, _, _, irq, soft = map(int, fields[:7])
            found[int(name[3:])] = (user + nice + system + irq + soft) * _TICK
    return found
