"""A step that somebody has taken about a concern, in a few words."""

from __future__ import annotations

from bot.engine.concerns import concerns_in_reach
from bot.engine.flow import Ask, Flow
from bot.engine.scene import Scene
from care.access import Action
from care.concern import Stepping
from care.refusal import Refusal
from care.text import T
from storage import concerns


async def finish(scene: Scene, record: Stepping) -> None:
    found = await concerns.one(scene.tx, scene.actor, record.concern)
    if found is None:
        raise Refusal(reason="no such concern in reach")
    await concerns.step(scene.tx, found.id, "step", scene.actor.person_id, scene.now, record.words)
    scene.note(Action.FOLLOW_CONCERN, "concern", found.id, detail="step")
    scene.say(T("✅ Noted."))


FLOW = Flow(
    "concern_step",
    version=1,
    needs=Action.FOLLOW_CONCERN,
    title=T("What was done"),
    record=Stepping,
    done=T("✅ Noted."),
    finish=finish,
    review=False,
    menu=False,
    given="concern",
    asks=(
        Ask("concern", T("Concern"), T("Which one is it about?"), concerns_in_reach),
        Ask(
            "words",
            T("What was done"),
            T("What did you do? A sentence is enough; I take your message out of the chat at once."),
            sensitive=True,
        ),
    ),
)
