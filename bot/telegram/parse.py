"""One update's JSON becomes a Turn. Pure; only the fields that we use are read.

Identity is `from.id` of a real person in a private chat and nothing else: not a sender_chat, not a forward, not a name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.engine.turn import Kind, Turn
from care.records.fields import Media, MediaKind

Raw = dict[str, Any]
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

_POSTS = ("channel_post", "guest_message", "business_message")
_FILES = {
    "voice": MediaKind.VOICE,
    "video": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO,
    "audio": MediaKind.FILE,
    "document": MediaKind.FILE,
}
_SERVICE = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "chat_background_set",
        "connected_website",
        "successful_payment",
        "refunded_payment",
    }
)


class Unparsable(Exception):
    """An update that is not what Telegram documents; nothing of its content is in this exception."""

    def __init__(self, update_id: int) -> None:
        super().__init__(f"update {update_id} could not be read")
        self.update_id = update_id


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _User(_Part):
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class _Chat(_Part):
    id: int
    type: str


class _File(_Part):
    file_id: str
    file_unique_id: str = ""
    file_size: int = 0
    duration: int = 0
    mime_type: str = ""
    file_name: str = ""
    width: int = 0
    height: int = 0


class _Contact(_Part):
    phone_number: str
    user_id: int = 0


class _Reference(_Part):
    message_id: int = 0


class _Message(_Part):
    message_id: int
    date: int
    chat: _Chat
    edit_date: int = 0
    sender: _User | None = Field(None, alias="from")
    sender_chat: Any = None
    via_bot: Any = None
    forward_origin: Any = None
    forward_date: Any = None
    reply_to_message: _Reference | None = None
    media_group_id: str = ""
    text: str = ""
    caption: str = ""
    contact: _Contact | None = None
    photo: tuple[_File, ...] = ()
    voice: _File | None = None
    video: _File | None = None
    video_note: _File | None = None
    audio: _File | None = None
    document: _File | None = None

    @property
    def borrowed(self) -> bool:
        """Not the sender's own words: forwarded, made by another bot, or said in the name of a chat."""
        return any((self.forward_origin, self.forward_date, self.via_bot, self.sender_chat))

    @property
    def person(self) -> _User | None:
        """Whose words these are: the person whose private chat this is."""
        known = self.sender is not None and not self.sender.is_bot and self.sender.id == self.chat.id
        return self.sender if known else None


class _Spot(_Part):
    message_id: int
    chat: _Chat


class _Tap(_Part):
    id: str
    sender: _User = Field(alias="from")
    message: _Spot | None = None
    data: str = ""


class _Status(_Part):
    status: str


class _Membership(_Part):
    chat: _Chat
    sender: _User = Field(alias="from")
    date: int
    new_chat_member: _Status


_P = TypeVar("_P", bound=_Part)


