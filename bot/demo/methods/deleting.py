"""Deleting messages, the bot's and in private chats the person's, while they are younger than 48 hours."""

from bot.demo import limits
from bot.demo.errors import bad
from bot.demo.methods.call import Method, read_chat_to_edit
from bot.demo.params import Params
from bot.demo.places import Chat, Post
from bot.demo.world import World


def delete_message(world: World, params: Params) -> bool:
    chat = read_chat_to_edit(world, params)
    if not params.number("message_id"):
        raise bad("message identifier is not specified")
    post = chat.post(params.number("message_id"))
    if post is None:
        raise bad("message to delete not found")
    _check(world, chat, post)
    world.remove(chat, post)
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Those that are not there are passed over."""
    ids = params.parsed("message_ids") or []
    if not ids:
        raise bad("message identifiers are not specified")
    if len(ids) > limits.DELETED_AT_ONCE:
        raise bad("too many message identifiers specified")
    chat = read_chat_to_edit(world, params)
    posts = [post for post in (chat.post(int(message_id)) for message_id in ids) if post is not None]
    for post in posts:
        _check(world, chat, post)
    for post in posts:
        world.remove(chat, post)
    return True


def _check(world: World, chat: Chat, post: Post) -> None:
    if world.unix() - post.payload["date"] > limits.DELETABLE_FOR:
        raise bad("message can't be deleted for everyone")
    if not post.by_bot and chat.type != "private" and chat.bot_status != "administrator":
        raise bad("message can't be deleted")


METHODS: dict[str, Method] = {"deleteMessage": delete_message, "deleteMessages": delete_messages}
