"""Stores a Record that a conversation has made: the row, whom it is about, the pairing's last contact, and who must
hear of it."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.draw import named
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
from care.text import T, Text, Value, words
from storage import children, follow_ups, nudges, outbox, pairings, people, records, ticks, touch
from storage.conversations import Conversation
from storage.records import Saved, saved

FIRST_TO_HEAR = (Role.TEACHER, Role.HOME_LEAD, Role.COORDINATOR)
TOLD = T("🔴 The teacher, the school and the coordinator have been told.")


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
    names = named(about) if about else flow.title
    if record.corrects:
        old = await current(scene, record.corrects)
        new = replace(new, supersedes=old.id, version=old.version + 1, number=old.number)
        await tell_again(scene, old, CORRECTED)
        await forget_contact(scene, old)
    await _settle_duties(scene, new)
    scene.effects.records.append(new)
    scene.note(flow.needs, record.kind, new.id, detail="correction" if record.corrects else "")
    if isinstance(record, ContactEntry) and record.made:
        await pairings.touch(scene.tx, [(scene.actor.person_id, record.child, record.on)])
    if not isinstance(record, ContactEntry) or record.made:
        await touch.touch(scene.tx, record.about, record.on)
    if record.concern is Level.URGENT:
        await _alarm(scene, new, names)
    what = T("{one} · {other}", one=record.headline, other=names) if about else record.headline
    done = T("{done}\n{told}", done=flow.done, told=TOLD) if record.concern is Level.URGENT else flow.done
    return new.id, T("{done}\n{what} · {day} · #{number}", done=done, what=what, day=record.on, number=new.number)


async def _settle_duties(scene: Scene, new: Saved) -> None:
    """What the record meets is owed no more, in the same transaction."""
    for duty in scene.registry.duties:
        await nudges.settle(scene.tx, await duty.met_by(scene.tx, new))
        await duty.noted(scene.tx, new)
    if new.supersedes or new.happened_on < scene.today:
        await learned_late(scene)


async def learned_late(scene: Scene) -> None:
    """A due date may have moved into the past: at the next tick every duty looks at what it may have missed."""
    for duty in scene.registry.duties:
        await ticks.set(scene.tx, f"{duty.name}:sweep", scene.now)


async def current(scene: Scene, record_id: str) -> Saved:
    """The actor's own record, if it is the version that counts; Refusal where somebody was first, or it is not
    theirs."""
    found = await records.one(scene.tx, scene.actor, record_id)
    if found.author_id != scene.actor.person_id:
        raise Refusal(reason="somebody else's record")
    if found.status != "current":
        raise Refusal(
            T("This entry has been changed or taken back already. /mine shows how it stands."), reason="not current"
        )
    return found


CORRECTED = T("{author} has corrected #{number} about {child}, which was marked urgent. Please look at it again.")
TAKEN_BACK = T("{author} has taken back #{number} about {child}, which was marked urgent.")


async def tell_again(scene: Scene, old: Saved, text: Text) -> None:
    """Those who were told of an urgent worry hear what became of it."""
    if old.concern != Level.URGENT:
        return
    await outbox.cancel_about(scene.tx, f"record:{old.id}")
    child = named(old.about)
    await _tell_keepers(
        scene, old, text(author=words(scene.actor.name), number=old.number, child=child), f"again:{old.id}"
    )


async def forget_contact(scene: Scene, old: Saved) -> None:
    """What hangs on the record as it was without it: the pairing's last contact, the child's, and what it promised."""
    await touch.rederive(scene.tx, old.children, but=old.id)
    dropped = await follow_ups.drop(scene.tx, old.id, scene.actor.person_id, scene.now)
    await nudges.settle_subjects(scene.tx, "follow_up", dropped)
    await learned_late(scene)
    if isinstance(old.body, ContactEntry) and old.body.made:
        last = await records.last_contact(scene.tx, old.author_id, old.body.child, but=old.id)
        await pairings.set_last(scene.tx, old.author_id, old.body.child, last)


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
    await _tell_keepers(scene, new, text, f"urgent:{new.id}")


async def _tell_keepers(scene: Scene, new: Saved, text: Text, key: str) -> None:
    for keeper in await people.keepers(scene.tx, FIRST_TO_HEAR, scene.today, homes=[new.home_id]):
        if keeper.chat_id and keeper.id != scene.actor.person_id:
            scene.tell(
                Message(
                    keeper.chat_id,
                    text=text,
                    buttons=((open_record(new.id, T("Open it")),),),
                    person_id=keeper.id,
                    priority=Priority.URGENT,
                    key=f"{key}:{keeper.id}",
                    about=f"record:{new.id}",
                    needs=Action.HEAR_CONCERN,
                    protect=True,
                )
            )


def open_record(record_id: str, label: Text) -> Button:
    return Button(label, f"b|recent|open|{record_id}")
