"""What the methods share: their type, and reading chats, messages and texts from parameters."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.demo import limits
from bot.demo.errors import Refused, bad, forbidden
from bot.demo.markup import parse_html
from bot.demo.params import Params
from bot.demo.places import Chat, Post
from bot.demo.text import Formatted, clean, find_entities, is_blank, trim
from bot.demo.world import World

Method = Callable[[World, Params], Any | Awaitable[Any]]


@dataclass(frozen=True)
class Ready:
    """A result that is JSON already."""

    json: str


def read_chat(world: World, params: Params) -> Chat:
    """A chat the bot may look at."""
    name = params.text("chat_id")
    if not name:
        raise bad("chat_id is empty")
    chat = world.chats.get(params.number("chat_id"))
    if name.startswith("@"):
        chat = next((one for one in world.chats.values() if one.username == name[1:]), None)
    if chat is None:
        raise bad("chat not found")
    return chat


def read_chat_to_edit(world: World, params: Params) -> Chat:
    """A chat in which the bot may change its messages."""
    chat = read_chat(world, params)
    if chat.type == "private" and world.phones[chat.chat_id].deactivated:
        raise forbidden("user is deactivated")
    if chat.migrated_to is not None:
        raise Refused(
            400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.migrated_to}
        )
    if chat.type != "private" and chat.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    if chat.type != "private" and chat.bot_status == "left":
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    return chat


def read_chat_to_write(world: World, params: Params) -> Chat:
    """A chat to which the bot may send."""
    chat = read_chat_to_edit(world, params)
    if chat.type == "private" and world.phones[chat.chat_id].blocked:
        raise forbidden("bot was blocked by the user")
    if chat.type == "private" and not chat.opened:
        raise forbidden("bot can't initiate conversation with a user")
    return chat


def read_own_post(chat: Chat, params: Params) -> Post:
    """A message of the bot, to be edited."""
    if not params.number("message_id"):
        raise bad("message identifier is not specified")
    post = chat.post(params.number("message_id"))
    if post is None:
        raise bad("message to edit not found")
    if not post.by_bot:
        raise bad("message can't be edited")
    return post


def read_text(params: Params, name: str, *, mode: str = "parse_mode") -> Formatted:
    """A text with its formatting applied, cleaned and trimmed."""
    source = clean(params.text(name))
    style = params.text(mode).lower()
    if style == "html":
        value = parse_html(source)
    elif style:
        raise bad("unsupported parse_mode")
    else:
        entities = params.parsed("caption_entities" if name == "caption" else "entities") or []
        value = Formatted(source, tuple(entities))
    value = find_entities(trim(value))
    return Formatted(value.text, value.entities[: limits.ENTITIES])


def read_message_text(params: Params) -> Formatted:
    value = read_text(params, "text")
    if is_blank(value.text):
        raise bad("message text is empty")
    if len(value.text) > limits.TEXT:
        raise bad("message is too long")
    return value


def read_caption(params: Params) -> Formatted:
    value = read_text(params, "caption")
    if len(value.text) > limits.CAPTION:
        raise bad("message caption is too long")
    return value
