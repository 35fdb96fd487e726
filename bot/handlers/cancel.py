"""/cancel: stop the conversation that is going on."""

from __future__ import annotations

from bot.engine import converse
from bot.engine.command import Command
from bot.engine.scene import Scene
from care.access import Action
from care.text import T


async def run(scene: Scene, _: str) -> None:
    if not scene.live:
        scene.say(T("There is nothing to stop."))
        return
    conversation = scene.live[-1]
    converse.cancel(scene, converse.flow_of(scene, conversation), conversation)


COMMAND = Command("cancel", Action.START, run, T("Stop"))
