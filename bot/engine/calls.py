"""What the list of families to call is called, and what it is about."""

from __future__ import annotations

from datetime import timedelta

from bot.engine.message import Button
from bot.engine.notices import said_in
from care.safety import topic_of
from care.text import Text, words
from storage.notices import Notice

CALLS = "calls"
ANSWER_WITHIN = timedelta(hours=72)
"""So long a family has to answer by itself."""
LIMIT = timedelta(days=7)
"""After that a call about it is of no more use."""
SHORT = 24


def key_of(notice_id: str, home_id: str) -> str:
    return f"{CALLS}:{notice_id}:{home_id}"


def opening(label: Text) -> Button:
    return Button(label, f"b|{CALLS}|all")


def about(notice: Notice) -> Text:
    """The topic, or the first words of what somebody wrote."""
    topic = topic_of(notice.topic)
    if topic:
        return topic.label
    said = " ".join(said_in(notice, "").msgid.split())
    return words(said if len(said) <= SHORT else said[:SHORT] + "…")
