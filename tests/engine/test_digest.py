"""What a digest says stands in an order that people can make out, whatever the ids are."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.engine.digest import digests
from bot.engine.message import Message, read_body
from care.text import Listing, T, words
from storage.nudges import Noted

EIGHT = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


def noted(owed: str, told: str) -> Noted:
    body = Message(1, text=T("{child} is waiting.", child=words(told))).body()
    return Noted(f"{owed}:{told}", owed, "person", 1, EIGHT, EIGHT, "card.log", body, id=told)


def test_what_is_alike_stands_together_by_name() -> None:
    many = [noted("talk:9:x", "B"), noted("contact:5:x", "C"), noted("talk:1:x", "A"), noted("contact:7:x", "B")]
    for some in (many, many[::-1]):
        ((message, ids),) = digests(some, EIGHT)
        assert set(ids) == {"A", "B", "C"}
        assert _said(message) == ["B", "C", "A", "B"]


def _said(message: Message) -> list[str]:
    content = read_body(message.body())
    assert content.text
    told = content.text.places["told"]
    assert isinstance(told, Listing)
    return [line.places["text"].places["child"].msgid for line in told.items]  # type: ignore[union-attr]
