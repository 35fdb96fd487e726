"""A Command: something a person asks for by a slash, the menu or a button, answered at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.engine.message import Button
from care.access import Action
from care.text import Text

if TYPE_CHECKING:
    from bot.engine.scene import Scene

Run = Callable[["Scene", str], Awaitable[None]]
Refresh = Callable[["Scene", str], Awaitable[None]]
Tapped = Callable[["Scene", Sequence[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """`run` gets what stands behind the command; `tapped` what a button made by `button` carried. `about` stands in
    the menu; a command without it is in no menu. `refresh` redraws a board of this command (a Card of its name)
    when records arrive. `changes_people`: roles and scopes are read again after it. `door`: it stands among the
    buttons of /start and /help."""

    name: str
    needs: Action
    run: Run
    about: Text | None = None
    tapped: Tapped | None = None
    refresh: Refresh | None = None
    changes_people: bool = False
    door: bool = False

    def button(self, label: Text, *carried: str) -> Button:
        """Without anything carried it runs the command."""
        return Button(label, "|".join(("b", self.name, *carried)))


def starting(flow: str, label: Text) -> Button:
    """A button that begins a conversation."""
    return Button(label, f"s|{flow}")


def resuming(conversation_id: str, label: Text) -> Button:
    """A button that brings up an unfinished conversation."""
    return Button(label, f"r|{conversation_id}")


def discarding(conversation_id: str, label: Text) -> Button:
    return Button(label, f"x|{conversation_id}")


def storing(conversation_id: str, label: Text) -> Button:
    """A button that stores an unfinished conversation as it is."""
    return Button(label, f"w|{conversation_id}")
