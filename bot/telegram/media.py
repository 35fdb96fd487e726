"""Files that people sent: fetched to memory, with a cap."""

from __future__ import annotations

from telegram.error import BadRequest

from bot.telegram.http import Api, ForeignAnswer, TooBig
from care.records.fields import Media

__all__ = ["MOST_BYTES", "TooBig", "fetch"]

MOST_BYTES = 20 << 20


async def fetch(api: Api, media: Media) -> bytes:
    """Raises TooBig (before the download where the size is known) and telegram.error.TelegramError."""
    if media.size > MOST_BYTES:
        raise TooBig
    try:
        file = await api.call("getFile", {"file_id": media.file_id})
    except BadRequest as error:
        if "too big" in error.message.lower():
            raise TooBig from None
        raise
    if not isinstance(file, dict) or not isinstance(file.get("file_path"), str):
        raise ForeignAnswer("getFile named no file")
    if int(file.get("file_size") or 0) > MOST_BYTES:
        raise TooBig
    return await api.download(file["file_path"], MOST_BYTES)
