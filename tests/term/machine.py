"""The bot of a simulated term as its driver holds it: started, ordered about, stopped and killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.demo.clock import Clock
from bot.demo.world import World
from tests.stage import KEY, TOKEN
from tests.term.bot import DONE, LATE

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0
_KILLED = -signal.SIGKILL


class Stuck(Exception):
    """The bot does not answer, or has ended by itself; holds the end of its log."""


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
    waited: float = 0.0
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def up(self) -> bool:
        return self._process is not None

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
        with (self.folder / "bot.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.term.bot",
                env=os.environ | settings,
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self.starts += 1
        await self.settle()

    async def tick(self, *, cut: bool = False) -> None:
        """The clock of the bot stands as the driver's; one look of the clockwork. `cut`: Telegram is out of reach."""
        await self._order(f"{'cut' if cut else 'tick'} {self.clock.now().isoformat()}")

    async def settle(self) -> None:
        """Every update is committed and acknowledged, and everything that follows from it is said."""
        async with asyncio.timeout(PATIENCE):
            while len(self.world.updates):
                self._alive()
                await asyncio.sleep(0.001)
        await self._order("settle")

    async def _order(self, order: str) -> None:
        process = self._alive()
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{order}\n".encode())
        try:
            answer = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        except TimeoutError:
            raise Stuck(f"no answer to {order!r}: {self.log()}") from None
        if answer.decode().strip() not in (DONE, LATE):
            raise Stuck(f"{order!r} was answered with {answer!r}: {self.log()}")
        self.late += answer.decode().strip() == LATE

    async def kill_within(self, seconds: float) -> None:
        """A tick, in the midst of which it is killed."""
        process = self._alive()
        assert process.stdin
        process.stdin.write(f"tick {self.clock.now().isoformat()}\n".encode())
        await asyncio.sleep(seconds)
        await self.kill()

    async def kill(self) -> None:
        process = self._alive()
        process.send_signal(signal.SIGKILL)
        await process.wait()
        self._process = None

    async def stop(self) -> None:
        """As a supervisor does."""
        process = self._alive()
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 15)
        self._process = None
        if code:
            raise Stuck(f"SIGTERM ended the bot with {code}: {self.log()}")

    async def end(self) -> None:
        """However it is."""
        if self._process:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    def _alive(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            raise Stuck(f"the bot is not there: {self.log()}")
        return self._process

    def log(self) -> str:
        """The end of what all the bots wrote."""
        return (self.folder / "bot.log").read_text("utf-8")[-3000:]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
