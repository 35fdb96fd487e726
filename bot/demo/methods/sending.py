"""Sending one message: a text, a file, a chat action."""

import re
from functools import partial
from typing import Any

from bot.demo import limits
from bot.demo.contents import Content, caption_content, file_content, text_content
from bot.demo.errors import Refused, bad
from bot.demo.files import StoredFile
from bot.demo.images import measure
from bot.demo.keyboards import read_keyboard
from bot.demo.methods.call import Method, read_caption, read_chat_to_write, read_message_text
from bot.demo.params import Params
from bot.demo.places import Chat
from bot.demo.world import World

_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_ATTACHED = re.compile(r"attach://(.+)")


def send_message(world: World, params: Params) -> dict[str, Any]:
    value, keyboard = read_message_text(params), read_keyboard(params)
    chat = read_chat_to_write(world, params)
    return deliver(world, params, chat, text_content(value) | _markup(keyboard))


def send_file(kind: str, world: World, params: Params) -> dict[str, Any]:
    caption, keyboard = read_caption(params), read_keyboard(params)
    chat = read_chat_to_write(world, params)
    file = attached(world, params, kind, params.text(kind))
    content = file_content(file, kind, seconds=params.number("duration"))
    return deliver(world, params, chat, content | caption_content(caption) | _markup(keyboard))


def send_chat_action(world: World, params: Params) -> bool:
    chat = read_chat_to_write(world, params)
    if params.text("action").lower() not in _ACTIONS:
        raise bad("wrong parameter action in request")
    if chat.type == "private":
        world.tell("action", {"user_id": chat.chat_id, "action": params.text("action").lower()})
    return True


def attached(world: World, params: Params, kind: str, reference: str) -> StoredFile:
    """The file that a parameter means: uploaded with this call, or known by its file_id."""
    match = _ATTACHED.fullmatch(reference)
    upload = params.uploads.get(match[1] if match else kind)
    if upload is None and reference and not match:
        return world.files.find(reference)
    if upload is None:
        raise bad(f"there is no {kind} in the request")
    if not upload.data:
        raise bad("file must be non-empty")
    if len(upload.data) > limits.UPLOAD_BYTES:
        raise Refused(413, "Request Entity Too Large")
    if kind == "photo":
        _check_photo(upload.data)
    return world.files.keep(kind, upload.data, name=upload.name, mime="" if kind == "photo" else upload.mime)


def _check_photo(data: bytes) -> None:
    if len(data) > limits.PHOTO_BYTES:
        raise bad(
            f"file of size {len(data)} bytes is too big for a photo; the maximum size is {limits.PHOTO_BYTES} bytes"
        )
    size = measure(data)
    if size is None or not min(size):
        raise bad("IMAGE_PROCESS_FAILED")
    if sum(size) > limits.PHOTO_SIDES or max(size) > limits.PHOTO_RATIO * min(size):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def deliver(world: World, params: Params, chat: Chat, content: Content) -> dict[str, Any]:
    """Put a message of the bot into a chat; the message."""
    head: Content = {"from": world.bot()} if chat.type != "channel" else {"sender_chat": chat.describe()}
    head |= _reply(params, chat)
    if params.flag("protect_content"):
        head["has_protected_content"] = True
    return world.put(chat, head | content, by_bot=True).payload


def _reply(params: Params, chat: Chat) -> Content:
    wanted = params.parsed("reply_parameters") or {"message_id": params.number("reply_to_message_id")}
    if not wanted.get("message_id"):
        return {}
    post = chat.post(int(wanted["message_id"]))
    if post is not None:
        return {"reply_to_message": {key: value for key, value in post.payload.items() if key != "reply_to_message"}}
    if wanted.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
        return {}
    raise bad("message to be replied not found")


def _markup(keyboard: dict[str, Any] | None) -> Content:
    return {} if keyboard is None else {"reply_markup": keyboard}


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendChatAction": send_chat_action,
    **{f"send{kind.title()}": partial(send_file, kind) for kind in ("photo", "voice", "document", "video", "audio")},
}
