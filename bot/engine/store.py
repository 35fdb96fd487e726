"""Stores a Record that a conversation has made: the row, whom it is about, the pairing's last contact, and who must
hear of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.engine.concerns import (
    TOLD_AT_ONCE,
    Opening,
    look_for_harm,
    open_concern,
    silence,
    tell_those_told,
)
from bot.engine.draw import named
from bot.engine.duty import Duty
from bot.engine.flow import Flow
from bot.engine.scene import Scene
from care.children import Child
from care.concern import Closing, Gravity, Lane
from care.records.base import Record
from care.records.contact_entry import ContactEntry
from care.records.fields import Level
from care.records.talk import Talk
from care.refusal import Refusal
from care.text import T, Text, words
from storage import absences, children, concerns, follow_ups, nudges, pairings, records, ticks, touch
from storage.concerns import Concern
from storage.conversations import Conversation
from storage.database import Tx
from storage.records import Saved, saved


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
    old = await current(scene, record.corrects) if record.corrects else None
    if old:
        new = replace(new, supersedes=old.id, version=old.version + 1, number=old.number)
        await tell_again(scene, old, CORRECTED)
        await forget_contact(scene, old)
    await _worry(scene, new, about, old)
    scene.effects.records.append(new)
    scene.note(flow.needs, record.kind, new.id, detail="correction" if record.corrects else "")
    what = T("{one} · {other}", one=record.headline, other=names) if about else record.headline
    done = T("{done}\n{told}", done=flow.done, told=TOLD_AT_ONCE) if record.concern is Level.URGENT else flow.done
    return new.id, T("{done}\n{what} · {day} · #{number}", done=done, what=what, day=record.on, number=new.number)


Met = Mapping[str, Collection[str]]
"""By duty, the keys of what may be met."""


async def met_by(tx: Tx, duties: Sequence[Duty], new: Sequence[Saved]) -> Met:
    """What these records may meet; asked before they are written."""
    return {duty.name: await duty.met_by(tx, new) for duty in duties}


async def settle(tx: Tx, duties: Sequence[Duty], met: Met, new: Sequence[Saved], now: datetime, today: date) -> None:
    """What comes of new records, once they are written and in the same transaction: from each contact made the time to
    the next one runs, and what is met is owed no more. A record that changes nothing about it (of an earlier day, or a
    correction) meets nothing."""
    for duty in duties:
        await duty.noted(tx, new)
    entries = [(one, one.body) for one in new if isinstance(one.body, ContactEntry) and one.body.made]
    made = [(one.author_id, entry.child, entry.on) for one, entry in entries]
    await pairings.touch(tx, await absences.whose(tx, made))
    touched = [one for one in new if not isinstance(one.body, ContactEntry) or one.body.made]
    await touch.touch(tx, [(child, one.happened_on) for one in touched for child in one.children])
    talks = [one for one in new if isinstance(one.body, Talk)]
    await touch.talked(tx, [(child, one.happened_on) for one in talks for child in one.children])
    over: set[str] = set()
    for duty in duties:
        if keys := set(met[duty.name]):
            over |= keys - set(await duty.still(tx, keys))
    await nudges.settle(tx, over)
    if any(one.supersedes or one.happened_on < today for one in new):
        await learned_late(tx, duties, now)


async def learned_late(tx: Tx, duties: Sequence[Duty], now: datetime) -> None:
    """A due date may have moved into the past: at the next tick every duty looks at what it may have missed."""
    for duty in duties:
        await ticks.set(tx, f"{duty.name}:sweep", now)


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
    for concern in await concerns.of_source(scene.tx, old.id):
        if concern.level is Gravity.URGENT and concern.lane is Lane.OPEN:
            await silence(scene, concern.id)
            told = text(author=words(scene.actor.name), number=old.number, child=named(old.about))
            await tell_those_told(scene, concern, told, f"again:{old.id}", urgent=True)


async def let_go(scene: Scene, old: Saved) -> None:
    """A record that was taken back worries nobody any more, unless its words pointed to harm."""
    await tell_again(scene, old, TAKEN_BACK)
    for concern in await concerns.of_source(scene.tx, old.id):
        if concern.lane is Lane.OPEN:
            await concerns.close(scene.tx, concern.id, Closing.MISTAKEN, scene.actor.person_id, scene.now)


async def _worry(scene: Scene, new: Saved, about: Sequence[Child], old: Saved | None) -> None:
    """A record that worries its author opens a concern; so do words that point to harm, for few eyes."""
    known = await concerns.of_source(scene.tx, old.id) if old else []
    for concern in known:
        await concerns.step(scene.tx, concern.id, "corrected", scene.actor.person_id, scene.now)
    if old:
        await concerns.move_source(scene.tx, old.id, new.id)
    worried = new.body.concern is not Level.NONE
    if worried and about and not await _kept(scene, known, Gravity.of(new.body.concern.value)):
        await open_concern(scene, Opening(about, Gravity.of(new.body.concern.value), (new.kind, new.id)))
    await look_for_harm(scene, new.body.own_words, about, (new.kind, new.id))


async def _kept(scene: Scene, known: Sequence[Concern], level: Gravity) -> bool:
    """Whether a concern that the earlier version opened will do: one that has become urgent is told as a new one."""
    ours = [one for one in known if one.lane is Lane.OPEN]
    if any(one.level is Gravity.URGENT or one.level is level for one in ours):
        return True
    for one in ours:
        await concerns.close(scene.tx, one.id, Closing.MISTAKEN, scene.actor.person_id, scene.now)
    return False


async def forget_contact(scene: Scene, old: Saved) -> None:
    """What hangs on the record as it was without it: the pairing's last contact, the child's, and what it promised."""
    await touch.rederive(scene.tx, old.children, but=old.id)
    dropped = await follow_ups.drop(scene.tx, old.id, scene.actor.person_id, scene.now)
    await nudges.settle_subjects(scene.tx, "follow_up", dropped)
    await learned_late(scene.tx, scene.registry.duties, scene.now)
    if isinstance(old.body, ContactEntry) and old.body.made:
        for who, child, _ in await absences.whose(scene.tx, [(old.author_id, old.body.child, old.happened_on)]):
            last = await records.last_contact(scene.tx, who, child, but=old.id)
            await pairings.set_last(scene.tx, who, child, last)


async def _about(scene: Scene, flow: Flow, record: Record) -> list[Child]:
    if not record.about:
        return []
    return [child for child in await scene.children(flow.needs) if child.id in record.about]


async def _require_home(scene: Scene, flow: Flow, record: Record, home_id: str) -> None:
    """A record without children is bound by its home."""
    if not record.about and home_id not in {
        home.id for home in await children.homes(scene.tx, scene.actor, flow.needs)
    }:
        raise Refusal(reason="home out of scope")
