"""A Message: one thing to send. Everything that is said goes through the outbox as one of these."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from care.access import Action
from care.records.fields import Media
from care.text import Text, pack, unpack
from storage import outbox
from storage.outbox import Due
from storage.vault import new_id


class Verb(StrEnum):
    SEND = "send"
    EDIT = "edit"
    """Give a Card (or the message `message_id`) a new text and new buttons; sent anew where it is lost."""
    STRIP = "strip"
    """Take the buttons from a Card that has been followed by a fresh one."""
    DELETE = "delete"
    """Remove the person's own message `message_id` from the chat."""
    MENU = "menu"
    """Set the chat's command menu: `menu` holds (command, description)."""


class Priority(IntEnum):
    ANSWER = 0
    URGENT = 1
    NUDGE = 2
    BROADCAST = 3


class Button(NamedTuple):
    """`data` comes back as a tap (1 to 64 bytes); `url` opens a link instead; `copy` offers the text for copying (1
    to 256 characters)."""

    label: Text
    data: str = ""
    url: str = ""
    copy: str = ""


Rows = tuple[tuple[Button, ...], ...]


class Message(NamedTuple):
    """`key` makes a repeat harmless: empty means that the gateway gives one (update and ordinal).

    `card` is the id of the Card that this message becomes (SEND) or changes (EDIT, STRIP). `needs` is looked at again
    when it is sent: who has lost the right to it does not get it. `person_id` decides the language it is rendered in
    at that moment.
    """

    chat_id: int
    verb: Verb = Verb.SEND
    text: Text | None = None
    buttons: Rows = ()
    card: str = ""
    media: Media | None = None
    message_id: int = 0
    menu: tuple[tuple[str, Text], ...] = ()
    person_id: str = ""
    language: str = ""
    priority: Priority = Priority.ANSWER
    key: str = ""
    about: str = ""
    needs: Action | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    protect: bool = False
    """The channel is asked not to let it be forwarded: it names a child."""

    def body(self) -> dict[str, Any]:
        """What is sealed in the outbox row: everything that a reader of the database should not see."""
        full: dict[str, Any] = {}
        if self.text is not None:
            full["text"] = pack(self.text)
        if self.buttons:
            full["buttons"] = [[_pack_button(button) for button in row] for row in self.buttons]
        if self.media:
            full["media"] = self.media.model_dump(mode="json")
        if self.message_id:
            full["message_id"] = self.message_id
        if self.menu:
            full["menu"] = [[command, pack(text)] for command, text in self.menu]
        if self.language:
            full["language"] = self.language
        if self.protect:
            full["protect"] = True
        return full


def _pack_button(button: Button) -> list[Any]:
    label, data, url, copy = button
    return [pack(label), data, url, copy] if url or copy else [pack(label), data]


class Content(NamedTuple):
    """The body of a Message, read back by the courier."""

    text: Text | None = None
    buttons: Rows = ()
    media: Media | None = None
    message_id: int = 0
    menu: tuple[tuple[str, Text], ...] = ()
    language: str = ""
    protect: bool = False


class Parcel(NamedTuple):
    """A plain answer as it was just committed to the outbox: to be sent without being read there."""

    due: Due
    content: Content


def read_body(body: dict[str, Any]) -> Content:
    return Content(
        text=unpack(body.get("text")),
        buttons=tuple(tuple(Button(unpack(label), *rest) for label, *rest in row) for row in body.get("buttons", ())),
        media=Media.model_validate(body["media"]) if "media" in body else None,
        message_id=body.get("message_id", 0),
        menu=tuple((command, unpack(text)) for command, text in body.get("menu", ())),
        language=body.get("language", ""),
        protect=body.get("protect", False),
    )


def queued(message: Message, now: datetime) -> outbox.Queued:
    """The row of the outbox. A message without a key of its own gets one: its Turn is played only once."""
    return outbox.Queued(
        key=message.key or new_id(),
        chat_id=message.chat_id,
        verb=message.verb,
        priority=message.priority,
        body=message.body(),
        created_at=now,
        person_id=message.person_id or None,
        card_id=message.card or None,
        about=message.about or None,
        needs=message.needs,
        not_before=message.not_before,
        expires_at=message.expires_at,
    )


def parcel(message: Message, row: outbox.Queued) -> Parcel | None:
    """None for what must be read in the outbox when its time comes: what waits, what may lose its right to be sent or
    its point, what is in a language still to be looked up, and files, which are claimed first."""
    bound = message.key or message.needs or message.about or message.not_before or message.expires_at or message.media
    speaks = message.text is not None or message.buttons or message.menu
    if bound or (speaks and not message.language) or message.priority is not Priority.ANSWER:
        return None
    due = Due(
        0,
        row.key,
        row.chat_id,
        row.person_id,
        row.verb,
        row.priority,
        row.card_id,
        None,
        {},
        None,
        None,
        0,
        row.created_at,
        None,
        message.language,
        True,
    )
    content = Content(
        message.text,
        message.buttons,
        None,
        message.message_id,
        message.menu,
        message.language,
        message.protect,
    )
    return Parcel(due, content)
