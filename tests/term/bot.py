"""The real bot in a process of its own, whose clock stands where its driver turns it: `python -m tests.term.bot`.

It reads orders from standard input and answers each with a line: 'tick <moment>' turns the clock, lets the clockwork
look once and waits until everything is said; 'cut <moment>' does not wait, for Telegram is out of reach; 'settle' only
waits. Everything that speaks goes the way that it always goes. With MUTANT it is a bot with one mistake.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from contextlib import suppress
from datetime import datetime

from bot.app import App, open_app, open_store
from bot.demo.clock import Clock
from bot.logs import configure_logs
from bot.settings import Settings
from bot.telegram import intake
from tests.term.mutants import make

READY, DONE, LATE = "ready", "done", "late"
PATIENCE = 20.0
LONGEST_WAIT = 0.05
"""Between two polls while Telegram is out of reach: the driver's hours are as short as that."""


async def obey(app: App, clock: Clock, order: str) -> str:
    what, _, moment = order.partition(" ")
    if moment:
        clock.jump(datetime.fromisoformat(moment))
    if what in ("tick", "cut"):
        await app.clockwork.tick()
    if what == "cut":
        app.courier.wake()
        await asyncio.sleep(0.02)
        return DONE
    try:
        await app.workshop.drain()
        await app.courier.drain(PATIENCE)
    except TimeoutError:
        return LATE
    return DONE


async def serve(clock: Clock) -> None:
    options = Settings(_env_file=None)
    async with open_store(options) as database, open_app(options, database, clock.now) as app:
        app.clockwork.start = lambda: None  # type: ignore[method-assign]  # its minutes are the driver's
        running = asyncio.create_task(app.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        orders = asyncio.create_task(take_orders(app, clock))
        with suppress(asyncio.CancelledError):
            await running
        orders.cancel()


async def take_orders(app: App, clock: Clock) -> None:
    """Ends the process where an order fails, since then nothing that follows could be believed, or the driver is gone."""
    try:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            print(await obey(app, clock, line.decode().strip()), flush=True)
    except Exception:
        traceback.print_exc()
    os._exit(3)


def main() -> int:
    configure_logs()
    intake._LONGEST_WAIT = LONGEST_WAIT
    make(os.environ.get("MUTANT", ""))
    asyncio.run(serve(Clock(datetime.fromisoformat(os.environ["STARTS_AT"]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
