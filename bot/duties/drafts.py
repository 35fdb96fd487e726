"""Unfinished conversations: one reminder, one offer to store them as they are, and after seven days an end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from bot.engine.command import discarding, resuming, storing
from bot.engine.conversation import State, complete
from bot.engine.duty import Rule, Tick
from bot.engine.message import Message, Priority, Verb
from care.calendar import quiet
from care.text import T, Text
from storage import cards, conversations
from storage.cards import NewCard
from storage.conversations import Conversation
from storage.database import Tx

REMIND_AFTER = timedelta(hours=20)
OFFER_AFTER = timedelta(days=5)
END_AFTER = timedelta(days=7)

REMINDER = T("You began “{title}” on {day}. Shall we finish it? It takes a minute.")
COMPLETE = T(
    "“{title}” of {day} is not stored yet. It has all it needs: shall I store it as it is? In two days I "
    "will have to delete it."
)
INCOMPLETE = T("“{title}” of {day} is still unfinished. In two days I will have to delete it.")


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    """Nobody is reminded in the quiet hours; what is too old ends at any hour."""
    await conversations.expire(tx, tick.now - END_AFTER)
    if quiet(tick.now.astimezone(tick.zone)):
        return ()
    offers = await conversations.stale(tx, untouched_before=tick.now - OFFER_AFTER, offered=False)
    waiting = await conversations.stale(tx, untouched_before=tick.now - REMIND_AFTER, reminded=False)
    reminders = [one for one in waiting if one.id not in {other.id for other in offers}]
    await conversations.mark_reminded(tx, [one.id for one in (*reminders, *offers)], tick.now)
    await conversations.mark_offered(tx, [one.id for one in offers], tick.now)
    await cards.add(tx, [NewCard(_card(one), one.chat_id, "reminder", tick.now) for one in reminders])
    return [
        *(_message(one, tick, REMINDER, "remind", card=_card(one)) for one in reminders if one.flow in tick.flows),
        *(_strip(one) for one in offers),
        *(_offer(one, tick) for one in offers if one.flow in tick.flows),
    ]


def _card(one: Conversation) -> str:
    """The Card that the first reminder becomes."""
    return f"r{one.id}"


def _strip(one: Conversation) -> Message:
    """The offer below takes the place of the reminder, which loses its buttons."""
    return Message(one.chat_id, Verb.STRIP, card=_card(one), key=f"draft:{one.id}:strip", priority=Priority.NUDGE)


def _offer(one: Conversation, tick: Tick) -> Message:
    whole = complete(tick.flows[one.flow], State.load(one.body))
    return _message(one, tick, COMPLETE if whole else INCOMPLETE, "offer", store=whole)


def _message(one: Conversation, tick: Tick, text: Text, rung: str, *, store: bool = False, card: str = "") -> Message:
    flow = tick.flows[one.flow]
    begun = one.started_at.astimezone(tick.zone).date()
    rows = (
        (resuming(one.id, T("▶ Go on with it")),),
        *(((storing(one.id, T("✅ Store it as it is")),),) if store else ()),
        (discarding(one.id, T("🗑 Throw it away")),),
    )
    return Message(
        one.chat_id,
        text=text(title=flow.title, day=begun),
        buttons=rows,
        card=card,
        person_id=one.person_id,
        priority=Priority.NUDGE,
        key=f"draft:{one.id}:{rung}",
        about=f"draft:{one.id}",
        needs=flow.needs,
        expires_at=tick.now + timedelta(days=1),
    )


async def unfinished(tx: Tx, about: Collection[str]) -> Collection[str]:
    """Those of the drafts ('draft:<id>') that are still open."""
    found = await conversations.by_ids(tx, [what.partition(":")[2] for what in about])
    return {f"draft:{one.id}" for one in found.values() if one.state == "open"}


RULE = Rule("drafts", run, "draft", unfinished)
