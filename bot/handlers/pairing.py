"""Ending a pairing, from the page of the child or of who is paired: the child is out of their reach at once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.command import Command, starting
from bot.engine.message import Message, Priority
from bot.engine.scene import Scene
from care.access import Action
from care.refusal import Refusal
from care.text import T, words
from storage import pairings
from storage.pairings import Paired

GONE = T("That has been settled already.")


async def run(scene: Scene, _: str) -> None:
    scene.say(T("A pairing is ended on the child’s page: send /child."))


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case [("end" | "end!") as verb, id]:
            paired = await pairings.one(scene.tx, id)
            if paired is None:
                scene.edit_tapped(GONE)
            elif verb == "end":
                _ask(scene, paired)
            else:
                await _end(scene, paired)
        case ["keep", _]:
            scene.edit_tapped(T("Nothing was changed."))
        case _:
            raise Refusal


def _ask(scene: Scene, paired: Paired) -> None:
    scene.edit_tapped(
        T(
            "Is {name} no longer there for {child}? Access ends at once; what was recorded stays.",
            name=words(paired.name),
            child=paired.child.called,
        ),
        (
            (COMMAND.button(T("Yes, end it"), "end!", paired.id),),
            (COMMAND.button(T("No, keep it"), "keep", paired.id),),
        ),
    )


async def _end(scene: Scene, paired: Paired) -> None:
    """Somebody is to be there for the child again: that is the next tap."""
    await pairings.unpair(scene.tx, paired.id, scene.actor.person_id, scene.now)
    scene.note(Action.PAIR, "child", paired.child.id, detail=f"no longer with {paired.person_id}")
    scene.edit_tapped(
        T("✅ {name} is no longer paired with {child}.", name=words(paired.name), child=paired.child.called),
        ((starting("pair", T("Pair a child")),),),
    )
    if paired.chat_id:
        told = T(
            "You are no longer paired with {child}. Thank you for being there!", child=words(paired.child.short_name)
        )
        scene.tell(
            Message(paired.chat_id, text=told, person_id=paired.person_id, priority=Priority.NUDGE, protect=True)
        )


COMMAND = Command("pairing", Action.PAIR, run, tapped=tapped, changes_people=True)
