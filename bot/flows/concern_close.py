"""The end of a concern, with a reason."""

from __future__ import annotations

from bot.engine.concerns import concerns_in_reach, silence, tell_those_told
from bot.engine.draw import named
from bot.engine.flow import Ask, Flow
from bot.engine.scene import Scene
from care.access import Action
from care.concern import Ending
from care.refusal import Refusal
from care.text import T, words
from storage import concerns


async def finish(scene: Scene, record: Ending) -> None:
    found = await concerns.one(scene.tx, scene.actor, record.concern)
    if found is None:
        raise Refusal(reason="no such concern in reach")
    if not await concerns.close(
        scene.tx, found.id, record.why.value, scene.actor.person_id, scene.now, record.words or ""
    ):
        scene.say(T("That one is closed already."))
        return
    await silence(scene, found.id)
    scene.note(Action.FOLLOW_CONCERN, "concern", found.id, detail="closed")
    text = T(
        "{name} has closed the worry about {child}: {why}.",
        name=words(scene.actor.name),
        child=named(found.about),
        why=record.why.label,
    )
    await tell_those_told(scene, found, text, "closed")
    scene.say(T("✅ Closed: {why}.", why=record.why.label))


FLOW = Flow(
    "concern_close",
    version=1,
    needs=Action.FOLLOW_CONCERN,
    title=T("Close a worry"),
    record=Ending,
    done=T("✅ Closed."),
    finish=finish,
    menu=False,
    given="concern",
    asks=(
        Ask("concern", T("Concern"), T("Which one is it about?"), concerns_in_reach),
        Ask("why", T("Why it is closed"), T("How did it end?")),
        Ask(
            "words",
            T("In your words"),
            T("Would you like to add a sentence?"),
            skip=T("Add no words"),
            sensitive=True,
        ),
    ),
)
