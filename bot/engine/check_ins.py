"""What a family answers to a check-in: who hears of it, and what stops climbing, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.engine.concerns import Opening, open_concern, tell_those_told
from bot.engine.deputies import present
from bot.engine.draw import named
from bot.engine.message import Button, Message, Priority, Rows
from bot.engine.scene import Scene
from care.access import Action
from care.calendar import quiet
from care.check_in import BUTTONS, FIRST, FROM_TEACHER, LADDER, Answer, State, takes
from care.children import Child
from care.concern import Gravity
from care.people import Role
from care.phones import spaced
from care.text import T, Text, Value, phrase, words
from storage import check_in_answers, check_in_asks, check_ins, concerns, families, nudges, outbox, people, said
from storage.check_ins import CheckIn, New
from storage.database import Tx
from storage.families import Relative
from storage.people import Person

NAME = "check_in"
ANY_DAY = "now"
"""In place of a day: all children of the person, whatever was asked."""
NEAREST = (Role.TEACHER, Role.HOME_LEAD, Role.COORDINATOR)
COMES = T("🔴 <b>Urgent</b>: {author}, family of {child}, asks somebody to come now.")
FAMILY = T("📞 <b>The family</b>\n{numbers}")
CALLS = T("📞 <b>{guardian}</b>, family of {children}, would like to be called back.")


def guardian_key(day: date, person_id: str) -> str:
    """What messages to a guardian are about."""
    return f"{NAME}:{day.isoformat()}:{person_id}"


def call_key(id: str) -> str:
    return f"{NAME}:call:{id}"


def buttons(day: str, answers: Sequence[Answer] = BUTTONS) -> Rows:
    return tuple((Button(answer.label, f"b|{NAME}|{answer.value}|{day}"),) for answer in answers)


def by_name(many: Sequence[Child]) -> Value:
    """As the family calls them."""
    return phrase(words(child.short_name) for child in many)


@dataclass(slots=True)
class Taken:
    """`answered`: the check-ins that took the answer; `standing`: those where something graver stands."""

    answered: list[CheckIn] = field(default_factory=list)
    standing: list[CheckIn] = field(default_factory=list)


async def answer(scene: Scene, many: Sequence[Child], answered: Answer, way: str, said_id: str | None = None) -> Taken:
    """Note an answer about these children. It counts for their newest question and closes older ones; where none
    stands open it makes a check-in of today."""
    latest = await _newest(scene, many)
    taken = Taken()
    for one in (own[0] for own in latest.values()):
        stands = takes(one.answer, one.closed_at is not None, answered)
        (taken.answered if stands else taken.standing).append(one)
    ids = [one.id for one in taken.answered]
    older = [one.id for own in latest.values() for one in own[1:] if one.silent]
    if ids:
        waits = answered in (Answer.CALL, Answer.WORDS)
        await check_in_answers.answer(
            scene.tx,
            ids,
            answered,
            way=way,
            by=scene.actor.person_id,
            now=scene.now,
            place=FROM_TEACHER if waits else FIRST,
            next_at=scene.now + LADDER[FROM_TEACHER].after if waits else None,
            said_id=said_id,
        )
    await check_in_answers.close_older(scene.tx, older, scene.now)
    await stop(scene, [*ids, *older])
    return taken


async def _newest(scene: Scene, many: Sequence[Child]) -> dict[str, list[CheckIn]]:
    """By child its check-ins, the newest first; that one takes an answer of today."""
    found = await check_ins.latest(scene.tx, [child.id for child in many])
    missing = [child for child in many if not _open_to(found.get(child.id), scene.today)]
    if missing:
        fresh = [New(child.id, child.home_id, scene.today, State.ASKED) for child in missing]
        await check_ins.begin(scene.tx, fresh)
        found = await check_ins.latest(scene.tx, [child.id for child in many])
    return found


def _open_to(own: Sequence[CheckIn] | None, today: date) -> bool:
    """Whether an answer given now belongs to the newest of these."""
    if not own:
        return False
    newest = own[0]
    return newest.day >= today or newest.to_do or newest.state is not State.ANSWERED


async def stop(scene: Scene, ids: Collection[str]) -> None:
    """Nothing more is said about what these were waiting for; what was queued and names others is said anew."""
    pairs = await check_in_asks.asked_on(scene.tx, ids)
    waiting = await check_in_asks.asked_in_vain(scene.tx, pairs)
    await nudges.settle(scene.tx, [guardian_key(day, person) for day, person in pairs - waiting])
    for about in await check_in_asks.abouts(scene.tx, ids):
        if await outbox.cancel_about(scene.tx, about):
            await check_in_asks.untell(scene.tx, about, ids, scene.now)


async def call_back(scene: Scene, taken: Sequence[CheckIn]) -> list[Person]:
    """Those nearest to the children are asked to call; who they are."""
    return await tell_nearest(scene, [one.child for one in taken], CALLS, call_key(taken[0].id), _called(taken[0].id))


def _called(id: str) -> Rows:
    return ((Button(T("✅ Called"), f"b|today|called|{id}"),),)


async def come(scene: Scene, taken: Sequence[CheckIn]) -> list[Person]:
    """An urgent concern about all of them, at once; who hears of it."""
    about = [one.child for one in taken]
    guardian = await people.person(scene.tx, scene.actor.person_id)
    says = with_phone(COMES(author=words(scene.actor.name), child=named(about)), guardian)
    id = await open_concern(scene, Opening(about, Gravity.URGENT, (NAME, taken[0].id), says))
    await check_in_answers.link(scene.tx, [one.id for one in taken], id)
    return await reached(scene, about)


async def narrow(scene: Scene, group: Sequence[CheckIn], child_id: str) -> list[Child]:
    """The family said which child it is about; the others are asked about anew, and those who were told hear it.

    The children that are left."""
    meant = [one for one in group if one.child.id == child_id]
    others = [one for one in group if one.child.id != child_id]
    if not meant or not others:
        return []
    ids = [one.id for one in others]
    await check_in_answers.ask_anew(scene.tx, ids, FIRST, scene.now + LADDER[FIRST].after, scene.now)
    told = T("It is about {child}.", child=meant[0].child.called)
    for concern in await concerns.by_ids(scene.tx, {one.concern_id for one in meant if one.concern_id}):
        await concerns.narrow(scene.tx, concern.id, [child_id], scene.actor.person_id, scene.now)
        await tell_those_told(scene, concern, told, "which", urgent=True)
    if meant[0].answer is Answer.CALL:
        again = T("{guardian}: {told}", guardian=words(scene.actor.name), told=told)
        await tell_nearest(scene, [meant[0].child], again, "", _called(meant[0].id))
    return [one.child for one in others]


async def hear(scene: Scene, said_id: str) -> bool:
    """Somebody has heard what a family said, which settles it; False where somebody had before."""
    first = await said.hear(scene.tx, said_id, scene.actor.person_id, scene.now)
    ids = [one.id for one in await check_ins.of_said(scene.tx, said_id) if one.answer is Answer.WORDS]
    await check_in_answers.close(scene.tx, ids, "heard", scene.actor.person_id, scene.now)
    await stop(scene, ids)
    scene.note(Action.SETTLE_CHECK_IN, "said", said_id, detail="heard")
    return first


# --- who is near


async def reached(scene: Scene, about: Sequence[Child]) -> list[Person]:
    """The teachers of these children, or who stands in; where none can be reached, the head of the home; else the
    coordinator. Where all are away, those who can be reached all the same."""
    ids = [child.id for child in about]
    nearest: list[Person] = []
    for role in NEAREST:
        known = await people.keepers(scene.tx, [role], scene.today, children=ids)
        found = [one for one in await present(scene.tx, known) if one.reachable]
        if found:
            return found
        nearest = nearest or [one for one in known if one.reachable]
    return nearest


async def tell_nearest(scene: Scene, about: Sequence[Child], text: Text, key: str, rows: Rows) -> list[Person]:
    """Each hears of the children of their own home only; nobody is disturbed at night."""
    guardian = await people.person(scene.tx, scene.actor.person_id)
    homes = {child.home_id: [one for one in about if one.home_id == child.home_id] for child in about}
    told: dict[str, Person] = {}
    for theirs in homes.values():
        says = with_phone(
            text(guardian=words(scene.actor.name), children=phrase(child.called for child in theirs)), guardian
        )
        for person in await reached(scene, theirs):
            told[person.id] = person
            scene.tell(
                Message(
                    person.chat_id or 0,
                    text=person.away.told(says) if person.away else says,
                    buttons=rows,
                    person_id=person.id,
                    priority=Priority.NUDGE,
                    about=key,
                    needs=Action.SEE_CHECK_INS,
                    protect=True,
                )
            )
    return list(told.values())


def with_phone(text: Text, person: Person | None) -> Text:
    if person is None or not person.phone:
        return text
    return T("{text}\n\n📞 {phone}", text=text, phone=words(spaced(person.phone)))


def with_number(who: Relative) -> Text:
    return T(
        "{relation} {name} {phone}",
        relation=words(who.relation),
        name=words(who.name),
        phone=words(spaced(who.phone)),
    )


async def family_numbers(tx: Tx, about: Sequence[Child], but: str = "") -> list[Value]:
    """Of everybody in these families who has a number; one person left out."""
    told: dict[str, Value] = {}
    for relatives in (await families.relatives(tx, [child.id for child in about])).values():
        for who in relatives:
            if who.phone and who.person_id != but:
                told[who.person_id] = with_number(who)
    return list(told.values())


def after_night(scene: Scene) -> bool:
    """Whether those who are told hear of it only in the morning."""
    return quiet(scene.local)
