"""/language: taken from the phone, asked once, changed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.engine.command import Command
from bot.engine.greet import language_rows, menu
from bot.engine.scene import Scene
from care.access import Action
from care.refusal import Refusal
from care.text import T
from storage import people, strangers


async def run(scene: Scene, _: str) -> None:
    scene.say(T("Which language shall I speak with you?"), language_rows(scene.languages))


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    chosen = carried[0] if carried else ""
    if chosen not in scene.languages.names:
        raise Refusal
    scene.actor = replace(scene.actor, language=chosen, chosen_language=True)
    if not scene.actor.known:
        await strangers.remember_language(scene.tx, scene.turn.chat_id, chosen)
    else:
        await people.set_language(scene.tx, scene.actor.person_id, chosen)
        scene.tell(menu(scene.registry, scene.actor))
    scene.edit_tapped(T("Good, I speak English with you now. With /language you can change it at any time."))


COMMAND = Command("language", Action.START, run, T("Change the language"), tapped=tapped, changes_people=True)
