"""Xinqiao itself: the whole of it, on the database in PLACE, as `python -m bot bot` starts it.

Throughput is measured with limits off on both sides; this is the one place where ours are taken away. A third argument
sets them back, so many times as fast as Telegram's. It is noon for the district, so that nobody is asleep.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from benchmarks.district import KEY
from bot.app import open_app, open_store
from bot.logs import configure_logs
from bot.settings import Settings


async def work(address: str, place: str, pace: float) -> None:
    options = Settings(
        _env_file=None,
        bot_token=SecretStr("1000001:bench"),
        bot_api_url=address,
        database_url=place,
        data_dir=Path.cwd(),
        pace=pace,
        time_zone=noon(datetime.now(UTC)),
        seal_key=SecretStr(KEY),
    )
    async with open_store(options) as database, open_app(options, database, lambda: datetime.now(UTC)) as app:
        await app.run()


def noon(now: datetime) -> str:
    """A time zone in which it is about twelve."""
    ahead = (12 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


async def main(address: str, place: str, pace: str = "0") -> None:
    task = asyncio.ensure_future(work(address, place, float(pace)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    configure_logs()
    asyncio.run(main(*sys.argv[1:]))
