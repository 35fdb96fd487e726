"""/due: what I owe, what is coming up; and the answers to a nudge: later, not mine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.engine.command import Command
from bot.engine.duty import Owed, Standing
from bot.engine.message import Button, Message, Priority
from bot.engine.nudging import DIGEST_HOUR, snoozed
from bot.engine.scene import Scene
from care.access import Action
from care.people import Role
from care.refusal import Refusal
from care.text import T, lines, words
from storage import calendar, follow_ups, nudges, people
from storage.nudges import Noted

AHEAD = timedelta(days=3)
BEHIND = timedelta(days=60)
SHOWN = 10


async def run(scene: Scene, _: str) -> None:
    every = sorted(await owed_by(scene), key=lambda one: one.day(scene.zone))
    mine, rest = every[:SHOWN], len(every) - SHOWN
    scene.note(Action.SEE_OWN_RECORDS, "duties", "mine")
    if not mine:
        scene.say(T("Nothing is waiting for you. Thank you!"))
        return
    told = [T("{mark}{day}: {what}", mark=_mark(scene, one), day=one.day(scene.zone), what=one.what) for one in mine]
    if rest > 0:
        told.append(T("and {count} more", count=rest))
    rows = tuple((Button(one.what, one.opens),) for one in mine if one.opens)
    scene.say(T("<b>This is waiting for you</b>\n{told}", told=lines(told)), rows, protect=True)


def _mark(scene: Scene, one: Owed) -> str:
    return "⏰ " if one.day(scene.zone) < scene.today else ""


async def owed_by(scene: Scene) -> list[Owed]:
    """What the actor owes, or who they stand in for, open, until a few days from now."""
    known = await calendar.load(scene.tx)
    start, until = scene.today - BEHIND, scene.today + AHEAD
    found = [
        one for duty in scene.registry.duties for one in await duty.owed(scene.tx, scene.actor, known, start, until)
    ]
    mine = {scene.actor.person_id, *scene.actor.stands_for}
    return [one for one in found if not mine.isdisjoint(one.owners) and one.standing is Standing.OPEN]


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["all"]:
            await run(scene, "")
        case ["done", id]:
            await _done(scene, id)
        case ["later", id]:
            await _later(scene, await _mine(scene, id))
        case ["not", id]:
            await _not_mine(scene, await _mine(scene, id))
        case _:
            raise Refusal


async def _done(scene: Scene, id: str) -> None:
    """What was promised has been done; the digest or the list in which it stood stays."""
    if not await follow_ups.done(scene.tx, scene.actor, id, scene.now, scene.today):
        scene.say(T("That has been settled already."))
        return
    await nudges.settle_subjects(scene.tx, "follow_up", [id])
    scene.note("follow_up.done", "follow_up", id)
    scene.say(T("✅ Good, that is done."))


async def _mine(scene: Scene, id: str) -> Noted:
    noted = await nudges.one(scene.tx, id)
    if noted is None or noted.person_id != scene.actor.person_id:
        raise Refusal(reason="somebody else's nudge")
    return noted


async def _later(scene: Scene, noted: Noted) -> None:
    """Once more in tomorrow morning's digest, if it is still owed then."""
    tomorrow = datetime.combine(scene.today + timedelta(days=1), time(DIGEST_HOUR), scene.zone)
    await nudges.note(scene.tx, [snoozed(noted, tomorrow)], scene.now)
    scene.note("nudge.later", "duty", noted.owed)
    scene.edit_tapped(T("Good, I will ask again tomorrow morning."))


async def _not_mine(scene: Scene, noted: Noted) -> None:
    """A coordinator mends what is wrong: the pairing, the home, the role."""
    await nudges.settle(scene.tx, [noted.owed])
    scene.note("nudge.not_mine", "duty", noted.owed)
    for keeper in await people.keepers(scene.tx, [Role.COORDINATOR], scene.today):
        if keeper.chat_id:
            scene.tell(
                Message(
                    keeper.chat_id,
                    text=T(
                        "{name} says that a reminder was meant for somebody else. Please look whether pairing and "
                        "roles are right.",
                        name=words(scene.actor.name),
                    ),
                    buttons=(
                        (Button(T("See {name}", name=words(scene.actor.name)), f"s|person|{scene.actor.person_id}"),),
                    ),
                    person_id=keeper.id,
                    priority=Priority.NUDGE,
                    key=f"notmine:{noted.id}:{keeper.id}",
                    needs=Action.PAIR,
                )
            )
    scene.edit_tapped(T("Thank you. I have told the coordinator, who will put it right."))


COMMAND = Command("due", Action.SEE_OWN_RECORDS, run, T("Waiting for me"), tapped=tapped, door=True)
