"""/away: 'I am away until ...', and 'I am back'."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine import absences as engine
from bot.engine import converse
from bot.engine.command import Command
from bot.engine.scene import Scene
from care.access import Action, may
from care.refusal import Refusal
from care.text import T
from storage import absences
from storage.absences import Absence

OVER = T("That is over already.")


async def run(scene: Scene, argument: str) -> None:
    """Who is away sees so; who is not is asked until when."""
    known = await absences.running(scene.tx, [scene.actor.person_id])
    absence = known.get(scene.actor.person_id)
    if absence and not argument:
        scene.say(await engine.told(scene.tx, absence), engine.rows_of(absence))
    else:
        await converse.start(scene, scene.registry.flows["absence"])


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["back", id]:
            await _back(scene, await absences.one(scene.tx, id))
        case ["cannot", id]:
            absence = await absences.one(scene.tx, id)
            if absence is None:
                scene.edit_tapped(OVER)
            else:
                await engine.decline(scene, absence)
        case _:
            raise Refusal


async def _back(scene: Scene, absence: Absence | None) -> None:
    if absence is None:
        scene.edit_tapped(OVER)
        return
    own = absence.person_id == scene.actor.person_id
    if not own and not may(scene.actor, Action.SET_AWAY):
        raise Refusal(reason="somebody else's absence")
    await engine.come_back(scene, absence)
    scene.edit_tapped(engine.WELCOME_BACK if own else T("✅ Noted: back again."))


COMMAND = Command("away", Action.BE_AWAY, run, T("I am away"), tapped=tapped, changes_people=True)
