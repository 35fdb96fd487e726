"""Calls to the Bot API over one aiohttp session, raising PTB's own errors. The token stands in no log, repr or error."""

from __future__ import annotations

from typing import Any


class Api:
    """The lean way: JSON out, JSON in, no PTB object. `timeout` in seconds."""

    async def call(self, method: str, payload: dict[str, Any], timeout: float = 20.0) -> Any:
        """The `result` of the answer. Raises telegram.error.TelegramError and its subclasses."""
        raise NotImplementedError

    async def download(self, path: str, limit: int) -> bytes:
        """The bytes of a file by the `file_path` of getFile. Raises TooBig beyond `limit` bytes."""
        raise NotImplementedError
