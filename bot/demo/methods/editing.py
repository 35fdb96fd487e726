"""Changing the bot's own messages; there is no time limit."""

from typing import Any

from bot.demo.contents import Content, caption_content, kind_of, text_content
from bot.demo.errors import bad
from bot.demo.keyboards import read_keyboard
from bot.demo.methods.call import Method, read_caption, read_chat_to_edit, read_message_text, read_own_post
from bot.demo.params import Params
from bot.demo.places import Chat, Post
from bot.demo.world import World

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


def edit_message_text(world: World, params: Params) -> dict[str, Any]:
    value = read_message_text(params)
    chat, post = _target(world, params)
    if kind_of(post.payload) != "text":
        raise bad("there is no text in the message to edit")
    return _change(world, params, (chat, post), {"entities": None} | text_content(value))


def edit_message_caption(world: World, params: Params) -> dict[str, Any]:
    value = read_caption(params)
    chat, post = _target(world, params)
    if kind_of(post.payload) not in {"photo", "voice", "audio", "video", "document"}:
        raise bad("there is no caption in the message to edit")
    blank: Content = {"caption": None, "caption_entities": None}
    return _change(world, params, (chat, post), blank | caption_content(value))


def edit_message_reply_markup(world: World, params: Params) -> dict[str, Any]:
    return _change(world, params, _target(world, params), {})


def _target(world: World, params: Params) -> tuple[Chat, Post]:
    chat = read_chat_to_edit(world, params)
    return chat, read_own_post(chat, params)


def _change(world: World, params: Params, target: tuple[Chat, Post], content: Content) -> dict[str, Any]:
    """None takes a field away; without a new keyboard the old one goes."""
    chat, post = target
    wanted = content | {"reply_markup": read_keyboard(params)}
    if all(post.payload.get(name) == value for name, value in wanted.items()):
        raise bad(_NOT_MODIFIED)
    for name, value in wanted.items():
        if value is None:
            post.payload.pop(name, None)
        else:
            post.payload[name] = value
    post.payload["edit_date"] = world.unix()
    world.show(chat, post)
    return post.payload


METHODS: dict[str, Method] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
}
