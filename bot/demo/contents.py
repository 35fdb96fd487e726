"""The parts of a Bot API message that say what it holds."""

from typing import Any

from bot.demo.files import StoredFile
from bot.demo.images import measure
from bot.demo.text import Formatted

Content = dict[str, Any]


def text_content(value: Formatted) -> Content:
    content: Content = {"text": value.text}
    if value.entities:
        content["entities"] = list(value.entities)
    return content


def caption_content(value: Formatted) -> Content:
    if not value.text:
        return {}
    content: Content = {"caption": value.text}
    if value.entities:
        content["caption_entities"] = list(value.entities)
    return content


def file_content(file: StoredFile, kind: str, *, seconds: int = 0) -> Content:
    """One of photo, voice, audio, video, document; `seconds` is how long it plays."""
    if kind == "photo":
        width, height = measure(file.data) or (320, 240)
        return {"photo": [file.reference() | {"width": width, "height": height}]}
    details: Content = file.reference() | {"mime_type": file.mime}
    if kind != "document":
        details["duration"] = seconds
    if kind != "voice":
        details["file_name"] = file.name
    if kind == "video":
        details |= {"width": 320, "height": 240}
    return {kind: details}


def sticker_content(file: StoredFile, emoji: str) -> Content:
    shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return {"sticker": file.reference() | shape | {"emoji": emoji}}


def kind_of(payload: Content) -> str:
    """What a message holds: text, photo, voice, ... or nothing of these."""
    kinds = ("text", "photo", "voice", "audio", "video", "document", "sticker", "contact", "location")
    return next((kind for kind in kinds if kind in payload), "")
