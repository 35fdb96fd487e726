"""Questions that Flows of records ask in the same words. `replace` gives one a shade of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.flow import Ask
from care.records.fields import Level
from care.text import T


def _today(today: date) -> str:
    return today.isoformat()


def _worried(answers: Mapping[str, Any]) -> bool:
    return answers.get("concern", Level.NONE) in (Level.WATCH, Level.URGENT)


def _promised(answers: Mapping[str, Any]) -> bool:
    return bool(answers.get("follow_up"))


ON = Ask("on", T("Day"), T("Which day was it?"), optional=True, default=_today)
MEDIA = Ask("media", T("Photo, voice"), T("Send photos or a voice note, one after the other."), optional=True)
CONCERN = Ask(
    "concern",
    T("Worry"),
    T("Does anything worry you? With “Urgent”, the teacher, the school and the coordinator are told at once."),
    optional=True,
)
CONCERN_NOTE = Ask(
    "concern_note",
    T("What worries you"),
    T("What worries you? A sentence is enough."),
    when=_worried,
    skip=T("Add no words"),
)
FOLLOW_UP = Ask("follow_up", T("Promised"), T("What did you promise, or what is still to be done?"), optional=True)
FOLLOW_UP_BY = Ask("follow_up_by", T("To be done by"), T("By when?"), when=_promised, skip=T("No fixed day"))
