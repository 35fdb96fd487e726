"""What every start of the bot makes alike, made in the process from which bots are forked: its modules, all that it can
do, and its languages."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

import bot.__main__  # noqa: F401
from bot.app import LOCALES, registry
from bot.engine.i18n import Languages

registry()
Languages(LOCALES, UTC, lambda: datetime.now(UTC))
gc.freeze()  # else each fork copies what its first collection touches
