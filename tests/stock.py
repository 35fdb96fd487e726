"""The bot as it would be with PTB's own polling in the place of bot.telegram.intake: `python -m tests.stock bot`.

`Application.run_polling` as it comes: the batch goes into a queue in memory, and the next poll acknowledges it before a
handler has seen it. All else is the bot's own, the transaction behind `handle` included. DIE_AT as in tests.mortal.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from telegram import Update
from telegram.ext import Application, TypeHandler  # noqa: TID251 what it does is what is shown

import bot.app
from bot.__main__ import main
from bot.telegram.intake import Handle
from bot.telegram.parse import ALLOWED_UPDATES
from tests.mortal import arm


class StockIntake:
    """To the rest of the bot it looks as `Intake` does."""

    def __init__(self, api: object, handle: Handle, **unused: Any) -> None:
        self.last_poll = self.next_try = time.monotonic()
        self.caught_up = asyncio.Event()
        self.failures = self.taken = 0
        self._handle = handle
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """What `run_polling` does, in a loop that runs already."""
        polling = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{os.environ['BOT_API_URL']}/bot")
        application = polling.build()
        application.add_handler(TypeHandler(Update, self._take))
        async with application:
            assert application.updater
            await application.updater.start_polling(allowed_updates=ALLOWED_UPDATES)
            await application.start()
            self.caught_up.set()
            await self._stopping.wait()
            await application.updater.stop()
            await application.stop()

    async def _take(self, update: Update, _: object) -> None:
        await self._handle([update.to_dict()])


if __name__ == "__main__":
    if "DIE_AT" in os.environ:
        arm(os.environ["DIE_AT"])
    bot.app.Intake = StockIntake
    sys.exit(main())
