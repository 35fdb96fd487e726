"""A Job: slow work that a Turn asks for, run outside any transaction; what comes of it goes into the outbox.

A file in `bot/reports/` declares a JOB. Who asks for it says `scene.ask_for(JOB's name, body)`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.engine.i18n import Languages
from bot.engine.message import Message
from care.records.fields import Media
from storage.documents import Document

Fetch = Callable[[Media], Awaitable[bytes]]
"""The bytes of a file that a person sent. Raises whatever the channel raises."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a job works with."""

    languages: Languages
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it, written in one transaction. A message sends a document by `Media(document=<its id>)`."""

    messages: Sequence[Message]
    documents: Sequence[Document] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """`run` may be repeated after a crash, its result is stored once. `sorry`: what is said when it cannot be done."""

    name: str
    run: Callable[[Means, Mapping[str, Any]], Awaitable[Made]]
    sorry: Callable[[Mapping[str, Any]], Sequence[Message]]
