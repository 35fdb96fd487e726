"""The real bot in a process of its own, whose clock stands where its driver turns it: `python -m tests.term.bot`.

This process imports everything once and forks a bot for each line that it reads: a JSON object with its settings and
the socket where its driver waits. That spares each of many starts a second; the bots are processes like any other, to
be stopped and killed.

A bot answers each order with a line. 'tick <moment>' turns the clock, lets the clockwork look once and waits until
everything is said; 'cut <moment>' does not wait, for Telegram is out of reach; 'turn <moment>' only turns the clock,
'settle' only waits. Everything that speaks goes the way that it always goes. With MUTANT it is a bot with one mistake.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from datetime import datetime, timedelta

from bot.app import App, open_app, open_store
from bot.demo.clock import Clock
from bot.logs import configure_logs
from bot.settings import Settings
from bot.telegram import intake
from storage import database
from tests.term.mutants import make

DONE, LATE, ENDED = "done", "late", "ended"
PATIENCE = 20.0
UNSYNCED = ("journal_mode=WAL", "synchronous=OFF", "foreign_keys=ON", "busy_timeout=5000")
"""Whoever kills this process takes nothing from what the system holds; only a machine without current would."""
LONGEST_HOLD = 4.0
"""Longer than what the weather's 429s ask for."""
LONGEST_WAIT = 0.05
"""Between two polls while Telegram is out of reach: the driver's hours are as short as that."""


async def obey(app: App, clock: Clock, order: str) -> str:
    what, _, moment = order.partition(" ")
    if moment:
        clock.jump(datetime.fromisoformat(moment))
    if what in ("tick", "cut"):
        await app.clockwork.tick()
    if what == "turn":
        return DONE
    if what == "cut":
        app.courier.wake()
        await asyncio.sleep(0.02)
        return DONE
    try:
        if what == "tick":
            await app.workshop.drain()
        await app.courier.drain(PATIENCE)
        await say_what_was_held(app, clock)
    except TimeoutError:
        return LATE
    return DONE


async def say_what_was_held(app: App, clock: Clock) -> None:
    """A 429 holds for real seconds, while the clock jumps: without this, it would be said hours later."""
    end = asyncio.get_running_loop().time() + LONGEST_HOLD
    while _held(app, clock) and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.05)
        await app.courier.drain(PATIENCE)


def _held(app: App, clock: Clock) -> bool:
    soon = clock.now() + timedelta(seconds=LONGEST_HOLD)
    return bool(app.courier._pacer.shut()) or any(until < soon for until in app.courier._held.values())


async def take_orders(app: App, clock: Clock, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ends the process where an order fails, since then nothing that follows could be believed, or the driver is
    gone."""
    try:
        while line := await reader.readline():
            answer = await obey(app, clock, line.decode().strip())
            writer.write(f"{answer}\n".encode())
    except Exception:  # noqa: BLE001 as below
        traceback.print_exc()
    os._exit(3)


async def serve(socket: str) -> None:
    reader, writer = await asyncio.open_unix_connection(socket)
    options, clock = Settings(_env_file=None), Clock(datetime.fromisoformat(os.environ["STARTS_AT"]))
    async with open_store(options) as store, open_app(options, store, clock.now) as app:
        app.clockwork.start = lambda: None  # type: ignore[method-assign]  # its minutes are the driver's
        running = asyncio.create_task(app.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        orders = asyncio.create_task(take_orders(app, clock, reader, writer))
        with suppress(asyncio.CancelledError):
            await running
        orders.cancel()
    writer.write(f"{ENDED}\n".encode())
    await writer.drain()


def live(settings: dict[str, str], socket: str, log: str) -> None:
    """A bot's whole life; the process ends with it."""
    code = 1
    try:
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.environ.update(settings)
        configure_logs()
        intake._LONGEST_WAIT = LONGEST_WAIT
        database._PRAGMAS = UNSYNCED
        make(os.environ.get("MUTANT", ""))
        asyncio.run(serve(socket))
        code = 0
    except BaseException:  # noqa: BLE001 the process ends here, and its log tells of what
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def nurse() -> None:
    """Until nobody asks for bots any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if not child:
            live(wanted["settings"], wanted["socket"], wanted["log"])
        print(child, flush=True)


if __name__ == "__main__":
    nurse()
