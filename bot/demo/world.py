"""The whole of the demo's Telegram: its state, and the people and groups that act in it."""

from bot.demo.groups import Groups


class World(Groups):
    """World(token, bot_name, bot_username, now, phones=()): see State, People and Groups for what it can do."""
