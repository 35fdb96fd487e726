"""The Bot API methods that the server knows, by their names in lower case; all others are refused."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.demo.methods import albums, answers, chats, commands, deleting, editing, polling, sending
from bot.demo.methods.call import Method

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        name.lower(): method
        for module in (polling, sending, albums, editing, deleting, answers, commands, chats)
        for name, method in module.METHODS.items()
    }
)
