"""What the Turns of a batch want written: gathered, written all at once, and the plain answers among it handed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.message import Message, Parcel, Verb, parcel, queued
from bot.engine.scene import Effects
from storage import audit, cards, conversations, jobs, outbox, records
from storage.database import Tx


@dataclass(slots=True)
class Pending(Effects):
    """`parcels`: what has been written and need not be read again to be sent; `more`: there is other post, too; `work`:
    there are new jobs.

    `unsettled`: somebody's language or rights changed in this batch, so that all of it is read again before it is sent.
    """

    parcels: list[Parcel] = field(default_factory=list)
    more: bool = False
    work: bool = False
    unsettled: bool = False

    def add(self, effects: Effects) -> None:
        """A card that was not even sent yet gives way to the fresh one below it."""
        for message in effects.messages:
            if message.verb is Verb.STRIP and self._withdraw(message.card):
                continue
            if message.verb is Verb.SEND and not message.card and self.messages and _same(self.messages[-1], message):
                continue
            self.messages.append(message)
        self.conversations |= effects.conversations
        self.cards += effects.cards
        self.records += effects.records
        self.entries += effects.entries
        self.jobs += effects.jobs
        self.more = self.more or effects.fanned_out

    def _withdraw(self, card: str) -> bool:
        unsent = [message for message in self.messages if message.card == card]
        if not any(message.verb is Verb.SEND for message in unsent):
            return False
        self.messages = [message for message in self.messages if message.card != card]
        return True

    async def write(self, tx: Tx, now: datetime) -> None:
        written = await write(tx, self, now)
        self.parcels += written
        self.more = self.more or self.unsettled or len(written) < len(self.messages)
        self.work = self.work or bool(self.jobs)
        self.clear()

    @property
    def at_hand(self) -> list[Parcel]:
        """What can be sent as it is; of a card's edits only the last, as in the outbox."""
        if self.unsettled:
            return []
        last = {one.due.card_id: place for place, one in enumerate(self.parcels) if one.due.verb in _CONTENT}
        return [
            one
            for place, one in enumerate(self.parcels)
            if one.due.verb != Verb.EDIT or not one.due.card_id or last[one.due.card_id] == place
        ]


_CONTENT = (Verb.SEND, Verb.EDIT)


def _same(one: Message, other: Message) -> bool:
    return (one.chat_id, one.verb, one.text, one.buttons) == (other.chat_id, other.verb, other.text, other.buttons)


async def write(tx: Tx, effects: Effects, now: datetime) -> list[Parcel]:
    """All that Turns want written; the plain answers among it."""
    await conversations.save(tx, list(effects.conversations.values()))
    await records.add(tx, effects.records)
    await cards.add(tx, effects.cards)
    rows = [queued(message, now) for message in effects.messages]
    await outbox.put(tx, rows)
    await audit.note(tx, effects.entries)
    for job, asked in effects.jobs:
        await jobs.ask(tx, job, asked, now)
    both = zip(effects.messages, rows, strict=True)
    return [plain for message, row in both if (plain := parcel(message, row)) is not None]
