"""After a record is stored: take it back, correct it as a new version, or change its words by editing the message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.engine.flow import Ask
from care.text import T

UNDO_FOR = timedelta(minutes=10)


def _correcting(answers: Mapping[str, Any]) -> bool:
    return bool(answers.get("corrects"))


WHY_CORRECTED = Ask(
    "correction",
    T("Reason"),
    T("What was not right? Then I show you the entry, and you can change it."),
    when=_correcting,
)
"""The last question of every Flow that stores a record; it stands only in a correction."""
