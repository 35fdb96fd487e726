"""A Rule: what the clockwork looks at on every tick. The ladder of a Duty stands on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from bot.engine.message import Message
from storage.database import Tx

if TYPE_CHECKING:
    from bot.engine.flow import Flow


@dataclass(frozen=True, slots=True)
class Tick:
    """The rule's moment: what fell due in (since, now]. `zone` is the district's own; `flows` are those that can be
    named."""

    since: datetime
    now: datetime
    zone: tzinfo
    flows: Mapping[str, Flow]


Owed = Callable[[Tx, Collection[str]], Awaitable[Collection[str]]]
"""Of these things that messages are `about`: those about which there is still something to be said."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`run` writes what the rule changes and gives back what is to be said; each with a key, so that a repeat is
    harmless. Messages about '<about>:...' are put to `owed` once more just before they are sent."""

    name: str
    run: Callable[[Tx, Tick], Awaitable[Sequence[Message]]]
    about: str = ""
    owed: Owed | None = None
    astir: Callable[[Tx, datetime], Awaitable[bool]] | None = None
    """Looked at every few seconds too, and run between two ticks when it says that something moves."""
