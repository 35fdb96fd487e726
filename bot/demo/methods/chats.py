"""Chats and files: getChat, leaveChat, getFile."""

from typing import Any

from bot.demo import limits
from bot.demo.errors import bad
from bot.demo.methods.call import Method, read_chat, read_chat_to_edit
from bot.demo.params import Params
from bot.demo.world import World


def get_chat(world: World, params: Params) -> dict[str, Any]:
    details = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }
    return read_chat(world, params).describe() | details


def leave_chat(world: World, params: Params) -> bool:
    chat = read_chat_to_edit(world, params)
    if chat.type == "private":
        raise bad("chat member status can't be changed in private chats")
    was, chat.bot_status = chat.bot_status, "left"
    world.push(
        "my_chat_member",
        {
            "chat": chat.describe(),
            "from": world.bot(),
            "date": world.unix(),
            "old_chat_member": world.member(was),
            "new_chat_member": world.member("left"),
        },
        chat_id=chat.chat_id,
    )
    return True


def get_file(world: World, params: Params) -> dict[str, Any]:
    if not params.text("file_id"):
        raise bad("file_id not specified")
    if not world.files.has(params.text("file_id")):
        raise bad("invalid file_id")
    file = world.files.find(params.text("file_id"))
    if file.size > limits.DOWNLOAD_BYTES:
        raise bad("file is too big")
    return file.reference() | {"file_path": world.files.open_path(file)}


METHODS: dict[str, Method] = {"getChat": get_chat, "leaveChat": leave_chat, "getFile": get_file}
