"""Messages as the page shows them: safe HTML, addresses of files, times as ISO."""

from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from bot.demo.places import Post
from bot.demo.text import Entity

_TAGS = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre"}
_SAFE_LINKS = ("http://", "https://", "tg://", "mailto:", "tel:")


def safe_html(text: str, entities: list[Entity]) -> str:
    """Only b, i, u, s, code, pre, a and br; everything else is plain text."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    end = len(encoded) // 2
    edges = {0, end} | {
        edge for entity in entities for edge in (entity["offset"], min(entity["offset"] + entity["length"], end))
    }
    places = sorted(edge for edge in edges if 0 <= edge <= end)
    parts = []
    for start, stop in pairwise(places):
        piece = encoded[2 * start : 2 * stop].decode("utf-16-le", "replace")
        around = [entity for entity in entities if entity["offset"] <= start < entity["offset"] + entity["length"]]
        parts.append(_wrap(piece, around))
    return "".join(parts)


def _wrap(piece: str, entities: list[Entity]) -> str:
    html = escape(piece).replace("\n", "<br>")
    for entity in reversed(entities):
        tag = _TAGS.get(entity["type"])
        url = entity.get("url") or (piece if entity["type"] == "url" else "")
        if tag:
            html = f"<{tag}>{html}</{tag}>"
        elif url.lower().startswith(_SAFE_LINKS):
            html = f'<a href="{escape(url)}" rel="noopener noreferrer" target="_blank">{html}</a>'
    return html


def iso(unix: int) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat()


def message_for_page(post: Post) -> dict[str, Any]:
    payload = {} if post.deleted else post.payload
    return {
        "id": post.message_id,
        "from_bot": post.by_bot,
        "date": iso(post.payload["date"]),
        "edited": "edit_date" in payload,
        "deleted": post.deleted,
        "text": _text(payload),
        "html": _html(payload),
        "caption_html": _caption(payload),
        "photo": _address(payload["photo"][-1]) if "photo" in payload else None,
        "voice": _address(payload.get("voice")),
        "document": _document(payload),
        "sticker": payload.get("sticker", {}).get("emoji"),
        "contact": _contact(payload.get("contact")),
        "album": payload.get("media_group_id"),
        "reply_to": payload.get("reply_to_message", {}).get("message_id"),
        "keyboard": _keyboard(payload),
    }


def _text(payload: dict[str, Any]) -> str | None:
    if "location" in payload:
        return "\N{ROUND PUSHPIN} {latitude}, {longitude}".format(**payload["location"])
    return payload.get("text")


def _html(payload: dict[str, Any]) -> str | None:
    text = _text(payload)
    return None if text is None else safe_html(text, payload.get("entities", []))


def _caption(payload: dict[str, Any]) -> str | None:
    if "caption" not in payload:
        return None
    return safe_html(payload["caption"], payload.get("caption_entities", []))


def _address(file: dict[str, Any] | None) -> str | None:
    return None if file is None else f"/demo/files/{quote(file['file_id'])}"


def _document(payload: dict[str, Any]) -> dict[str, Any] | None:
    file = payload.get("document") or payload.get("video") or payload.get("audio")
    if file is None:
        return None
    return {"url": _address(file), "name": file.get("file_name", ""), "size": file["file_size"]}


def _contact(contact: dict[str, Any] | None) -> dict[str, Any] | None:
    if contact is None:
        return None
    return {"name": contact["first_name"], "phone_number": contact["phone_number"], "user_id": contact.get("user_id")}


def _keyboard(payload: dict[str, Any]) -> list[list[dict[str, str]]] | None:
    if "reply_markup" not in payload:
        return None
    return [[_button(button) for button in row] for row in payload["reply_markup"]["inline_keyboard"]]


def _button(button: dict[str, Any]) -> dict[str, str]:
    shown = {"text": button["text"]}
    if "callback_data" in button:
        return shown | {"data": button["callback_data"]}
    if "copy_text" in button:
        return shown | {"copy_text": button["copy_text"]["text"]}
    return shown | {"url": button["url"]}
