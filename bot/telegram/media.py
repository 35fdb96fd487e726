"""Files that people sent: fetched to memory, with a cap."""

from __future__ import annotations

from bot.telegram.http import Api
from care.records.fields import Media

MOST_BYTES = 20 << 20


class TooBig(Exception):
    """The file is larger than Telegram lets a bot fetch (20 MiB)."""


async def fetch(api: Api, media: Media) -> bytes:
    """Raises TooBig, before the download where the size is known."""
    raise NotImplementedError
