"""Stores a Record that a conversation has made: the row, whom it is about, the pairing's last contact, and who must
hear of it."""

from __future__ import annotations

from bot.engine.flow import Flow
from bot.engine.message import Button, Message, Priority
from bot.engine.scene import Scene
from care.access import Action
from care.children import Child
from care.people import Role
from care.records.base import Record
from care.records.contact_entry import ContactEntry
from care.records.fields import Level
from care.refusal import Refusal
from care.text import T, Text, Value, phrase, words
from storage import children, pairings, people
from storage.conversations import Conversation
from storage.records import Saved, saved

FIRST_TO_HEAR = (Role.TEACHER, Role.HOME_LEAD, Role.COORDINATOR)


async def store(scene: Scene, flow: Flow, conversation: Conversation, record: Record) -> tuple[str, Text]:
    """The record's id and what its author is told. Raises Refusal where a child or home is out of the author's scope
    by now."""
    about = await _about(scene, flow, record)
    if len(about) != len(set(record.about)):
        raise Refusal(
            T("This is no longer yours to log. Your coordinator can tell you more."), reason="child out of scope"
        )
    home_id = record.home_id or about[0].home_id
    await _require_home(scene, flow, record, home_id)
    new = saved(
        record, home_id=home_id, author_id=scene.actor.person_id, now=scene.now, conversation_id=conversation.id
    )
    scene.effects.records.append(new)
    scene.note(flow.needs, record.kind, new.id)
    if isinstance(record, ContactEntry) and record.made:
        await pairings.touch(scene.tx, [(scene.actor.person_id, record.child, record.on)])
    names = phrase(child.called for child in about) if about else flow.title
    if record.concern is Level.URGENT:
        await _alarm(scene, new, names)
    return new.id, T("{done}\n{what} · {day} · #{number}", done=flow.done, what=names, day=record.on, number=new.number)


async def _about(scene: Scene, flow: Flow, record: Record) -> list[Child]:
    if not record.about:
        return []
    return [child for child in await children.children(scene.tx, scene.actor, flow.needs) if child.id in record.about]


async def _require_home(scene: Scene, flow: Flow, record: Record, home_id: str) -> None:
    """A record without children is bound by its home."""
    if not record.about and home_id not in {
        home.id for home in await children.homes(scene.tx, scene.actor, flow.needs)
    }:
        raise Refusal(reason="home out of scope")


async def _alarm(scene: Scene, new: Saved, names: Value) -> None:
    """An urgent worry reaches teacher, home lead and coordinator at once."""
    text = T(
        "🔴 <b>Urgent</b>: {author} is very worried about {child}. Please look at it now.",
        author=words(scene.actor.name),
        child=names,
    )
    for keeper in await people.keepers(scene.tx, FIRST_TO_HEAR, scene.today, homes=[new.home_id]):
        if keeper.chat_id and keeper.id != scene.actor.person_id:
            scene.tell(
                Message(
                    keeper.chat_id,
                    text=text,
                    buttons=((open_record(new.id, T("Open it")),),),
                    person_id=keeper.id,
                    priority=Priority.URGENT,
                    key=f"urgent:{new.id}:{keeper.id}",
                    about=f"record:{new.id}",
                    needs=Action.HEAR_CONCERN,
                    protect=True,
                )
            )


def open_record(record_id: str, label: Text) -> Button:
    return Button(label, f"b|recent|open|{record_id}")
