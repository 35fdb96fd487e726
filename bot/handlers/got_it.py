"""'Got it' below a notice: acknowledged, never 'read', for nobody can know that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.engine.command import Command
from bot.engine.message import Message, Verb
from bot.engine.notices import got_it, settle
from bot.engine.scene import Scene
from care.access import Action
from care.refusal import Refusal
from care.text import T
from storage import receipts

THANKS = T("✅ Got it, thank you")
LATELY = timedelta(days=3)


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    """The button itself says so; the notice stays as it is, with its picture."""
    match carried:
        case [id] if await receipts.acknowledge(scene.tx, id, scene.actor.person_id, scene.now) is not None:
            await settle(scene.tx, id, scene.actor.person_id)
            scene.tell(
                Message(
                    scene.actor.chat_id,
                    Verb.EDIT,
                    buttons=((got_it(id, THANKS),),),
                    message_id=scene.turn.message_id,
                    person_id=scene.actor.person_id,
                )
            )
        case _:
            raise Refusal


async def run(scene: Scene, _: str) -> None:
    """Typed as a command."""
    if not await acknowledge_latest(scene):
        scene.say(T("There is no notice that waits for you."))


async def acknowledge_latest(scene: Scene) -> bool:
    """For who types it rather than taps: everything that came lately. False where nothing did."""
    waiting = await receipts.unacknowledged(scene.tx, scene.actor.person_id, scene.now - LATELY)
    for notice_id in waiting:
        await receipts.acknowledge(scene.tx, notice_id, scene.actor.person_id, scene.now)
        await settle(scene.tx, notice_id, scene.actor.person_id)
    if waiting:
        scene.say(THANKS)
    return bool(waiting)


COMMAND = Command("got_it", Action.GET_NOTICE, run, tapped=tapped)
