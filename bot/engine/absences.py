"""Going away and coming back: what is noted, and what the two hear of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.command import starting
from bot.engine.flow import Choice
from bot.engine.greet import menu
from bot.engine.message import Button, Message, Priority
from bot.engine.scene import Scene
from bot.engine.store import learned_late
from care.absence import ABOVE, NOBODY, GoingAway, foremost
from care.access import Action, require
from care.refusal import Refusal
from care.text import T, Text, words
from storage import absences, nudges, people
from storage.absences import Absence
from storage.database import Tx

NOBODY_STANDS_IN = T("nobody in particular: it goes one level up")
NOTED = T(
    "🏖 {name} is away until {day}, that day included. Who stands in: {deputy}. Only what is urgent reaches {name}."
)
YOU_ARE_AWAY = T(
    "🏖 You are away until {day}, that day included. Who stands in: {deputy}. Only what is urgent still reaches you."
)
YOU_STAND_IN = T("🏖 {name} is away until {day}, and you stand in. What I would ask {name}, I ask you until then.")
IS_BACK = T("{name} is back. Thank you for standing in!")
WELCOME_BACK = T("Welcome back! From now on I ask you again what is to be done.")
CANNOT = T("{name} cannot stand in for {away}. It goes one level up until somebody else does.")
I_AM_BACK = T("👋 I am back")
I_CANNOT, CHANGE, SEE_DUE = T("I cannot do that"), T("Change it"), T("See what is waiting")


async def candidates(scene: Scene, person_id: str) -> list[Choice]:
    """Who can stand in: those who hold the same role over the same, then those one level up; nobody who is away."""
    actor = await people.own(scene.tx, person_id, scene.today)
    role = foremost(actor.roles) if actor else None
    if actor is None or role is None:
        return []
    grants = [grant for grant in actor.grants if grant.role is role]
    homes = frozenset[str]().union(*(grant.homes for grant in grants))
    children = frozenset[str]().union(*(grant.children for grant in grants))
    asked = [role, *([ABOVE[role]] if role in ABOVE else [])]
    found = await people.keepers(scene.tx, asked, scene.today, children=children, homes=homes)
    away = await absences.running(scene.tx, {one.id for one in found})
    return [
        Choice(one.id, T("{name} · {role}", name=words(one.name), role=one.role.label))
        for one in found
        if one.role and one.reachable and one.id != person_id and one.id not in away
    ]


async def go(scene: Scene, record: GoingAway) -> None:
    """Begins at once, also for what the night still holds back. Both hear of it, also of one that takes the place of
    an earlier one."""
    who = record.who or scene.actor.person_id
    if who != scene.actor.person_id:
        require(scene.actor, Action.SET_AWAY)
    if record.deputy not in {NOBODY, *(one.value for one in await candidates(scene, who))}:
        raise Refusal(T("That person cannot stand in at the moment. Please choose again."), reason="no such deputy")
    before = (await absences.running(scene.tx, [who])).get(who)
    absence = await absences.add(
        scene.tx,
        person_id=who,
        deputy_id=None if record.deputy == NOBODY else record.deputy,
        first_on=scene.today,
        last_on=record.until,
        by=scene.actor.person_id,
        now=scene.now,
    )
    scene.note("away.begin", "absence", absence.id, detail=f"until {record.until}")
    kept = await nudges.keep(scene.tx, who, beyond=Priority.URGENT)
    if before:
        await _hand_back(scene, before, kept=absence.deputy_id)
    elif kept:
        await learned_late(scene.tx, scene.registry.duties, scene.now)
    await _tell_both(scene, absence)


async def _tell_both(scene: Scene, absence: Absence) -> None:
    own = absence.person_id == scene.actor.person_id
    name = await _name(scene.tx, absence.person_id)
    page = await told(scene.tx, absence)
    if not own:
        scene.say(NOTED(name=name, day=absence.last_on, deputy=await deputy_name(scene.tx, absence)))
        await _tell(scene, absence.person_id, page, *rows_of(absence))
    else:
        scene.say(page, rows_of(absence))
    if absence.deputy_id:
        cannot = (Button(I_CANNOT, f"b|away|cannot|{absence.id}"),)
        await _tell(scene, absence.deputy_id, YOU_STAND_IN(name=name, day=absence.last_on), cannot, anew=True)


def rows_of(absence: Absence) -> tuple[tuple[Button, ...], ...]:
    return ((Button(I_AM_BACK, f"b|away|back|{absence.id}"),), (starting("absence", CHANGE),))


async def told(tx: Tx, absence: Absence) -> Text:
    return YOU_ARE_AWAY(day=absence.last_on, deputy=await deputy_name(tx, absence))


async def deputy_name(tx: Tx, absence: Absence) -> Text:
    return await _name(tx, absence.deputy_id) if absence.deputy_id else NOBODY_STANDS_IN


async def come_back(scene: Scene, absence: Absence) -> None:
    """Over at once, early: what was asked in their place and is still open is asked of them again."""
    await absences.end(scene.tx, [absence.id], scene.actor.person_id, scene.now, scene.today)
    scene.note("away.end", "absence", absence.id)
    await _hand_back(scene, absence)
    await _tell(scene, absence.person_id, WELCOME_BACK, (Button(SEE_DUE, "b|due|all"),))


async def _hand_back(scene: Scene, absence: Absence, kept: str | None = None) -> None:
    await nudges.take_back(scene.tx, absence.id)
    await learned_late(scene.tx, scene.registry.duties, scene.now)
    if absence.deputy_id and absence.deputy_id != kept:
        back = IS_BACK(name=await _name(scene.tx, absence.person_id))
        await _tell(scene, absence.deputy_id, back, anew=True)


async def decline(scene: Scene, absence: Absence) -> None:
    """The deputy cannot: it goes one level up, and who is away hears so, to name somebody else."""
    if not await absences.decline(scene.tx, absence.id, scene.actor.person_id, scene.now, scene.today):
        raise Refusal(reason="not who stands in")
    scene.note("away.decline", "absence", absence.id)
    await nudges.take_back(scene.tx, absence.id)
    await learned_late(scene.tx, scene.registry.duties, scene.now)
    away = await _name(scene.tx, absence.person_id)
    said = CANNOT(name=words(scene.actor.name), away=away)
    await _tell(scene, absence.person_id, said, (starting("absence", CHANGE),))
    scene.edit_tapped(said)


def over(absence: Absence, name: Text, chats: Sequence[tuple[str, int]]) -> list[Message]:
    """What the two hear when the last day has passed; `chats`: of those of them who have one, by person."""
    said = {
        absence.person_id: (WELCOME_BACK, ((Button(SEE_DUE, "b|due|all"),),)),
        absence.deputy_id: (IS_BACK(name=name), ()),
    }
    return [
        Message(
            chat_id,
            text=said[person][0],
            buttons=said[person][1],
            person_id=person,
            priority=Priority.NUDGE,
            key=f"absence:{absence.id}:over:{person}",
        )
        for person, chat_id in chats
    ]


async def _name(tx: Tx, person_id: str) -> Text:
    person = await people.person(tx, person_id)
    return words(person.name if person else "?")


async def _tell(scene: Scene, person_id: str, text: Text, *rows: tuple[Button, ...], anew: bool = False) -> None:
    """`anew`: what they may do has changed, and with it their menu."""
    actor = await people.actor(scene.tx, person_id, scene.today)
    if actor is None or not actor.chat_id:
        return
    if actor.person_id != scene.actor.person_id:
        scene.tell(Message(actor.chat_id, text=text, buttons=rows, person_id=person_id, priority=Priority.NUDGE))
    if anew:
        scene.tell(menu(scene.registry, actor))
