"""/concern: somebody worries about a child and says so by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.concerns import (
    TOLD_AT_ONCE,
    TOLD_SOON,
    Opening,
    open_concern,
    open_quietly,
    points_to_harm,
)
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.offers import children_for
from bot.engine.scene import Scene
from care.access import Action
from care.concern import FIRST_TO_HEAR, Gravity, Raising
from care.people import Role
from care.text import T, words
from storage import children, people


async def _hearers(scene: Scene, answers: Mapping[str, Any]) -> Sequence[Choice]:
    """Those who would hear of it."""
    child = answers.get("child")
    found = await people.keepers(
        scene.tx, (*FIRST_TO_HEAR, Role.LEADER), scene.today, children=[child] if child else ()
    )
    return [
        Choice(one.id, T("{name} · {role}", name=words(one.name), role=one.role.label))
        for one in found
        if one.role and one.id != scene.actor.person_id
    ]


async def finish(scene: Scene, record: Raising) -> None:
    """Words that point to harm are for few eyes: the others hear that there is a worry, and not what was written."""
    child = await children.child(scene.tx, scene.actor, Action.RAISE_CONCERN, record.child)
    own, excluded = record.words or "", record.exclude or ""
    quiet = points_to_harm(scene, [own])
    id = await open_concern(
        scene, Opening([child], record.level, ("hand", ""), words="" if quiet else own, excluded=excluded)
    )
    if quiet:
        await open_quietly(scene, [child], ("hand", id), own, excluded)
    scene.say(TOLD_AT_ONCE if record.level is Gravity.URGENT else TOLD_SOON)


FLOW = Flow(
    "concern",
    version=1,
    needs=Action.RAISE_CONCERN,
    title=T("I am worried"),
    record=Raising,
    done=T("Thank you for looking after the child."),
    finish=finish,
    given="child",
    asks=(
        Ask(
            "child",
            T("Child"),
            T("Which child are you worried about? Tap, or type a name."),
            children_for(Action.RAISE_CONCERN),
            nobody=T("There is no child for you to see here at the moment."),
        ),
        Ask(
            "level",
            T("How urgent"),
            T("How urgent is it? With “Urgent”, the teacher, the school and the coordinator are told at once."),
        ),
        Ask(
            "words",
            T("What worries you"),
            T("What worries you? Type it here; I take your message out of the chat at once."),
            skip=T("Add no words"),
            sensitive=True,
        ),
        Ask(
            "exclude",
            T("Who must not hear of it"),
            T("Is it about one of these people? Whom you tap here hears nothing of it and cannot see it."),
            _hearers,
            optional=True,
        ),
    ),
)
