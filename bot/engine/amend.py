"""What an author can do with a stored record: take it back for ten minutes, correct it later, or edit the message."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from pydantic import ValidationError

from bot.engine import converse
from bot.engine.command import Command
from bot.engine.conversation import State, joined, result, why
from bot.engine.correct import UNDO_FOR
from bot.engine.flow import Flow
from bot.engine.message import Rows
from bot.engine.scene import Scene
from bot.engine.store import current, forget_contact, let_go, store
from care.access import may
from care.records.base import Record
from care.records.fields import Correction
from care.refusal import Refusal
from care.text import T, pack, words
from storage import conversations, records
from storage.conversations import Conversation
from storage.records import Saved

EDITABLE_FOR = timedelta(hours=48)
"""So long a phone lets its owner edit a message."""
TOO_LATE = T("That was more than ten minutes ago, so it cannot be taken back any more. You can still correct it.")


def choices(scene: Scene, command: Command, saved: Saved) -> Rows:
    """The buttons below one's own record; those of /mine, wherever it was opened."""
    rows: Rows = ()
    command = scene.registry.commands.get("mine", command)
    own = saved.author_id == scene.actor.person_id and may(scene.actor, flow_for(scene, saved).needs)
    if own and saved.status == "current":
        rows = ((command.button(T("✏️ Correct it"), "correct", saved.id),),)
        if scene.now - saved.created_at <= UNDO_FOR:
            rows = ((command.button(T("↩ Take it back"), "undo", saved.id),), *rows)
    return (*rows, (command.button(T("Earlier versions"), "history", saved.id),)) if saved.version > 1 else rows


def flow_for(scene: Scene, saved: Saved) -> Flow:
    """The Flow that makes records of this kind."""
    return next(flow for flow in scene.registry.flows.values() if flow.record is type(saved.body))


async def undo(scene: Scene, command: Command, record_id: str) -> None:
    """For ten minutes: it counts no more, and stays as withdrawn. Its answers can be taken up again."""
    old = await current(scene, record_id)
    if scene.now - old.created_at > UNDO_FOR:
        raise Refusal(TOO_LATE, reason="too late to undo")
    await records.withdraw(scene.tx, old.id)
    await forget_contact(scene, old)
    await let_go(scene, old)
    scene.note("record.undo", old.kind, old.id)
    again = command.button(T("✏️ Change it and save anew"), "again", old.id)
    scene.edit_tapped(T("Taken back: #{number} does not count any more.", number=old.number), ((again,),))


async def again(scene: Scene, record_id: str) -> None:
    """A new draft with the answers of a record that was taken back."""
    old = await records.one(scene.tx, scene.actor, record_id)
    if old.author_id != scene.actor.person_id or old.status != "withdrawn":
        raise Refusal
    await converse.begin_with(scene, flow_for(scene, old), answers_of(scene, old))


async def correct(scene: Scene, record_id: str) -> None:
    """A draft with the answers of the record; stored, it becomes the next version."""
    old = await current(scene, record_id)
    state = answers_of(scene, old)
    state.answers["corrects"] = old.id
    await converse.begin_with(scene, flow_for(scene, old), state)


def answers_of(scene: Scene, saved: Saved) -> State:
    """The State that would have made this record."""
    flow = flow_for(scene, saved)
    told = saved.body.model_dump(mode="json", exclude={"corrects", "correction"}, exclude_none=True)
    answers = {
        name: value for name, value in told.items() if value != [] and not (name == "concern" and value == "none")
    }
    labels, names = (
        [pack(child.called) for child in saved.about],
        [pack(words(child.short_name)) for child in saved.about],
    )
    asked = [field for field in ("child", "children") if field in answers and flow.ask(field)]
    state = State(answers=answers, labels=dict.fromkeys(asked, labels), names=dict.fromkeys(asked, names))
    if flow.ask("home"):
        state.labels["home"] = state.names["home"] = [pack(words(saved.home_name))]
    state.passed = [ask.field for ask in flow.asks if ask.skip and ask.field not in answers]
    return state


async def reworded(scene: Scene) -> bool:
    """The person edited a message whose words are in a stored record: that makes a new version. False where none
    does."""
    since = scene.now - EDITABLE_FOR
    number = str(scene.turn.message_id)
    for conversation in await conversations.done_since(scene.tx, scene.actor.person_id, since):
        pieces = State.load(conversation.body).pieces
        for field, kept in pieces.items():
            if number in kept and conversation.chat_id == scene.turn.chat_id:
                await _reword(scene, conversation, field, kept | {number: scene.turn.words})
                return True
    return False


async def _reword(scene: Scene, conversation: Conversation, field: str, kept: dict[str, str]) -> None:
    flow = converse.flow_of(scene, conversation)
    ask = flow.ask(field)
    old = await current(scene, await records.newest_version(scene.tx, conversation.record_id or ""))
    if ask is None or not may(scene.actor, flow.needs):
        raise Refusal
    state = answers_of(scene, old)
    try:
        state.answers[field] = flow.read(ask, joined(kept), scene.reading)
    except ValidationError as error:
        raise Refusal(why(error), reason="edited words do not fit") from None
    state.answers |= {"corrects": old.id, "correction": Correction.REWORDED.value}
    state.pieces = {**State.load(conversation.body).pieces, field: kept}
    await _store_reworded(scene, flow, conversation, state, old)


async def _store_reworded(scene: Scene, flow: Flow, conversation: Conversation, state: State, old: Saved) -> None:
    """The words move on to a conversation of their own, since a conversation makes one record."""
    follower = converse.begun(scene, flow)
    saved, _ = await store(scene, flow, follower, cast(Record, result(flow, state)))
    body = {"pieces": state.pieces}
    scene.keep(follower._replace(state="done", body=body, record_id=saved, card_id=conversation.card_id))
    scene.keep(conversation._replace(body={}))
    scene.say(T("I have changed #{number} to your new words. The earlier version is kept.", number=old.number))
