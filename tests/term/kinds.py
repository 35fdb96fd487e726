"""What kind of thing a message says, told by its buttons; and to whom, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from tests.term.books import Books, Said
from tests.term.district import CHINA, Holder
from tests.term.fates import MOVED

ANSWER = "answers to what people did"
_DUE = "b|due|"
_KINDS: tuple[tuple[str, str, bool], ...] = (
    ("b|due|all", "digest of several", False),
    ("b|check_in|well|2", "check-in: asked, reminded", False),
    ("b|got_it|", "safety notice: sent, asked again", False),
    ("b|concerns|take|", "worry: raised, asked again", False),
    ("b|concerns|open|", "worry: to keep an eye on", True),
    ("b|today|", "check-in: call, hear, list", False),
    ("b|calls", "safety notice: families to call", False),
    ("b|report|", "monthly report", True),
    ("s|visit|", "contact with a child", True),
    ("s|talk", "talk with a child", True),
    ("s|activity", "activity of the home", True),
    ("b|due|done|", "promise to keep", False),
    ("s|child|", "nobody has been in touch", True),
)
"""Begin of a button's data, the kind, and whether only a nudge is meant, which can be put off."""


def kind_of(said: Said) -> str:
    data = [carried for _, carried in said.buttons]
    nudge = any(carried.startswith(_DUE) for carried in data) or len(data) == 1
    for begins, kind, nudges_only in _KINDS:
        if (nudge or not nudges_only) and any(carried.startswith(begins) for carried in data):
            return kind
    return ANSWER


def by_day(books: Books, holders: Mapping[int, Holder]) -> dict[tuple[str, str], Counter[date]]:
    """New messages, by kind and role, a count for each day; edits are left out."""
    found: dict[tuple[str, str], Counter[date]] = {}
    for said in books.said:
        holder = holders.get(said.chat_id) or holders.get(said.chat_id - MOVED)
        if holder and said.method.startswith("send"):
            day = said.at.astimezone(CHINA).date()
            found.setdefault((kind_of(said), holder.role.value), Counter())[day] += 1
    return found
