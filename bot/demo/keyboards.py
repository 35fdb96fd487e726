"""Inline keyboards, checked as Telegram checks them."""

import re
from typing import Any

from bot.demo import limits
from bot.demo.errors import bad
from bot.demo.params import Params

_OTHER_MARKUPS = {"keyboard", "remove_keyboard", "force_reply"}
_URL = re.compile(r"(https?://|tg://)\S+", re.IGNORECASE)
Keyboard = dict[str, Any]


def read_keyboard(params: Params) -> Keyboard | None:
    """The inline keyboard to show under a message; None for none, or for keyboards that replace the typing box."""
    markup = params.parsed("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if markup and not _OTHER_MARKUPS & markup.keys():
            raise bad("can't parse reply keyboard markup JSON object")
        return None
    rows = [[_button(button) for button in row] for row in markup["inline_keyboard"] if row]
    if any(len(row) > limits.BUTTONS_IN_A_ROW for row in rows) or sum(map(len, rows)) > limits.BUTTONS:
        raise bad("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _button(button: dict[str, Any]) -> dict[str, Any]:
    shown = {"text": str(button.get("text", ""))}
    if not shown["text"].strip():
        raise bad("can't parse inline keyboard button: Text must be non-empty")
    if "callback_data" in button:
        return shown | {"callback_data": _data(str(button["callback_data"]))}
    if "url" in button:
        return shown | {"url": _url(str(button["url"]))}
    if "copy_text" in button:
        return shown | {"copy_text": {"text": _copied(button["copy_text"].get("text", ""))}}
    raise bad("text buttons are unallowed in the inline keyboard")


def _data(data: str) -> str:
    if not 1 <= len(data.encode()) <= limits.CALLBACK_DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    return data


def _url(url: str) -> str:
    if not _URL.fullmatch(url):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return url


def _copied(text: str) -> str:
    if not 1 <= len(text) <= limits.COPY_TEXT:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    return text
