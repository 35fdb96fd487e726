"""Xinqiao itself: the whole of it, on the database in PLACE, as `python -m bot bot` starts it.

Throughput is measured with limits off on both sides; this is the one place where ours are taken away.
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


async def work(address: str, place: str) -> None:
    options = Settings(
        _env_file=None,
        bot_token=SecretStr("1000001:bench"),
        bot_api_url=address,
        database_url=place,
        data_dir=Path.cwd(),
        pace=0,
        seal_key=SecretStr(KEY),
    )
    async with open_store(options) as database, open_app(options, database, lambda: datetime.now(UTC)) as app:
        await app.run()


async def main(address: str, place: str) -> None:
    task = asyncio.ensure_future(work(address, place))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    configure_logs()
    asyncio.run(main(*sys.argv[1:]))
