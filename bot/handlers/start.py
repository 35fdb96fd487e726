"""/start: a greeting for who is known."""

from __future__ import annotations

from bot.engine.command import Command
from bot.engine.greet import greeting, language_rows, menu
from bot.engine.scene import Scene
from care.access import Action
from care.text import T


async def run(scene: Scene, _: str) -> None:
    scene.say(*greeting(scene.registry, scene.actor))
    scene.tell(menu(scene.registry, scene.actor))
    if not scene.actor.chosen_language:
        scene.say(T("Shall I speak English with you?"), language_rows(scene.languages))


COMMAND = Command("start", Action.START, run)
