"""The bot of a simulated term as its driver holds it: started, ordered about, stopped and killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.demo.clock import Clock
from bot.demo.world import World
from tests.stage import KEY, TOKEN
from tests.term.bot import DONE, ENDED, LATE

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0


class Stuck(Exception):
    """The bot does not answer, or has ended by itself; holds the end of its log."""


@cache
def nursery() -> subprocess.Popen[str]:
    """Forks bots; ends with this process, since nobody asks it then."""
    command = [sys.executable, "-m", "tests.term.bot"]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@dataclass
class Line:
    """To a running bot."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def hears(self) -> str:
        """'' at its end."""
        return (await asyncio.wait_for(self.reader.readline(), PATIENCE)).decode().strip()


@dataclass
class Machine:
    """`url` of the database, `api` of the demo's server. `starts` counts processes. `late`: orders after which not all
    could be said in time."""

    world: World
    clock: Clock
    url: str
    api: str
    folder: Path
    mutant: str = ""
    starts: int = 0
    late: int = 0
    _line: Line | None = field(default=None, repr=False)

    @property
    def up(self) -> bool:
        return self._line is not None

    async def start(self) -> None:
        """Until it has taken everything that waits for it, and said what follows."""
        settings = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": self.api,
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.folder),
            "SEAL_KEY": KEY,
            "PACE": "0",
            "HEALTH_PORT": "0",
            "MUTANT": self.mutant,
            "STARTS_AT": self.clock.now().isoformat(),
            "NO_PROXY": "*",
        }
        self._line = await self._born(settings)
        self.starts += 1
        await self.settle()

    async def _born(self, settings: dict[str, str]) -> Line:
        found: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Future()
        with tempfile.TemporaryDirectory(prefix="term-") as folder:  # a socket's path must be short
            socket = f"{folder}/bot"
            server = await asyncio.start_unix_server(lambda *line: found.set_result(line), socket)
            async with server:
                pid = self._fork({"settings": settings, "socket": socket, "log": str(self.folder / "bot.log")})
                return Line(pid, *(await asyncio.wait_for(found, PATIENCE)))

    def _fork(self, wanted: dict[str, object]) -> int:
        nurse = nursery()
        assert nurse.stdin
        assert nurse.stdout
        nurse.stdin.write(f"{json.dumps(wanted)}\n")
        nurse.stdin.flush()
        return int(nurse.stdout.readline())

    async def tick(self, *, cut: bool = False) -> None:
        """The clock of the bot stands as the driver's; one look of the clockwork. `cut`: Telegram is out of reach."""
        await self._order(f"{'cut' if cut else 'tick'} {self.clock.now().isoformat()}")

    async def turn(self) -> None:
        """The clock of the bot stands as the driver's."""
        await self._order(f"turn {self.clock.now().isoformat()}")

    async def settle(self) -> None:
        """Every update is committed and acknowledged, and everything that follows from it is said."""
        async with asyncio.timeout(PATIENCE):
            while len(self.world.updates):
                if self._running().reader.at_eof():
                    raise Stuck(f"the bot has ended: {self.log()}")
                await asyncio.sleep(0.001)
        await self._order("settle")

    async def _order(self, order: str) -> None:
        line = self._running()
        line.writer.write(f"{order}\n".encode())
        try:
            answer = await line.hears()
        except TimeoutError:
            raise Stuck(f"no answer to {order!r}: {self.log()}") from None
        if answer not in (DONE, LATE):
            raise Stuck(f"{order!r} was answered with {answer!r}: {self.log()}")
        self.late += answer == LATE

    async def kill_within(self, seconds: float) -> None:
        """A tick, in the midst of which it is killed."""
        self._running().writer.write(f"tick {self.clock.now().isoformat()}\n".encode())
        await asyncio.sleep(seconds)
        await self.kill()

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """As a supervisor does."""
        if await self._end(signal.SIGTERM) != ENDED:
            raise Stuck(f"SIGTERM did not end the bot in peace: {self.log()}")

    async def end(self) -> None:
        """However it is."""
        if self._line:
            await self.kill()

    async def _end(self, how: signal.Signals) -> str:
        """Its last words."""
        line, self._line = self._running(), None
        with suppress(ProcessLookupError):
            os.kill(line.pid, how)
        words = ""
        with suppress(ConnectionResetError):
            while said := await line.hears():
                words = said
        line.writer.close()
        return words

    def _running(self) -> Line:
        if self._line is None:
            raise Stuck("the bot is not there")
        return self._line

    def log(self) -> str:
        """The end of what all the bots wrote."""
        return (self.folder / "bot.log").read_text("utf-8")[-3000:]
