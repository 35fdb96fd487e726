"""Opens a concern and tells at once whom it must tell; and the quiet lane, for words that point to harm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.engine.deputies import with_deputies
from bot.engine.draw import named
from bot.engine.flow import Choice
from bot.engine.message import Button, Message, Priority, Rows
from bot.engine.scene import Scene
from care.access import Action
from care.children import Child
from care.concern import FIRST_TO_HEAR, IN_CONFIDENCE, Gravity, Lane, asked_next
from care.people import Role
from care.records import KINDS
from care.text import T, Text, Value, words
from storage import concerns, nudges, people
from storage.concerns import Concern
from storage.people import Person

TOLD_AT_ONCE = T("🔴 The teacher, the school and the coordinator have been told.")
TOLD_SOON = T("Thank you. The teacher and the school will read it in the morning.")
TAKE = T("✋ I take it on")
OPEN = T("Open it")
WORRIED = T("🔴 <b>Urgent</b>: {author} is very worried about {child}. Please look at it now.")
HARM = T(
    "⚠️ <b>For you and few others.</b> Something written about {child} may point to harm. Please look at it now, and "
    "speak about it only with those who must know.\n\n{law}"
)
HARM_AGAIN = T("⚠️ <b>For you and few others.</b> There is one more sign about {child}. Please look at it now.\n\n{law}")
LAW = T(
    "Who learns at work that a child is harmed, or may be, must report it at once: to the police, to civil affairs and "
    "to the education bureau (Law on the Protection of Minors, article 11; mandatory reporting). The coordinator and "
    "the head of the home must know.\n"
    "📞 Police 110 · ambulance 120 · youth helpline 12355 · government hotline 12345"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """`source`: kind and id of what it comes from. `says`: what those who are told read; it holds {child}."""

    children: Sequence[Child]
    level: Gravity
    source: tuple[str, str]
    says: Text = WORRIED
    lane: Lane = Lane.OPEN
    words: str = ""
    excluded: str = ""


async def open_concern(scene: Scene, opening: Opening) -> str:
    """The id of the new concern. One that is urgent, or for few eyes, is told at once; another in the next digest."""
    home_id = opening.children[0].home_id
    at_once = opening.level is Gravity.URGENT
    id = await concerns.open_one(
        scene.tx,
        child_ids=[child.id for child in opening.children],
        home_id=home_id,
        level=opening.level,
        lane=opening.lane,
        source=opening.source,
        by=scene.actor.person_id,
        now=scene.now,
        next_at=asked_next(opening.level, opening.lane, scene.now, scene.now) if at_once else scene.now,
        excluded_id=opening.excluded,
        words=opening.words,
    )
    scene.note("concern.open", "concern", id, detail=opening.lane.value)
    if at_once:
        says = opening.says(author=words(scene.actor.name), child=named(opening.children))
        await _alarm(scene, id, opening, says)
    return id


async def _alarm(scene: Scene, id: str, opening: Opening, says: Text) -> None:
    rows = buttons(id, ("", "") if opening.lane is Lane.QUIET else opening.source)
    for person in await hearers(scene, opening.lane, opening.children):
        if person.id not in (opening.excluded, scene.actor.person_id):
            scene.tell(
                Message(
                    person.chat_id or 0,
                    text=person.away.told(says) if person.away else says,
                    buttons=rows,
                    person_id=person.id,
                    priority=Priority.URGENT,
                    key=f"concern:{id}:0:{person.id}",
                    about=f"concern:{id}",
                    needs=needs(opening.lane, person.role),
                    protect=True,
                )
            )


async def hearers(scene: Scene, lane: Lane, about: Sequence[Child]) -> list[Person]:
    """Who hears of it first and can be reached, and who stands in for those who are away; the leader where nobody
    else can."""
    roles = IN_CONFIDENCE if lane is Lane.QUIET else FIRST_TO_HEAR
    found = await _reached(scene, roles, about)
    return found or (await _reached(scene, (Role.LEADER,), about) if lane is Lane.OPEN else [])


async def _reached(scene: Scene, roles: Sequence[Role], about: Sequence[Child]) -> list[Person]:
    known = await people.keepers(scene.tx, roles, scene.today, children=[child.id for child in about])
    return [one for one in await with_deputies(scene.tx, known) if one.reachable]


def needs(lane: Lane, role: Role | None) -> Action:
    return Action.SEE_HARM if lane is Lane.QUIET else Action.FOLLOW_CONCERN


def buttons(id: str, source: tuple[str, str] = ("", "")) -> Rows:
    """To take it on, and to see what it is about: the record that it comes from, or its own page."""
    kind, source_id = source
    opens = f"b|recent|open|{source_id}" if kind in KINDS else f"b|concerns|open|{id}"
    return ((Button(TAKE, f"b|concerns|take|{id}"),), (Button(OPEN, opens),))


async def tell_those_told(scene: Scene, concern: Concern, text: Text, rung: str, *, urgent: bool = False) -> None:
    """Those who hear of a concern first learn what became of it."""
    for person in await hearers(scene, concern.lane, concern.about):
        if person.id not in (concern.excluded_id, scene.actor.person_id):
            scene.tell(
                Message(
                    person.chat_id or 0,
                    text=person.away.told(text) if person.away else text,
                    buttons=((Button(OPEN, f"b|concerns|open|{concern.id}"),),),
                    person_id=person.id,
                    priority=Priority.URGENT if urgent else Priority.NUDGE,
                    key=f"concern:{concern.id}:{rung}:{person.id}",
                    needs=needs(concern.lane, person.role),
                    protect=True,
                )
            )


async def silence(scene: Scene, id: str) -> None:
    """It is asked no more who takes it on."""
    await nudges.settle(scene.tx, [f"concern:{id}"])


async def concerns_in_reach(scene: Scene, answers: Mapping[str, Any]) -> Sequence[Choice]:
    """What a Flow about one of them can offer."""
    found = await concerns.open_in_reach(scene.tx, scene.actor)
    return [Choice(one.id, T("{child}, since {day}", child=named(one.about), day=one.opened_at)) for one in found]


# --- words that point to harm


def points_to_harm(scene: Scene, written: Iterable[str]) -> bool:
    return any(scene.languages.words.harm(text) for text in written)


async def look_for_harm(scene: Scene, written: Iterable[str], about: Sequence[Child], source: tuple[str, str]) -> None:
    """Opens the quiet lane where words point to harm: once for a child, a further sign is a further step."""
    if about and points_to_harm(scene, written):
        await open_quietly(scene, about, source)


async def open_quietly(
    scene: Scene, about: Sequence[Child], source: tuple[str, str], words: str = "", excluded: str = ""
) -> None:
    """For few eyes; `words` are kept with it where no record holds them."""
    known = await concerns.open_about(scene.tx, [child.id for child in about], Lane.QUIET)
    same = [one for one in known if (one.excluded_id or "") == excluded]
    if not same:
        await open_concern(
            scene, Opening(about, Gravity.URGENT, source, HARM(law=LAW), Lane.QUIET, words=words, excluded=excluded)
        )
    elif source[1] not in {one.source_id for one in known}:
        await _one_more_sign(scene, same[0], source, words)


async def _one_more_sign(scene: Scene, concern: Concern, source: tuple[str, str], words: str) -> None:
    await concerns.step(scene.tx, concern.id, f"sign:{source[0]}", scene.actor.person_id, scene.now, words)
    child: Value = named(concern.about)
    await tell_those_told(scene, concern, HARM_AGAIN(child=child, law=LAW), f"sign:{source[1]}", urgent=True)