def update_id(raw: Any) -> int:
    """The update's number; 0 where it has none that could be acknowledged."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def parse(raw: Raw, received: datetime) -> Turn | None:
    """None for what we do not use; a tap carries no time, so its `at` is `received` (aware UTC). Raises Unparsable."""
    number = update_id(raw)
    if not number:
        raise Unparsable(0)
    try:
        turn = _parse(number, raw, received)
        if turn is not None:
            f"{turn.words}{turn.name}{turn.tap}".encode()  # half a surrogate pair could not be stored
        return turn
    except (ValidationError, OverflowError, OSError, ValueError):
        raise Unparsable(number) from None


def _parse(number: int, raw: Raw, received: datetime) -> Turn | None:
    if "message" in raw:
        return _message(number, raw["message"])
    if "callback_query" in raw:
        return _tap(number, _read(_Tap, raw["callback_query"]), received)
    if "edited_message" in raw:
        return _edit(number, _read(_Message, raw["edited_message"]))
    if "my_chat_member" in raw:
        return _membership(number, _read(_Membership, raw["my_chat_member"]))
    for kind in _POSTS:
        if kind in raw:
            return _crowd(number, _read(_Message, raw[kind]))
    return None


def _read(model: type[_P], value: Any) -> _P:
    return model.model_validate(value)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _crowd(number: int, message: _Message) -> Turn:
    return Turn(number, Kind.GROUP, message.chat.id, 0, _moment(message.date), message_id=message.message_id)


def _message(number: int, raw: Any) -> Turn | None:
    message = _read(_Message, raw)
    if message.chat.type != "private":
        return _crowd(number, message)
    if message.person is None or not _SERVICE.isdisjoint(raw):
        return None
    media = _media(message)
    if message.text:
        kind = Kind.WORDS
    elif media:
        kind = Kind.MEDIA
    else:
        kind = Kind.CONTACT if _own_contact(message) else Kind.OTHER
    return _turn(number, kind, message, media)


def _own_contact(message: _Message) -> bool:
    shared, person = message.contact, message.person
    return shared is not None and person is not None and shared.user_id == person.id and not message.borrowed


def _turn(number: int, kind: Kind, message: _Message, media: Media | None) -> Turn:
    person = message.person
    assert person is not None
    return Turn(
        update_id=number,
        kind=kind,
        chat_id=message.chat.id,
        user_id=person.id,
        at=_moment(message.edit_date or message.date),
        message_id=message.message_id,
        words=message.text or message.caption,
        media=media,
        album=message.media_group_id,
        reply_to=message.reply_to_message.message_id if message.reply_to_message else 0,
        forwarded=message.borrowed,
        name=person.name,
        language_code=person.language_code,
        phone=message.contact.phone_number if kind is Kind.CONTACT and message.contact else "",
    )


def _media(message: _Message) -> Media | None:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return _as_media(MediaKind.PHOTO, largest, message.caption)
    for field, kind in _FILES.items():
        file = getattr(message, field)
        if file is not None:
            return _as_media(kind, file, message.caption)
    return None


def _as_media(kind: MediaKind, file: _File, caption: str) -> Media:
    return Media(
        kind=kind,
        file_id=file.file_id,
        unique_id=file.file_unique_id,
        size=file.file_size,
        seconds=file.duration,
        caption=caption,
        mime=file.mime_type,
        name=file.file_name,
    )


def _edit(number: int, message: _Message) -> Turn | None:
    if message.chat.type != "private" or message.person is None:
        return None
    return _turn(number, Kind.EDIT, message, _media(message))


def _tap(number: int, tap: _Tap, received: datetime) -> Turn | None:
    if tap.sender.is_bot:
        return None
    chat = tap.message.chat if tap.message else _Chat(id=tap.sender.id, type="private")
    message_id = tap.message.message_id if tap.message else 0
    if chat.type != "private":
        return Turn(number, Kind.GROUP, chat.id, 0, received, message_id=message_id, tap_id=tap.id)
    return Turn(
        update_id=number,
        kind=Kind.TAP,
        chat_id=chat.id,
        user_id=tap.sender.id,
        at=received,
        message_id=message_id,
        tap=tap.data,
        tap_id=tap.id,
        name=tap.sender.name,
        language_code=tap.sender.language_code,
    )


def _membership(number: int, change: _Membership) -> Turn | None:
    """In a private chat: stopped ('kicked') or started again ('member'). In a group only being added counts."""
    status, at = change.new_chat_member.status, _moment(change.date)
    if change.chat.type != "private":
        return Turn(number, Kind.GROUP, change.chat.id, 0, at) if status in ("member", "administrator") else None
    if change.sender.is_bot or change.sender.id != change.chat.id:
        return None
    person = change.sender
    return Turn(
        update_id=number,
        kind=Kind.BLOCKED,
        chat_id=change.chat.id,
        user_id=person.id,
        at=at,
        words=status,
        name=person.name,
        language_code=person.language_code,
    )
