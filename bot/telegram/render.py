"""What the outbox holds becomes calls of the Bot API. Pure."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

from bot.engine.i18n import Languages
from bot.engine.message import Button, Content, Rows, Verb
from bot.telegram.pages import CAPTION, TEXT, fits, pages
from care.records.fields import Media, MediaKind

LABEL_WIDTH = 40
_ROOM = {2: 18, 3: 10}
"""How many columns of a label two or three buttons abreast show on a phone 390 points wide."""
_MEDIA = {
    MediaKind.PHOTO: ("sendPhoto", "photo"),
    MediaKind.VOICE: ("sendVoice", "voice"),
    MediaKind.VIDEO: ("sendVideo", "video"),
    MediaKind.FILE: ("sendDocument", "document"),
}
_FIELDS = dict(_MEDIA.values())
"""By method, the parameter that names the file."""
_ATTACHED = "attach://"
"""By this a parameter names a file that comes with the call."""


class Call(NamedTuple):
    method: str
    payload: dict[str, Any]

    @property
    def upload(self) -> str:
        """The id of the document of our own that must come with it; empty where none does."""
        field = _FIELDS.get(self.method)
        file = self.payload[field] if field else ""
        return file.removeprefix(_ATTACHED) if file.startswith(_ATTACHED) else ""


class Rendering(NamedTuple):
    """In whose language and for which chat."""

    languages: Languages
    language: str
    chat_id: int

    def calls(self, verb: Verb, content: Content, card: int = 0) -> list[Call]:
        """The calls in their order; `card` is the number of the message to change, 0 where it must be sent (anew)."""
        match verb:
            case Verb.STRIP:
                return [self._call("editMessageReplyMarkup", message_id=card)] if card else []
            case Verb.DELETE:
                number = content.message_id or card
                return [self._call("deleteMessage", message_id=number)] if number else []
            case Verb.MENU:
                return [self._menu(content)]
            case Verb.EDIT if card:
                return self._edit(content, card)
            case Verb.EDIT if content.text is None:
                return []  # only its buttons were to change, and it is gone
            case _:
                return self._send(content)

    def _call(self, method: str, **payload: Any) -> Call:
        return Call(method, {"chat_id": self.chat_id, **payload})

    def _edit(self, content: Content, card: int) -> list[Call]:
        """A text that has outgrown one message cannot be edited in: it is sent anew below the old one."""
        if content.text is None:
            return [self._call("editMessageReplyMarkup", message_id=card, **self._keyboard(content.buttons))]
        html = self._html(content)
        if not fits(html, TEXT):
            return [self._call("editMessageReplyMarkup", message_id=card), *self._send(content)]
        return [self._call("editMessageText", message_id=card, **_text(html), **self._keyboard(content.buttons))]

    def _send(self, content: Content) -> list[Call]:
        html, calls = self._html(content), []
        if content.media is not None:
            captioned = fits(html, CAPTION)
            calls.append(self._media(content.media, html if captioned else ""))
            html = "" if captioned else html
        if html or not calls:
            calls += [self._call("sendMessage", **_text(page)) for page in pages(html, TEXT)]
        if content.protect:
            calls = [call._replace(payload=call.payload | {"protect_content": True}) for call in calls]
        last = calls.pop()
        return [*calls, last._replace(payload=last.payload | self._keyboard(content.buttons))]

    def _media(self, media: Media, caption: str) -> Call:
        method, field = _MEDIA[media.kind]
        payload = {field: _ATTACHED + media.document if media.document else media.file_id}
        return self._call(method, **payload, **({"caption": caption, "parse_mode": "HTML"} if caption else {}))

    def _html(self, content: Content) -> str:
        return self.languages.render_html(content.text, self.language) if content.text is not None else ""

    def _menu(self, content: Content) -> Call:
        scope = {"type": "chat", "chat_id": self.chat_id}
        commands = [
            {"command": command, "description": self.languages.render(text, self.language)[:256]}
            for command, text in content.menu
        ]
        if not commands:
            return Call("deleteMyCommands", {"scope": scope})
        return Call("setMyCommands", {"scope": scope, "commands": commands})

    def _keyboard(self, rows: Rows) -> dict[str, Any]:
        keyboard = [part for row in rows if row for part in abreast([self._button(button) for button in row])]
        return {"reply_markup": {"inline_keyboard": keyboard}} if keyboard else {}

    def _button(self, button: Button) -> dict[str, Any]:
        text = shorten(self.languages.render(button.label, self.language))
        if button.url:
            return {"text": text, "url": button.url}
        if button.copy:
            return {"text": text, "copy_text": {"text": button.copy[:256]}}
        return {"text": text, "callback_data": button.data or "-"}


def abreast(row: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The row, or one below the other where a label would be cut: a phone shows so many columns and no more."""
    if len(row) == 1:
        return [row]
    room = _ROOM.get(len(row), LABEL_WIDTH)
    return [row] if all(_columns(key["text"]) <= room for key in row) else [[key] for key in row]


def _text(html: str) -> dict[str, Any]:
    return {"text": html, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@lru_cache(4096)
def _columns(label: str) -> int:
    return sum(map(_width, label))


@lru_cache(4096)
def shorten(label: str, width: int = LABEL_WIDTH) -> str:
    """One line, at most `width` columns (a Chinese character takes two), never empty."""
    line = " ".join(label.split())
    if 2 * len(line) <= width or _columns(line) <= width:
        return line or "…"
    taken = 1
    for place, character in enumerate(line):
        taken += _width(character)
        if taken > width:
            return line[:place].rstrip() + "…"
    return line
