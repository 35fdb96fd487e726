"""What the gateway has just committed and the courier may send as it is, without looking for it in the outbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.engine.message import Parcel, Verb
from storage.outbox import Due

_CARDS = 4096
"""So many of the last cards are known by number without a look."""


class Handover:
    """Parcels between their commit and their errand, and the numbers of cards."""

    def __init__(self) -> None:
        self._carried: list[Parcel] = []
        self._cards: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._carried)

    def take(self, parcels: Sequence[Parcel]) -> None:
        self._carried += parcels

    def empty(self) -> Iterable[tuple[int, list[Parcel]]]:
        """All that was taken, chat by chat."""
        lines: defaultdict[int, list[Parcel]] = defaultdict(list)
        for parcel in self._carried:
            lines[parcel.due.chat_id].append(parcel)
        self._carried = []
        return lines.items()

    def ready(self, line: Sequence[Parcel]) -> list[Due]:
        """With the numbers of their cards; nothing where one must be looked up."""
        items, sent = [], set[str]()
        for due, _ in line:
            card = due.card_id or ""
            number = self._cards.get(card)
            if card and due.verb != Verb.SEND and number is None and card not in sent:
                return []
            sent.add(card)
            items.append(due._replace(message_id=number))
        return items

    def learn(self, cards: Mapping[str, int]) -> None:
        self._cards.update(cards)
        while len(self._cards) > _CARDS:
            del self._cards[next(iter(self._cards))]

    def forget_cards(self) -> None:
        self._cards.clear()
