"""The Scene of one Turn: who acts, on what moment, and what comes of it. Effects are collected and written together
at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from bot.engine.i18n import Languages
from bot.engine.message import Message, Rows, Verb
from bot.engine.nearby import Nearby
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from care.access import Action
from care.children import Child
from care.people import Actor
from care.records.fields import Reading
from care.text import Text
from storage.audit import Entry
from storage.cards import NewCard
from storage.conversations import Conversation
from storage.database import Tx
from storage.records import Saved
from storage.vault import new_id


@dataclass(slots=True)
class Effects:
    """What a Turn, or several, want written."""

    messages: list[Message] = field(default_factory=list)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    cards: list[NewCard] = field(default_factory=list)
    records: list[Saved] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    jobs: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    fanned_out: bool = False
    """Messages were put into the outbox beside these, by a statement of their own."""

    def clear(self) -> None:
        for kept in (self.messages, self.conversations, self.cards, self.records, self.entries, self.jobs):
            kept.clear()


@dataclass(slots=True)
class Scene:
    """`now` is aware UTC, `zone` the district's own. `live` are the chat's open conversations, the one last touched
    last."""

    tx: Tx
    turn: Turn
    actor: Actor
    now: datetime
    zone: tzinfo
    languages: Languages
    registry: Registry
    live: list[Conversation] = field(default_factory=list)
    named: Mapping[str, Conversation] = field(default_factory=dict)
    effects: Effects = field(default_factory=Effects)
    bot_username: str = ""
    nearby: Nearby = field(default_factory=Nearby)

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.zone)

    @property
    def today(self) -> date:
        return self.local.date()

    @property
    def reading(self) -> Reading:
        return Reading(self.local, self.languages.words)

    def say(self, text: Text, buttons: Rows = (), **more: Any) -> None:
        """An answer in this chat."""
        told = {"person_id": self.actor.person_id, "language": self.actor.language, **more}
        self.effects.messages.append(Message(self.turn.chat_id, text=text, buttons=buttons, **told))

    def tell(self, message: Message) -> None:
        """Something for another chat, or with a verb of its own."""
        self.effects.messages.append(message)

    def edit_tapped(self, text: Text, buttons: Rows = ()) -> None:
        """Change the message whose button was tapped; said anew where it is not a Card of ours."""
        self.say(text, buttons, verb=Verb.EDIT, message_id=self.turn.message_id)

    def ask_for(self, job: str, asked: Mapping[str, Any]) -> None:
        """Slow work, for the JOB of this name: it begins after the commit."""
        self.effects.jobs.append((job, asked))

    async def children(self, action: Action) -> list[Child]:
        """The active children whom the actor reaches with this permission, in the order of their codes."""
        return await self.nearby.children(self.tx, self.actor, action)

    def fresh_card(self, kind: str) -> str:
        """The id of a new Card in this chat, for a message that will be edited as things move on."""
        card = NewCard(new_id(), self.turn.chat_id, kind, self.now)
        self.effects.cards.append(card)
        return card.id

    def note(
        self, action: Action | str, object_kind: str, object_id: str, outcome: str = "done", detail: str = ""
    ) -> None:
        """A line for the audit, in the same transaction."""
        self.effects.entries.append(
            Entry(
                self.now,
                self.actor.person_id or f"chat:{self.turn.chat_id}",
                str(action),
                object_kind,
                object_id,
                outcome,
                detail,
            )
        )

    def keep(self, conversation: Conversation) -> Conversation:
        """The conversation as it now is; it is the one last touched."""
        touched = conversation._replace(touched_at=self.now)
        self.effects.conversations[touched.id] = touched
        self.live = [other for other in self.live if other.id != touched.id]
        if touched.state == "open":
            self.live.append(touched)
        return touched
