"""The command menu, by scope and language, and the button that opens it."""

import re
from typing import Any

from bot.demo import limits
from bot.demo.errors import bad
from bot.demo.methods.call import Method, read_chat
from bot.demo.params import Params
from bot.demo.world import World

_NAME = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
_PLAIN_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}
_BUTTONS = {"default", "commands", "web_app"}


def set_my_commands(world: World, params: Params) -> bool:
    commands = [_command(command) for command in params.parsed("commands") or []]
    if len(commands) > limits.COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    return _store(world, _key(world, params), commands)


def delete_my_commands(world: World, params: Params) -> bool:
    return _store(world, _key(world, params), [])


def get_my_commands(world: World, params: Params) -> list[dict[str, str]]:
    return world.commands.get(_key(world, params), [])


def set_chat_menu_button(world: World, params: Params) -> bool:
    button = params.parsed("menu_button") or {"type": "default"}
    if button.get("type") not in _BUTTONS:
        raise bad("MenuButton has unsupported type")
    world.menu_buttons[_menu_chat(world, params)] = button
    return True


def get_chat_menu_button(world: World, params: Params) -> dict[str, Any]:
    everywhere = world.menu_buttons.get(0, {"type": "default"})
    return world.menu_buttons.get(_menu_chat(world, params), everywhere)


def _menu_chat(world: World, params: Params) -> int:
    return read_chat(world, params).chat_id if "chat_id" in params else 0


def _command(command: dict[str, Any]) -> dict[str, str]:
    name, description = str(command.get("command", "")).removeprefix("/"), str(command.get("description", "")).strip()
    if not _NAME.fullmatch(name):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= limits.COMMAND_DESCRIPTION:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _key(world: World, params: Params) -> tuple[str, str]:
    language = params.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    scope = params.parsed("scope") or {"type": "default"}
    kind = scope.get("type")
    if kind in _PLAIN_SCOPES:
        return kind, language
    if kind not in _CHAT_SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    chat = read_chat(world, Params({"chat_id": scope.get("chat_id")}))
    member = f":{scope['user_id']}" if kind == "chat_member" else ""
    return f"{kind}:{chat.chat_id}{member}", language


def _store(world: World, key: tuple[str, str], commands: list[dict[str, str]]) -> bool:
    before = {user_id: world.commands_for(user_id) for user_id in world.phones}
    world.commands[key] = commands
    for user_id, shown in before.items():
        after = world.commands_for(user_id)
        if after != shown:
            world.tell("commands", {"user_id": user_id, "commands": after})
    return True


METHODS: dict[str, Method] = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
