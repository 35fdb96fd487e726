"""What the gateway has just committed and the courier may send as it is, without looking for it in the outbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from bot.engine.message import Parcel, Verb
from storage.outbox import Due

_CARDS = 4096
"""So many of the last cards are known by number without a look."""


class Handover:
    """Parcels between their commit and their errand, and the numbers of cards.

    A chat is spoken for from the moment at which its parcels are announced: a look at the outbox leaves it alone, or
    they would be sent twice.
    """

    def __init__(self) -> None:
        self._announced: Collection[int] = ()
        self._carried: list[Parcel] = []
        self._cards: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._announced or self._carried)

    def expect(self, chat_ids: Collection[int]) -> None:
        self._announced = chat_ids

    def take(self, parcels: Sequence[Parcel]) -> None:
        self._announced = ()
        self._carried += parcels

    @property
    def spoken_for(self) -> set[int]:
        return {parcel.due.chat_id for parcel in self._carried} | set(self._announced)

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
