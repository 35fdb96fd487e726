"""One update's JSON becomes a Turn. Pure; only the fields that we use are read."""

from __future__ import annotations

from typing import Any

from bot.engine.turn import Turn

Raw = dict[str, Any]
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")


class Unparsable(Exception):
    """An update that is not what Telegram documents; its content is in no message of this exception."""

    def __init__(self, update_id: int) -> None:
        super().__init__(f"update {update_id} could not be read")
        self.update_id = update_id


def parse(raw: Raw) -> Turn | None:
    """None for a kind of update that we do not use. Raises Unparsable."""
    raise NotImplementedError
